// Decides where the tests find the package that content can kill: made of pkg/ when this is imported, where it was not.

import path from "node:path";
import { pathToFileURL } from "node:url";
import { silent } from "../../../scripts/lib/log.mjs";
import { buildFaulty, FAULTY } from "../../../scripts/lib/faulty.mjs";

await buildFaulty({ log: silent });

export const { open } = await import(pathToFileURL(path.join(FAULTY, "dist", "index.node.js")).href);
