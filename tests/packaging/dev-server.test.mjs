// Vite's development server, which puts packages together in its own way and leaves the wasm file behind.

import test from "node:test";
import { startBrowser } from "../e2e/lib/browser.mjs";
import { cleanup } from "../e2e/lib/cleanup.mjs";
import { startServer } from "../e2e/lib/server.mjs";
import { checkApp, openAppPage } from "./lib/app-page.mjs";
import { prepareProject } from "./lib/project.mjs";
import { startSite } from "./lib/site.mjs";

test("an app under Vite's development server works in a page and in a worker", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const project = await prepareProject("vite");
  const vite = project.file("node_modules", "vite", "bin", "vite.js");
  const args = (port) => ["--host", "127.0.0.1", "--port", String(port), "--strictPort"];
  const site = own(await startSite(project.serving, vite, args, /Local:/));
  const browser = own(await startBrowser());
  const app = own(await openAppPage(browser, `${site.url}/`, server.url, "vite-dev"));
  await checkApp(own, app, server.url, "vite-dev", { wasm: "script" });
});
