// The server that y-websocket 2 brought along, with its documents on disk.

import { testServer } from "./lib/cases.mjs";
import { Y_WEBSOCKET_2 } from "./y-websocket/adapter.mjs";

testServer(Y_WEBSOCKET_2);
