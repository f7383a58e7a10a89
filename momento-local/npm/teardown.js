// For `globalTeardown` of Jest.
export default async function teardown() {
  await globalThis.__momentoLocal?.stop();
}
