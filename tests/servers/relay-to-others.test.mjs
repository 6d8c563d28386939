// A relay that knows nothing of documents, on Node: what one sends goes to all others.

import { testServer } from "./lib/cases.mjs";
import { RELAY_TO_OTHERS } from "./relay/adapter.mjs";

testServer(RELAY_TO_OTHERS);
