// Callers of the machine: each asks for a token when his time comes, and obeys Retry-After until he has one.
import { Agent, get } from 'node:http';

const ANSWER_LIMIT_MS = 60_000;

/** Milliseconds on a clock that never goes back and that all processes of this machine share. */
export const now = () => Number(process.hrtime.bigint() / 1000n) / 1000;

export const until = time => new Promise(resolve => setTimeout(resolve, Math.max(0, time - now())));

/** Connections that are kept and shared, as a proxy in front of the machine keeps them. */
export function connections(most) {
  return new Agent({ keepAlive: true, maxSockets: most, scheduling: 'fifo' });
}

/** Asks once: status, Retry-After as it was sent, and the body. A status of 0 is no answer. */
export async function ask(url, headers, agent) {
  for (let attempt = 0; ; attempt++) {
    const answer = await once(url, headers, agent);
    // A kept connection that the other side closed just now has carried nothing: any client tries another one.
    if (answer.status !== 0 || !answer.stale || attempt === 3) return answer;
  }
}

function once(url, headers, agent) {
  return new Promise(resolve => {
    const request = get(url, { agent, headers, timeout: ANSWER_LIMIT_MS }, response => {
      const chunks = [];
      response.on('data', chunk => chunks.push(chunk));
      response.on('error', error => resolve({ status: 0, error: String(error), stale: false }));
      response.on('end', () =>
        resolve({ status: response.statusCode, retryAfter: response.headers['retry-after'], body: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.on('error', error => resolve({ status: 0, error: String(error), stale: request.reusedSocket && error.code === 'ECONNRESET' }));
  });
}

/**
 * One caller, from his arrival to his token. He comes back when Retry-After says, and not before; without one he waits
 * `patience.withoutRetryAfter` milliseconds, or gives up where that is not set. He gives up after `patience.asks` asks and at
 * the time `patience.end`.
 *
 * Gives: `arrived`, `done` (times), `served`, `asks`, `told` (how often he was told when to come back), and `errors`, what he
 * was answered that is neither a token nor a 503 with a Retry-After of whole seconds; `trace`, each ask as
 * [sent, answered, status, Retry-After].
 */
export async function call({ arrival, headers }, urlOf, agent, patience) {
  await until(arrival);
  const caller = { arrived: arrival, done: NaN, served: false, asks: 0, told: 0, errors: [], trace: [] };
  while (caller.asks < patience.asks && now() < patience.end) {
    caller.asks++;
    const sent = now();
    const answer = await ask(urlOf(caller.asks), headers, agent);
    caller.done = now();
    caller.trace.push([sent, caller.done, answer.status, Number(answer.retryAfter ?? 0)]);
    if (answer.status === 200 && tokenIn(answer.body)) {
      caller.served = true;
      return caller;
    }
    const honest = answer.status === 503 && /^[1-9]\d*$/.test(answer.retryAfter ?? '');
    if (honest) {
      caller.told++;
      await until(Math.min(now() + Number(answer.retryAfter) * 1000, patience.end));
    } else {
      caller.errors.push(answer.status === 0 ? answer.error : String(answer.status));
      if (patience.withoutRetryAfter === undefined) return caller;
      await until(Math.min(now() + patience.withoutRetryAfter, patience.end));
    }
  }
  return caller;
}

function tokenIn(body) {
  try {
    const { authToken } = JSON.parse(body);
    return typeof authToken === 'string' && authToken.length > 0;
  } catch {
    return false;
  }
}
