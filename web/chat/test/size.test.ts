import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, test, vi } from 'vitest';

test('the page starts with at most 90 KiB, compressed, and loads the SDK on Join', { timeout: 120_000 }, async () => {
  // Else React is its development build.
  vi.stubEnv('NODE_ENV', 'production');
  const result = await build({ root: fileURLToPath(new URL('..', import.meta.url)), logLevel: 'silent', build: { write: false } });
  const { output } = (Array.isArray(result) ? result[0] : result) as {
    output: { fileName: string; isEntry?: boolean; imports?: string[]; code?: string; source?: string | Uint8Array }[];
  };
  const entry = output.find(file => file.isEntry)!;
  // What the entry imports is loaded with it; what it imports later is not in this list.
  const first = output.filter(file => file === entry || entry.imports!.includes(file.fileName) || /\.(css|html)$/.test(file.fileName));
  const bytes = first.reduce((sum, { code, source }) => sum + gzipSync(code ?? source!).length, 0);
  console.info(`the chat starts with ${bytes} bytes, compressed`);
  expect(bytes).toBeGreaterThan(20 * 1024);
  expect(bytes).toBeLessThan(90 * 1024);
  vi.unstubAllEnvs();
  expect(output.some(file => !first.includes(file) && file.code?.includes('XMLHttpRequest'))).toBe(true);
});
