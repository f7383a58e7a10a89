// For `globalSetup` of Vitest and of Jest. Tests find it by MOMENTO_LOCAL_PORT, MOMENTO_LOCAL_API_KEY and MOMENTO_LOCAL_ADMIN_URL.
import { startMomentoLocal } from './index.js';

/** Starts it. Vitest calls what this returns after the tests; Jest needs `globalTeardown` for that. */
export default async function setup() {
  const running = await startMomentoLocal();
  globalThis.__momentoLocal = running;
  process.env.MOMENTO_LOCAL_PORT = String(running.port);
  process.env.MOMENTO_LOCAL_API_KEY = running.apiKey;
  process.env.MOMENTO_LOCAL_ADMIN_URL = running.adminUrl;
  return () => running.stop();
}
