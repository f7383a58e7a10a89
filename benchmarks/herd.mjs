// herd: bursts of callers, judged by Momento's limit of 5 tokens per second
//
//   ./tvm bench herd [PART…] [--scale 1] [--short] [--jitter 1-20] [--seed 1] [--max-wait 2s] [--cold] [--trace]
//
// Parts, by default all of them; docs/scaling.md explains each figure.
//   everyone   one token for all: 10,000 callers over 60 s, then 2,000 in one second
//   caller     a token for each of 1,000 callers that arrive within 6 s, on one instance
//   caller3    the same on three instances with one Redis
//   greedy     40 callers that want three tokens each, without and with one client at 100 times its share
//   known      the memory of 1,000,000 known callers in one process, in live heap
//   peer       the burst of `caller` against a plain handler with Momento's SDK for Node.js
// --scale shrinks bursts and their times at the same density; --short is --scale 0.2. Each server first answers some thousand
// requests of one caller, whose token is reused, and before `caller` and `caller3` it serves a burst of eighty; --cold omits both.
// Writes herd.json into the current directory, keeping the results of other parts, and with --trace every request of `caller` and
// `caller3`. Exit code 1: a target was missed.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ask, call, connections, now, until } from './support/callers.mjs';
import { arrivals, flat, largest, median, quantile, random } from './support/figures.mjs';
import { startIssuer } from '../testing/node/issuer.mjs';
import { judgeCrowd } from './support/judging.mjs';
import { API_KEY, liveHeapMb, redis, serve, start, startNode, temporaryFolder, watchMemory } from './support/processes.mjs';
import { machineLine, mergeJson, table, writeJson } from './support/report.mjs';

const RATE = 5;
const AUDIENCE = 'herd';
// More connections than a browser's, fewer than the server's limit of 2,000: as from a proxy in front of it.
const CONNECTIONS = 1200;
// Shows a caller that is rejected too often, and ends one that never succeeds.
const MOST_ASKS = 30;
const GREED = 100;
const MEMORY_TOLERANCE = 0.1;
// Half of the memory of the smallest Lambda function.
const KNOWN_MB = 64;
const GROWTH_MB = 16;
const SETTLED_SECONDS = 120;
// A JVM's first responses are slow. These are for one caller with a rule of its own, so that nothing is cached for
// the burst. It sends many JWTs in turn, because a server verifies each of them once, and all of the burst's are new.
const WARMING = 3000;
const WARM_CONNECTIONS = 32;
const WARM_JWTS = 640;
// A burst opens connections, so this caller opens a new one after so many responses.
const WARM_ANSWERS = 10;
// So many callers for each server queue once before the measured bursts.
const WARM_UP_CALLERS = 80;
const WARM_CALLER = 'warm-up';
// Any key works: the benchmark's token service accepts all.

const PARTS = { everyone, caller: () => burstOfCallers(1, false), caller3: () => burstOfCallers(3, true), greedy, known, peer };

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scale: { type: 'string' },
    short: { type: 'boolean', default: false },
    jitter: { type: 'string', default: '1-20' },
    seed: { type: 'string', default: '1' },
    'max-wait': { type: 'string' },
    cold: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
  },
});
const scale = Number(options.scale ?? (options.short ? 0.2 : 1));
const seed = Number(options.seed);
const parts = positionals.length > 0 ? positionals : Object.keys(PARTS);
if (!(scale > 0 && scale <= 10) || !parts.every(part => Object.hasOwn(PARTS, part))) {
  console.error(`herd: --scale is above 0 and at most 10, the parts are ${Object.keys(PARTS).join(', ')}`);
  process.exit(2);
}
const scaled = number => Math.max(1, Math.round(number * scale));

// ------------------------------------------------------------------------------------------------- the stage

let issuer;
const signed = [];

/** JWTs of `count` different callers. They are signed before the measurement and reused by the next part. */
async function tokens(count) {
  if (signed.length < count) {
    const subjects = Array.from({ length: count - signed.length }, (_, i) => `caller-${signed.length + i}`);
    signed.push(...(await issuer.tokens(AUDIENCE, subjects)));
  }
  return signed.slice(0, count);
}

/** Starts a token service for each run, so that no run inherits the window of another. */
async function startUpstream() {
  const upstream = await startNode('upstream.mjs', ['--rate', String(RATE), '--jitter', options.jitter, '--seed', String(seed)], {
    ready: /^ready: (\S+) control: (\S+)$/m,
  });
  const [, address, control] = upstream.match;
  return { ...upstream, address, calls: async () => (await fetch(`${control}/calls`)).json(), forget: () => fetch(`${control}/reset`, { method: 'POST' }) };
}

/**
 * The server's file: JWTs of the benchmark's issuer, a rule, another rule for the warm-up, and room for all
 * connections from one address; the rest are defaults.
 */
function configuration(upstream, reuse, state) {
  const file = join(temporaryFolder(), 'tvm.yaml');
  const momento = ['api-key: env:HERD_API_KEY', `token-service: "http://${upstream.address}"`];
  if (options['max-wait'] !== undefined) momento.push(`max-wait: ${options['max-wait']}`);
  writeFileSync(
    file,
    `authentication:
  - oidc: { issuer: "${issuer.name}", audience: ${AUDIENCE}, jwks-uri: "${issuer.keys}" }
rules:
  - id: warm-up
    when: { claims: { sub: ${WARM_CALLER} } }
    reuse: caller
    permissions:
      - { role: SubscribeOnly, cache: chat, topic: room }
  - id: burst
    reuse: ${reuse}
    permissions:
      - { role: SubscribeOnly, cache: chat, topic: room }
limits: { connections-per-address: 2000 }
momento: { ${momento.join(', ')} }
${state === undefined ? '' : `state: "${state}"\nmax-instances: 3\n`}audit: { to: file:audit.jsonl }
`,
  );
  return file;
}

/**
 * Runs `play` against `instances` servers with a new token service; returns its result, the token service's log and
 * the memory.
 */
async function stage({ reuse, instances = 1, shared = false, warmedUp = false }, play) {
  const started = [];
  try {
    const upstream = await startUpstream();
    started.push(upstream);
    const store = shared ? await redis() : undefined;
    if (store !== undefined) started.push(store);
    const machines = [];
    for (let i = 0; i < instances; i++) {
      const machine = await serve(configuration(upstream, reuse, store?.url), { HERD_API_KEY: API_KEY });
      started.push(machine);
      machines.push(machine);
    }
    if (!options.cold) {
      await Promise.all(machines.map(machine => warm(machine.url)));
      if (warmedUp) await warmUpQueue(machines.map(machine => machine.url));
      // Earlier grants have left the window on both sides before the burst.
      await until(now() + 1100);
      await upstream.forget();
    }
    const pids = machines.map(machine => machine.pid);
    const liveBefore = pids.map(liveHeapMb);
    const memory = watchMemory(pids);
    const played = await play(machines.map(machine => machine.url));
    const residentMb = memory.stop();
    return { played, calls: await upstream.calls(), memory: judgeMemory(residentMb, liveBefore, pids.map(liveHeapMb)) };
  } finally {
    for (const process of started.reverse()) await process.stop();
  }
}

async function warm(url) {
  const jwts = await issuer.tokens(AUDIENCE, Array(WARM_JWTS).fill(WARM_CALLER));
  const agent = connections(1);
  const headers = jwt => ({ authorization: `Bearer ${jwt}` });
  await call({ arrival: now(), headers: headers(jwts[0]) }, () => url, agent, { asks: 5, end: now() + 20_000 });
  let asked = 0;
  const share = async () => {
    while (asked < WARMING) {
      const own = connections(1);
      for (let i = 0; i < WARM_ANSWERS && asked < WARMING; i++) await ask(url, headers(jwts[asked++ % WARM_JWTS]), own);
      own.destroy();
    }
  };
  await Promise.all(Array.from({ length: WARM_CONNECTIONS }, share));
  agent.destroy();
}

/** Serves a small burst of other callers, because queueing runs code that is not warm yet. */
async function warmUpQueue(urls) {
  const count = Math.min(WARM_UP_CALLERS, scaled(5 * WARM_UP_CALLERS)) * urls.length;
  const jwts = await issuer.tokens(AUDIENCE, Array.from({ length: count }, (_, i) => `warm-up-${i}`));
  const limits = { asks: MOST_ASKS, end: (count / RATE) * 3000 + 20_000 };
  const callers = await runBurst(urls, arrivals(count, 0, count * 6, random(seed + 2)), limits, jwts);
  if (!callers.every(caller => caller.served)) throw new Error('the machines did not serve the warm-up');
}

/**
 * Judges the memory of each server over a run. `flat`: the live heap grew by less than GROWTH_MB and, in a run that
 * is long enough for the heap to find its size, the resident memory, sampled once a second, did not grow from the
 * middle third of the run to the last.
 */
function judgeMemory(residentMb, liveBeforeMb, liveAfterMb) {
  const settled = residentMb[0].length < SETTLED_SECONDS || residentMb.every(samples => flat(samples, MEMORY_TOLERANCE));
  return {
    firstMb: residentMb.map(samples => samples[0]),
    mostMb: residentMb.map(largest),
    lastMb: residentMb.map(samples => samples.at(-1)),
    liveBeforeMb,
    liveAfterMb,
    flat: settled && liveAfterMb.every((after, i) => !(after - liveBeforeMb[i] >= GROWTH_MB)),
    samples: { residentMb },
  };
}

/** A burst whose requests go to the servers at random, as from a load balancer. */
async function runBurst(urls, times, limits, given) {
  const jwts = given ?? (await tokens(times.length));
  const next = random(seed + 1);
  const agent = connections(Math.ceil(CONNECTIONS / urls.length));
  const begin = now() + 500;
  const callers = await Promise.all(
    times.map((time, i) =>
      call(
        { arrival: begin + time, headers: { authorization: `Bearer ${jwts[i]}` } },
        () => urls[Math.floor(next() * urls.length)],
        agent,
        { ...limits, end: begin + limits.end },
      ),
    ),
  );
  agent.destroy();
  return callers;
}

// ------------------------------------------------------------------------------------------------- the parts

async function everyone() {
  const length = 60_000 * scale;
  const next = random(seed);
  const times = [...arrivals(scaled(10_000), 0, length, next), ...arrivals(scaled(2000), length, 1000 * scale, next)];
  const { played, calls, memory } = await stage({ reuse: 'everyone' }, urls =>
    runBurst(urls, times, { asks: MOST_ASKS, end: length + 30_000 }),
  );
  const judged = judgeCrowd(played, calls, RATE);
  const burst = judged.samples.waits.slice(scaled(10_000));
  const served = judged.served;
  return {
    callers: times.length,
    served,
    upstreamCalls: judged.upstreamCalls,
    upstreamRefusals: judged.upstreamRefusals,
    otherErrors: judged.otherErrors,
    errorKinds: judged.errorKinds,
    medianMs: judged.waitMedianMs,
    p99Ms: judged.waitP99Ms,
    burstP99Ms: quantile(burst, 0.99),
    mostMs: judged.waitMostMs,
    memory,
    samples: { waits: judged.samples.waits },
    targets: {
      'all served': served === times.length,
      'at most 2 upstream calls': judged.upstreamCalls <= 2,
      'p99 under 100 ms': judged.waitP99Ms < 100,
      'memory flat': memory.flat,
    },
  };
}

async function burstOfCallers(instances, shared) {
  const count = scaled(1000);
  const times = arrivals(count, 0, 6000 * scale, random(seed));
  const { played, calls, memory } = await stage({ reuse: 'caller', instances, shared, warmedUp: true }, urls =>
    runBurst(urls, times, { asks: MOST_ASKS, end: (count / RATE) * 1500 + 20_000 }),
  );
  const { samples, ...judged } = judgeCrowd(played, calls, RATE);
  if (options.trace) writeJson(`herd-trace-${instances}.json`, { calls, asks: played.map(({ arrived, trace }) => ({ arrived, trace })) });
  return {
    instances,
    ...judged,
    memory,
    samples,
    targets: {
      'no upstream refusal': judged.upstreamRefusals === 0,
      'no error but 503 with Retry-After': judged.otherErrors === 0 && judged.served === count,
      'budget used ≥ 95 % while anybody waits': judged.budgetUsed >= 0.95,
      'nobody waits over 1.3 × ideal + 2 s': judged.beyondIdeal === 0,
      'nobody asks more than 4 times': judged.mostAsks <= 4,
      'memory flat': memory.flat,
    },
  };
}

async function greedy() {
  const without = await greedyRun(false);
  const withHim = await greedyRun(true);
  const added = withHim.p99Ms - without.p99Ms;
  return {
    othersP99Ratio: withHim.p99Ms / without.p99Ms,
    othersP99AddedMs: added,
    without,
    with: withHim,
    samples: { without: without.samples.waits, with: withHim.samples.waits },
    targets: {
      'others’ p99 within 3 s of without him': added <= 3000,
      'all of them served': without.served === without.wanted && withHim.served === withHim.wanted,
      'no upstream refusal': without.upstreamRefusals === 0 && withHim.upstreamRefusals === 0,
    },
  };
}

/** The other callers want three tokens each, one after the other; with `reuse: never` each is minted. */
async function greedyRun(present) {
  const others = Math.max(8, scaled(40));
  const tokensEach = 3;
  const times = arrivals(others, 0, 1000, random(seed));
  const jwts = await tokens(others + 1);
  const share = RATE / (others + 1);
  const end = ((others * tokensEach) / RATE) * 3000 + 30_000;
  const { played, calls, memory } = await stage({ reuse: 'never' }, async urls => {
    const agent = connections(CONNECTIONS);
    const begin = now() + 500;
    const greed = present ? beGreedy(urls[0], jwts[others], begin, share * GREED) : undefined;
    const results = await Promise.all(
      times.map(async (time, i) => {
        const mine = [];
        for (let arrival = begin + time; mine.length < tokensEach; arrival = now()) {
          const headers = { authorization: `Bearer ${jwts[i]}` };
          const result = await call({ arrival, headers }, () => urls[0], agent, { asks: MOST_ASKS, end: begin + end });
          mine.push(result);
          if (!result.served) break;
        }
        return mine;
      }),
    );
    const his = await greed?.();
    agent.destroy();
    return { results: results.flat(), his };
  });
  const waits = played.results.filter(result => result.served).map(result => result.done - result.arrived);
  return {
    others,
    wanted: others * tokensEach,
    served: waits.length,
    medianMs: median(waits),
    p99Ms: quantile(waits, 0.99),
    greedyAsksPerSecond: present ? share * GREED : 0,
    greedyAsks: played.his?.asks ?? 0,
    greedyServed: played.his?.served ?? 0,
    upstreamRefusals: calls.admitted.filter(admitted => !admitted).length,
    memory,
    samples: { waits },
  };
}

/**
 * Requests at a steady rate, whatever the responses. The returned function stops it and returns the numbers of
 * requests and tokens.
 */
function beGreedy(url, jwt, begin, perSecond) {
  const agent = connections(200);
  const mine = { asks: 0, served: 0 };
  let stopped = false;
  const asking = (async () => {
    for (let i = 0; !stopped; i++) {
      await until(begin + (i * 1000) / perSecond);
      if (stopped) break;
      mine.asks++;
      void ask(url, { authorization: `Bearer ${jwt}` }, agent).then(answer => {
        if (!stopped && answer.status === 200) mine.served++;
      });
    }
  })();
  return async () => {
    stopped = true;
    await asking;
    agent.destroy();
    return mine;
  };
}

/** Runs from its source, with the jars of the measured server. */
async function known() {
  const callers = scaled(1_000_000);
  const program = fileURLToPath(new URL('src/main/java/tokenvending/benchmark/KnownCallers.java', import.meta.url));
  const java = process.env.JAVA_HOME === undefined ? 'java' : join(process.env.JAVA_HOME, 'bin', 'java');
  if (process.env.TVM_APP === undefined) throw new Error('TVM_APP is not set: run this part with ./tvm bench herd');
  const run = await start(java, ['-cp', join(process.env.TVM_APP, '*'), program, String(callers)], { ready: /^(\{.*\})$/m, limit: 600_000 });
  await run.stop();
  const { tokensKept, tokensBytes, lineBytes, limitsBytes } = JSON.parse(run.match[1]);
  const mb = bytes => bytes / 2 ** 20;
  const totalMb = mb(tokensBytes + lineBytes + limitsBytes);
  return {
    callers,
    tokensKept,
    tokensMb: mb(tokensBytes),
    lineMb: mb(lineBytes),
    limitsMb: mb(limitsBytes),
    totalMb,
    targets: { [`bounded: at most ${KNOWN_MB} MiB`]: totalMb <= KNOWN_MB },
  };
}

/** The peer sends no Retry-After: its callers return after a second, and request four times at most. */
async function peer() {
  const count = scaled(1000);
  const times = arrivals(count, 0, 6000 * scale, random(seed));
  const upstream = await startUpstream();
  try {
    const handler = await startNode('peer.mjs', [upstream.address], { ready: /^ready: (\S+)$/m, env: { MOMENTO_API_KEY: API_KEY } });
    try {
      const memory = watchMemory([handler.pid]);
      const agent = connections(CONNECTIONS);
      const begin = now() + 500;
      const limits = { asks: 4, withoutRetryAfter: 1000, end: begin + (count / RATE) * 1500 + 20_000 };
      const callers = await Promise.all(
        times.map((time, i) => call({ arrival: begin + time, headers: {} }, () => `${handler.match[1]}/?name=caller-${i}`, agent, limits)),
      );
      agent.destroy();
      const { samples, ...judged } = judgeCrowd(callers, await upstream.calls(), RATE);
      return { ...judged, memory: judgeMemory(memory.stop(), [NaN], [NaN]), samples, targets: {} };
    } finally {
      await handler.stop();
    }
  } finally {
    await upstream.stop();
  }
}

// ------------------------------------------------------------------------------------------------- the table

const grouped = value => value.toLocaleString('en');
const percent = share => (Number.isFinite(share) ? `${(share * 100).toFixed(1)} %` : '-');
const time = ms => (!Number.isFinite(ms) ? '-' : ms >= 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${ms.toFixed(0)} ms`);

function row(part, result) {
  switch (part) {
    case 'everyone':
      return [part, `${result.served}/${result.callers}`, result.upstreamCalls, result.upstreamRefusals, result.otherErrors, '-', time(result.medianMs), time(result.p99Ms), time(result.mostMs), '-', '-'];
    case 'greedy':
      return ['without', 'with'].map(which => {
        const run = result[which];
        return [`greedy, ${which} him`, `${run.served}/${run.wanted}`, '-', run.upstreamRefusals, '-', '-', time(run.medianMs), time(run.p99Ms), time(largest(run.samples.waits)), '-', '-'];
      });
    default:
      return [part, `${result.served}/${result.callers}`, result.upstreamCalls, result.upstreamRefusals, result.otherErrors, percent(result.budgetUsed), time(result.waitMedianMs), time(result.waitP99Ms), time(result.waitMostMs), result.beyondIdeal, result.mostAsks];
  }
}

const rows = [['part', 'served', 'upstream calls', 'refused there', 'other errors', 'budget used', 'wait, median', 'p99', 'most', 'late', 'asks, most']];
const memoryRows = [['resident memory, MiB', 'first', 'most', 'last', 'live before', 'after', 'flat']];
const missed = [];
let knownLine = '';
console.log(machineLine());
console.log(`scale ${scale}, upstream ${RATE}/s, jitter ${options.jitter} ms each way, seed ${seed}\n`);
issuer = await startIssuer();
try {
  for (const part of parts) {
    console.error(`herd: ${part}`);
    let outcome;
    try {
      outcome = await PARTS[part]();
    } catch (error) {
      console.error(`herd: ${part} did not run: ${error.message}`);
      missed.push(`${part}: it did not run`);
      continue;
    }
    const { targets, ...result } = outcome;
    mergeJson('herd.json', part, { scale, ...result, targets });
    missed.push(...Object.entries(targets).filter(([, holds]) => !holds).map(([target]) => `${part}: ${target}`));
    if (part === 'known') {
      knownLine = `\n${grouped(result.callers)} known callers take ${result.totalMb.toFixed(1)} MiB of live heap: tokens ${result.tokensMb.toFixed(1)} (${grouped(result.tokensKept)} cached), the queue ${result.lineMb.toFixed(1)}, limits ${result.limitsMb.toFixed(1)}`;
      continue;
    }
    const line = row(part, result);
    rows.push(...(Array.isArray(line[0]) ? line : [line]));
    const memories = part === 'greedy' ? [['greedy, with him', result.with.memory]] : [[part, result.memory]];
    for (const [name, memory] of memories) {
      const cell = values => values.map(value => (Number.isFinite(value) ? value.toFixed(0) : '-')).join(' ');
      memoryRows.push([name, cell(memory.firstMb), cell(memory.mostMb), cell(memory.lastMb), cell(memory.liveBeforeMb), cell(memory.liveAfterMb), memory.flat ? 'yes' : 'no']);
    }
  }
} finally {
  await issuer.stop();
}
if (rows.length > 1) console.log(`${table(rows)}\n\n${table(memoryRows)}`);
if (knownLine !== '') console.log(knownLine);
console.log(`
Limits of this program: everything runs on one machine over loopback, callers, machines, Redis and upstream sharing its cores;
callers share ${CONNECTIONS} kept connections, as from a proxy; ${options.cold ? 'the machines were cold' : `each machine had answered ${WARMING} requests before, and for the parts caller and caller3 a small burst`}; one run a part, so waits of milliseconds carry the machine's noise, while
counts and shares of the budget do not. The figures are in herd.json.`);
if (missed.length > 0) {
  console.log(`\nmissed:\n${missed.map(line => `  ${line}`).join('\n')}`);
  process.exitCode = 1;
} else {
  console.log('\nevery target of these parts holds');
}
