// A relay that knows nothing of documents, on Node: what one sends goes to everybody.

import { testServer } from "./lib/cases.mjs";
import { RELAY_TO_ALL } from "./relay/adapter.mjs";

testServer(RELAY_TO_ALL);
