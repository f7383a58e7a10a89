import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  // Served under any path.
  base: './',
  plugins: [react()],
  // The client from its source: the chat is built without building it first.
  resolve: {
    alias: [
      { find: /^tokenvending-client\/(.+)$/, replacement: fileURLToPath(new URL('../client/src/$1.ts', import.meta.url)) },
      { find: 'tokenvending-client', replacement: fileURLToPath(new URL('../client/src/index.ts', import.meta.url)) },
    ],
  },
  // What the SDK's gRPC code expects of its surroundings.
  define: { global: 'globalThis' },
  build: { target: 'es2022', chunkSizeWarningLimit: 1500, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
