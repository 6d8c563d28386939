// Hocuspocus, with its documents in files.

import { testServer } from "./lib/cases.mjs";
import { HOCUSPOCUS } from "./hocuspocus/adapter.mjs";

testServer(HOCUSPOCUS);
