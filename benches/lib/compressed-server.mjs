// Decides how the pages are served whose opening is measured: compressed as a host of static files does it, never cached.

import { readdir, readFile } from "node:fs/promises";
import http from "node:http";
import path from "node:path";
import { brotliOf } from "./brotli.mjs";

/** What is sent compressed. A document goes as it is, as it would over a socket. */
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".wasm": "application/wasm" };

/** Serves the files of `folder` whose names `isServed` takes as they were at the start, and documents that come later. */
export async function serveCompressed(folder, isServed) {
  const files = new Map();
  for (const name of (await readdir(folder, { recursive: true })).filter(isServed)) {
    if (path.extname(name) in TYPES) files.set(`/${name}`, await answerOf(path.join(folder, name)));
  }
  const server = http.createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const answer = files.get(pathname) ?? (await documentOf(folder, pathname));
    response.setHeader("cache-control", "no-store");
    response.writeHead(answer ? 200 : 404, answer?.headers);
    response.end(answer?.content);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${server.address().port}`, close };
}

async function answerOf(file) {
  const content = await brotliOf(file);
  const type = TYPES[path.extname(file)];
  return { content, headers: { "content-type": type, "content-encoding": "br", "content-length": content.length } };
}

async function documentOf(folder, pathname) {
  const [, library, name] = pathname.split("/");
  if (!name?.endsWith(".bin")) return undefined;
  const content = await readFile(path.join(folder, library, name));
  return { content, headers: { "content-type": "application/octet-stream", "content-length": content.length } };
}
