import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// The Content Security Policy of the server allows files of its own, and nothing inline.
export default defineConfig({
  base: './',
  plugins: [react()],
  // The client from its source: the playground is built without building it first.
  resolve: {
    alias: [
      { find: /^tokenvending-client\/(.+)$/, replacement: fileURLToPath(new URL('../client/src/$1.ts', import.meta.url)) },
      { find: 'tokenvending-client', replacement: fileURLToPath(new URL('../client/src/index.ts', import.meta.url)) },
    ],
  },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Momento's SDK is large, and is loaded when something is tried, not before.
    chunkSizeWarningLimit: 2000,
    // Its protobuf library has evals for browsers of long ago; the policy would stop them.
    rolldownOptions: { checks: { eval: false } },
  },
});
