// A relay that knows nothing of documents, on FastAPI: bytes go to all others of the room.

import { testServer } from "./lib/cases.mjs";
import { RELAY_OF_BYTES } from "./relay/adapter.mjs";

testServer(RELAY_OF_BYTES);
