/** Decides how the wasm is compiled: once, for as many instances as are ever needed. */

/** What the wasm can be made of: the module, the bytes, or a response with them. The file is `syncline/syncline.wasm`. */
export type WasmSource = WebAssembly.Module | BufferSource | Response;

/** Compiles the wasm, while it arrives where it is a response. */
export async function compile(source: WasmSource | Promise<WasmSource>): Promise<WebAssembly.Module> {
  const given = await source;
  if (given instanceof WebAssembly.Module) return given;
  if (typeof Response !== "function" || !(given instanceof Response)) return WebAssembly.compile(given as BufferSource);
  if (!given.ok) throw new Error(`failed to fetch '${given.url}': ${given.status} ${given.statusText}`);
  if (given.headers.get("Content-Type") === "application/wasm") return WebAssembly.compileStreaming(given);
  console.warn(`syncline: '${given.url}' is not served as application/wasm, so it is compiled only when all of it is there`);
  return WebAssembly.compile(await given.arrayBuffer());
}
