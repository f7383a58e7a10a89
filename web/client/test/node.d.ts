// The little of Node.js that the tests use.
declare module 'node:zlib' {
  export function gzipSync(text: string): Uint8Array;
}
declare module 'node:url' {
  export function fileURLToPath(url: URL): string;
}
