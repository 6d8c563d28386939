// The y-websocket server of today, with its documents in memory: they are gone when it stops.

import { testServer } from "./lib/cases.mjs";
import { Y_WEBSOCKET_SERVER_IN_MEMORY } from "./y-websocket/adapter.mjs";

testServer(Y_WEBSOCKET_SERVER_IN_MEMORY);
