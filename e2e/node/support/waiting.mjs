/** Waits until `holds()` is true; fails after `limit` milliseconds with `what` in the message.
 * The limit is for a machine so busy that a process of low priority hardly runs. */
export async function eventually(what, holds, limit = 60_000) {
  const end = Date.now() + limit;
  while (!(await holds())) {
    if (Date.now() > end) {
      throw new Error(`not within ${limit} ms: ${what}`);
    }
    await pause(20);
  }
}

export const pause = ms => new Promise(resolve => setTimeout(resolve, ms));
