// The worker of the app, without a bundler.

import { open } from "./node_modules/syncline/dist/index.browser.js";
import { runInWorker } from "./src/in-worker.js";

runInWorker(open);
