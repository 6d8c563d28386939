// Decides how files are served to the browser: over loopback, with the right types, never stale, never from outside a folder.

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import http from "node:http";
import path from "node:path";
import { pipeline } from "node:stream/promises";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
};

/**
 * Serves folders, and values as JSON.
 * @param {{ folders: Record<string, string>, json?: Record<string, () => unknown>, headers?: Record<string, string>,
 *   port?: number }} what `folders` maps URL prefixes such as "/pkg/" to folders, the longest prefix first; `json` maps
 *   whole paths to what they answer; `headers` are added to every answer
 * @returns {Promise<{ url: string, port: number, close: () => Promise<void> }>} rejects with code EADDRINUSE
 */
export async function serve({ folders, json = {}, headers = {}, port = 0 }) {
  const prefixes = Object.keys(folders).sort((a, b) => b.length - a.length);
  const server = http.createServer(async (request, response) => {
    // Asked for anew each time, but not "no-store": that would keep the page out of the cache for going back.
    response.setHeader("cache-control", "no-cache");
    response.setHeader("x-content-type-options", "nosniff");
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (request.method !== "GET" && request.method !== "HEAD") return refuse(response, 405);
    const location = decodedPath(request.url);
    if (location === undefined) return refuse(response, 400);
    if (Object.hasOwn(json, location)) return answerJson(response, json[location]());
    const prefix = prefixes.find((candidate) => location.startsWith(candidate));
    if (prefix === undefined) return refuse(response, 404);
    await answerFile(request, response, folders[prefix], location.slice(prefix.length));
  });
  await listen(server, port);
  const actual = server.address().port;
  return { url: `http://127.0.0.1:${actual}`, port: actual, close: () => close(server) };
}

/** The path a request names, or undefined when it is no path: undecodable, or with a NUL. */
function decodedPath(url) {
  try {
    // Put behind a host, so that a path that begins with two slashes does not name one.
    const decoded = decodeURIComponent(new URL(`http://localhost${url}`).pathname);
    return decoded.includes("\0") ? undefined : decoded;
  } catch {
    return undefined;
  }
}

async function answerFile(request, response, folder, relative) {
  const root = path.resolve(folder);
  const file = path.resolve(root, relative === "" || relative.endsWith("/") ? `${relative}index.html` : relative);
  const inside = file.startsWith(root + path.sep);
  const found = inside ? await stat(file).catch(() => undefined) : undefined;
  if (!found?.isFile()) return refuse(response, 404);
  response.writeHead(200, {
    "content-type": TYPES[path.extname(file)] ?? "application/octet-stream",
    "content-length": found.size,
  });
  if (request.method === "HEAD") return response.end();
  // A reader that leaves in the middle is no failure of ours.
  await pipeline(createReadStream(file), response).catch(() => response.destroy());
}

function answerJson(response, value) {
  response.writeHead(200, { "content-type": TYPES[".json"] });
  response.end(JSON.stringify(value));
}

function refuse(response, status) {
  response.writeHead(status, { "content-type": TYPES[".txt"] });
  response.end(`${http.STATUS_CODES[status]}\n`);
}

function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1", exclusive: true }, resolve);
  });
}

function close(server) {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
