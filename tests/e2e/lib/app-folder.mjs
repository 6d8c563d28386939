// Decides how tests bundle apps of their own: with the built package, found as after `npm install`.

import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ROOT } from "../../../scripts/lib/run.mjs";
import { serve } from "../../../scripts/lib/static-server.mjs";

/** The package as it was built. */
export const PACKAGE = path.join(ROOT, "pkg");

/** What every app is bundled with; `nodePaths` comes from {@link serveApp}. */
export const BUNDLING = { absWorkingDir: ROOT, bundle: true, format: "esm", target: "es2022", logLevel: "warning" };

/**
 * Has `bundle` put an app into a folder and serves that on a free port until `close`.
 * @param {(folder: string, nodePaths: string[]) => Promise<void>} bundle
 */
export async function serveApp(bundle) {
  const base = await mkdtemp(path.join(tmpdir(), "syncline-app-"));
  const remove = () => rm(base, { recursive: true, force: true });
  try {
    const [folder, modules] = ["app", "node_modules"].map((name) => path.join(base, name));
    for (const made of [folder, modules]) await mkdir(made);
    await symlink(PACKAGE, path.join(modules, "syncline"), "junction");
    await bundle(folder, [modules]);
    const { url, close } = await serve({ folders: { "/": folder } });
    return { url, folder, close: () => close().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}
