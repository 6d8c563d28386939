// The worker of the app: has the same document, stored and shared with the tabs of the browser.

import { open } from "syncline";
import { runInWorker } from "./in-worker.js";

runInWorker(open);
