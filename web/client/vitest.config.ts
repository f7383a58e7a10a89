import { defineConfig } from 'vitest/config';

export default defineConfig({
  // They take milliseconds, but on a busy machine not always.
  test: { include: ['test/**/*.test.{ts,mjs}'], testTimeout: 60_000, hookTimeout: 120_000 },
});
