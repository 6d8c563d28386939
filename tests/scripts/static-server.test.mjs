// The server of the pages gives files their types, and nothing from outside its folders.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { serve } from "../../scripts/lib/static-server.mjs";
import { cleanup } from "../e2e/lib/cleanup.mjs";

async function site(t) {
  const own = cleanup(t);
  const folder = await mkdtemp(path.join(tmpdir(), "syncline-site-"));
  own(folder, () => rm(folder, { recursive: true }));
  await mkdir(path.join(folder, "public", "sub"), { recursive: true });
  await writeFile(path.join(folder, "secret.txt"), "secret");
  await writeFile(path.join(folder, "public", "index.html"), "<title>home</title>");
  await writeFile(path.join(folder, "public", "a b.wasm"), "\0asm");
  await writeFile(path.join(folder, "public", "sub", "index.html"), "<title>sub</title>");
  const server = own(
    await serve({
      folders: { "/": path.join(folder, "public"), "/nested/": path.join(folder, "public", "sub") },
      json: { "/config.json": () => ({ server: "ws://127.0.0.1:1" }) },
      headers: { "content-security-policy": "default-src 'self'" },
    }),
  );
  return server;
}

/** A request whose path is sent as it is; `fetch` would tidy it up. */
function rawRequest(port, rawPath, method = "GET") {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port, path: rawPath, method }, async (response) => {
      let body = "";
      for await (const chunk of response) body += chunk;
      resolve({ status: response.statusCode, headers: response.headers, body });
    });
    request.on("error", reject);
    request.end();
  });
}

test("files come with their type and are never kept by the browser", async (t) => {
  const { port } = await site(t);
  const home = await rawRequest(port, "/");
  assert.equal(home.body, "<title>home</title>");
  assert.equal(home.headers["content-type"], "text/html; charset=utf-8");
  assert.equal(home.headers["cache-control"], "no-cache");
  const wasm = await rawRequest(port, "/a%20b.wasm?x=1");
  assert.equal(wasm.headers["content-type"], "application/wasm");
  assert.equal((await rawRequest(port, "/", "HEAD")).body, "");
});

test("the longest prefix decides the folder, and JSON comes before files", async (t) => {
  const { port } = await site(t);
  assert.equal((await rawRequest(port, "/nested/")).body, "<title>sub</title>");
  assert.equal((await rawRequest(port, "/sub/")).body, "<title>sub</title>");
  assert.deepEqual(JSON.parse((await rawRequest(port, "/config.json")).body), { server: "ws://127.0.0.1:1" });
});

test("headers that were asked for are on every answer", async (t) => {
  const { port } = await site(t);
  for (const location of ["/", "/config.json", "/missing"]) {
    const { headers } = await rawRequest(port, location);
    assert.equal(headers["content-security-policy"], "default-src 'self'", location);
  }
});

test("nothing outside a folder is served, however the path is written", async (t) => {
  const { port } = await site(t);
  for (const attempt of ["/../secret.txt", "/%2e%2e/secret.txt", "/sub/..%2f..%2fsecret.txt", "/%2e%2e%2fsecret.txt", "//secret.txt"]) {
    const { status, body } = await rawRequest(port, attempt);
    assert.notEqual(body, "secret", attempt);
    assert.equal(status, 404, attempt);
  }
});

test("what is no file, no path or no read is refused", async (t) => {
  const { port } = await site(t);
  assert.equal((await rawRequest(port, "/missing")).status, 404);
  assert.equal((await rawRequest(port, "/sub")).status, 404);
  assert.equal((await rawRequest(port, "/%zz")).status, 400);
  assert.equal((await rawRequest(port, "/%00")).status, 400);
  assert.equal((await rawRequest(port, "/", "POST")).status, 405);
});

test("a port that is taken is told by its code", async (t) => {
  const { port } = await site(t);
  await assert.rejects(serve({ folders: {}, port }), { code: "EADDRINUSE" });
});
