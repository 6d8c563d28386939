// pycrdt-websocket under FastAPI, with its rooms in SQLite.

import { testServer } from "./lib/cases.mjs";
import { PYCRDT_SQLITE } from "./pycrdt/adapter.mjs";

testServer(PYCRDT_SQLITE);
