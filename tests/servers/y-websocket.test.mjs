// The y-websocket server of today, with its documents on disk.

import { testServer } from "./lib/cases.mjs";
import { Y_WEBSOCKET_SERVER } from "./y-websocket/adapter.mjs";

testServer(Y_WEBSOCKET_SERVER);
