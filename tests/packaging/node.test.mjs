// Node, this one and Node 20, which has no WebSocket of its own; by `import` and from CommonJS.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import test, { before } from "node:test";
import { cleanup } from "../e2e/lib/cleanup.mjs";
import { startServer } from "../e2e/lib/server.mjs";
import { joinWithYjs } from "../e2e/lib/yjs-client.mjs";
import { prepareProject } from "./lib/project.mjs";

const THIS = process.execPath;

let project;

before(async () => (project = await prepareProject("node")));

for (const script of ["edit.mjs", "edit.cjs"]) {
  test(`${script} edits a room under Node ${process.version}`, (t) => checkScript(t, THIS, script));
}

test(`Node ${process.version} without a WebSocket is told which option it is that passes one`, () => checkWithout(THIS));

if (!process.version.startsWith("v20.")) {
  test("all of it works under Node 20", async (t) => {
    const holder = await prepareProject("node-20");
    const node = holder.file("node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");
    if (!existsSync(node)) return t.skip(`the project has no Node 20 for ${process.platform} ${process.arch}`);
    const { output } = await project.node(node, "--version");
    assert.match(output, /^v20\./);
    for (const script of ["edit.mjs", "edit.cjs"]) await t.test(script, (t) => checkScript(t, node, script));
    await checkWithout(node);
  });
}

/** Has `node` run a script that writes to the room, beside a client of Yjs. */
async function checkScript(t, node, script) {
  const own = cleanup(t);
  const server = own(await startServer());
  const peer = own(await joinWithYjs(server.url, "notes"));
  peer.body.insert(0, "from Yjs");
  // Whoever is told of it by the server shows that the server has it.
  await own(await joinWithYjs(server.url, "notes")).shows("from Yjs");
  const { output } = await project.node(node, script, server.url, "notes", "from Node, ");
  assert.match(output, /^v\S+ function from Node, from Yjs$/);
  await peer.shows("from Node, from Yjs");
}

async function checkWithout(node) {
  const { output } = await project.node(node, "alone.mjs");
  assert.match(output, /^no-websocket: .*WebSocket/);
}
