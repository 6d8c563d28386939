// Decides where the pages of the tests are served: /pkg/ is the built package, /pages/ and /lib/ the tests' own, the rest the demo.

import path from "node:path";
import { DEMO } from "../../../scripts/lib/build-all.mjs";
import { ROOT } from "../../../scripts/lib/run.mjs";
import { serve } from "../../../scripts/lib/static-server.mjs";

/** Serves all pages on a free port; the demo is told to use the y-websocket server at `server`. */
export async function servePages({ server } = {}) {
  const folders = {
    "/pkg/": path.join(ROOT, "pkg"),
    "/pages/": path.join(ROOT, "tests", "e2e", "pages"),
    "/lib/": path.join(ROOT, "tests", "e2e", "lib"),
    "/": DEMO,
  };
  const { url, close } = await serve({ folders, json: { "/config.json": () => ({ server }) } });
  return { bare: `${url}/pages/bare.html`, demo: `${url}/`, url, close };
}
