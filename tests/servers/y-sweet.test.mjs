// A real y-sweet server: it sends markers back, and drops in silence what somebody writes who may only read.

import { testServer } from "./lib/cases.mjs";
import { Y_SWEET } from "./y-sweet/adapter.mjs";

testServer(Y_SWEET);
