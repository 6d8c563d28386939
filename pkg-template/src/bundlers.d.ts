/** What bundlers replace with constants, as far as load-bundled.ts asks for it. */

interface ImportMeta {
  /** Of Vite. */
  readonly env?: { readonly PROD?: boolean };
}

declare namespace NodeJS {
  interface Process {
    /** Of Turbopack in Next.js. */
    readonly turbopack?: boolean;
  }
}
