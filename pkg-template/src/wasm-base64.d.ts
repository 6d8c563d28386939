/** The wasm file as text; scripts/build.mjs writes the module. */
export declare const WASM_BASE64: string;
