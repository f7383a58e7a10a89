// The parts of Node.js that vite.config.ts uses.
declare module 'node:url' {
  export function fileURLToPath(url: URL): string;
}
