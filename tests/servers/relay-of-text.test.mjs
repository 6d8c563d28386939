// A relay that knows nothing of documents, on FastAPI: text goes to all of the room.

import { testServer } from "./lib/cases.mjs";
import { RELAY_OF_TEXT } from "./relay/adapter.mjs";

testServer(RELAY_OF_TEXT);
