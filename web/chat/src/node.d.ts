// The parts of Node.js that vite.config.ts and the tests use.
declare module 'node:url' {
  export function fileURLToPath(url: URL): string;
}
declare module 'node:zlib' {
  export function gzipSync(content: string | Uint8Array): Uint8Array;
}
