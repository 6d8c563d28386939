// Every bundler, without a line of configuration: what it builds works from a static server.

import test, { after, before } from "node:test";
import { serve } from "../../scripts/lib/static-server.mjs";
import { startBrowser } from "../e2e/lib/browser.mjs";
import { cleanup } from "../e2e/lib/cleanup.mjs";
import { startServer } from "../e2e/lib/server.mjs";
import { joinWithYjs } from "../e2e/lib/yjs-client.mjs";
import { checkApp, checkLoading, openAppPage } from "./lib/app-page.mjs";
import { prepareProject } from "./lib/project.mjs";

/** How the wasm comes with what each of them builds. */
const BUNDLERS = [
  { name: "vite", wasm: "file" },
  { name: "webpack", wasm: "file" },
  { name: "esbuild", wasm: "script" },
  { name: "rollup", wasm: "script" },
];

/** What esbuild is told where the script is not to carry the wasm; see docs/packaging.md. */
const BY_CONDITION = { name: "esbuild", script: "build:file", folder: ["dist", "file"], wasm: "file" };

/** Those that make one script which is no module, when nothing is said of modules. */
const CLASSIC = ["esbuild", "rollup"];

let browser;
let server;

before(async () => {
  browser = await startBrowser();
  server = await startServer();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

for (const { name, wasm, script = "build", folder = ["dist"] } of [...BUNDLERS, BY_CONDITION]) {
  test(`an app that ${name} builds by its script ${script} works in a page and in a worker`, async (t) => {
    const own = cleanup(t);
    const project = await prepareProject(name);
    await project.npm(script);
    const site = own(await serve({ folders: { "/": project.file(...folder) } }));
    const room = `${name}-${script}`;
    const app = own(await openAppPage(browser, `${site.url}/`, server.url, room));
    await checkApp(own, app, server.url, room, { wasm });
  });
}

for (const name of CLASSIC) {
  test(`one classic script that ${name} builds works`, async (t) => {
    const own = cleanup(t);
    const project = await prepareProject(name);
    await project.npm("build:classic");
    const site = own(await serve({ folders: { "/": project.file("dist", "classic") } }));
    const room = `${name}-classic`;
    const app = own(await openAppPage(browser, `${site.url}/`, server.url, room));
    await app.until(() => window.app?.body);
    await app.run(() => window.app.body.insert(0, "from a classic script"));
    await own(await joinWithYjs(server.url, room)).shows("from a classic script");
    await checkLoading(app, "script");
  });
}
