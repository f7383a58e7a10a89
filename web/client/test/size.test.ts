import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, test } from 'vitest';

/** Bytes of what a page has to load for `code`, minified and compressed, without the SDK. */
async function size(code: string): Promise<number> {
  const entry = 'entry.js';
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'entry',
        resolveId: id => (id === entry ? id : undefined),
        load: id => (id === entry ? code : undefined),
      },
    ],
    build: {
      write: false,
      target: 'es2022',
      minify: true,
      rollupOptions: { input: entry, external: ['@gomomento/sdk-web'], preserveEntrySignatures: 'strict' },
    },
  });
  const output = (Array.isArray(result) ? result[0]! : result) as { output: { type: string; code?: string }[] };
  return gzipSync(output.output.map(chunk => chunk.code ?? '').join('')).length;
}

const client = JSON.stringify(fileURLToPath(new URL('../src/index.ts', import.meta.url)));

test('all of it is under 6 kB', async () => {
  const bytes = await size(`export * from ${client}`);
  console.info(`tokenvending-client: ${bytes} bytes, minified and compressed, without the SDK`);
  expect(bytes).toBeGreaterThan(1000);
  expect(bytes).toBeLessThan(6 * 1024);
});

test('what a page does not use it does not load', async () => {
  const some = await size(`export { none, TokenSource } from ${client}`);
  expect(some).toBeLessThan((await size(`export * from ${client}`)) * 0.65);
});
