// Callers: each requests a token at its time, and obeys Retry-After until it has one.
import { Agent, get } from 'node:http';

const ANSWER_LIMIT_MS = 60_000;

/** Milliseconds on a monotonic clock that all processes of this machine share. */
export const now = () => Number(process.hrtime.bigint() / 1000n) / 1000;

export const until = time => new Promise(resolve => setTimeout(resolve, Math.max(0, time - now())));

/** Connections that are kept alive and shared, as by a proxy. */
export function connections(most) {
  return new Agent({ keepAlive: true, maxSockets: most, scheduling: 'fifo' });
}

/** Sends one request; returns status, Retry-After as received, and the body. A status of 0 means no response. */
export async function ask(url, headers, agent) {
  for (let attempt = 0; ; attempt++) {
    const answer = await once(url, headers, agent);
    // A kept connection that the server has just closed carried nothing, so any client tries another one.
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
 * Runs one caller from its arrival to its token. It returns at its Retry-After time; without one it waits
 * `limits.withoutRetryAfter` milliseconds, or gives up if that is not set. It gives up after `limits.asks`
 * requests and at the time `limits.end`. Returns `arrived` and `done` (times), `served`, `asks`, `rejections` (those
 * with Retry-After), `errors` (responses that are neither a token nor a 503 with a Retry-After of whole seconds) and
 * `trace`, each request as [sent, answered, status, Retry-After].
 */
export async function call({ arrival, headers }, urlOf, agent, limits) {
  await until(arrival);
  const caller = { arrived: arrival, done: NaN, served: false, asks: 0, rejections: 0, errors: [], trace: [] };
  while (caller.asks < limits.asks && now() < limits.end) {
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
      caller.rejections++;
      await until(Math.min(now() + Number(answer.retryAfter) * 1000, limits.end));
    } else {
      caller.errors.push(answer.status === 0 ? answer.error : String(answer.status));
      if (limits.withoutRetryAfter === undefined) return caller;
      await until(Math.min(now() + limits.withoutRetryAfter, limits.end));
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
