// growth: the cost of more rules, more callers and more processes
//
//   ./tvm bench growth [--short] [--rounds 3] [--seconds 5]
//
// rules: 1, 10, 100 and 1,000 of them, of which the last one matches, at 64 connections. callers: 1,000 to 100,000 of them, each with
// their own JWT and token (--short: to 10,000), and the memory after each was served. processes: 1, 2 and 4 on one Redis, and what
// they vend together on the same cores. Each is loaded before it is measured, until the figures are stable (--short: twice). Writes
// `growth` into bench.json. The server runs with a heap of 128 MiB.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from './support/figures.mjs';
import { startIssuer } from '../testing/node/issuer.mjs';
import { load, needsWrk, OPTIONS, serveWith, startTokenService, warmUp } from './support/load.mjs';
import { processorMs, redis, residentMb, temporaryFolder } from './support/processes.mjs';
import { addJson, machineLine, table } from './support/report.mjs';

const HEAP = '128m';
const MANY = 64;
const OPENS_WITHIN_MS = 15_000;
const TOKENS = fileURLToPath(new URL('./support/tokens.lua', import.meta.url));

const { values: options } = parseArgs({ options: OPTIONS });
const rounds = Number(options.rounds ?? 3);
const seconds = Number(options.seconds ?? (options.short ? 3 : 5));
// The short form has ten minutes for all parts.
const WARM_LOADS = options.short ? 2 : 6;
await needsWrk();
const service = await startTokenService();
const permissions = '[{ role: PublishSubscribe, cache: chat, topic: room-1 }]';

/** Measures processor time per vend and vends per second of several running servers, interleaved. */
async function compare(servers) {
  const loaded = server => load(server.url, { seconds, connections: MANY });
  for (const server of servers) await warmUp(async () => (await loaded(server)).perSecond, WARM_LOADS);
  const samples = servers.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, server] of servers.entries()) {
      const before = processorMs(server.pid);
      const found = await loaded(server);
      samples[i].push({ perSecond: found.perSecond, processorUs: ((processorMs(server.pid) - before) / found.count) * 1000 });
    }
  }
  return samples;
}

async function byRules() {
  const counts = [1, 10, 100, 1000];
  const servers = [];
  for (const count of counts) {
    const others = Array.from({ length: count - 1 }, (_, i) => `  - { id: r${i}, when: { groups: [group-${i}] }, permissions: ${permissions} }`);
    const last = `  - { id: last, reuse: everyone, permissions: ${permissions} }`;
    servers.push(await serveWith(service, `authentication: [open: {}]\nrules:\n${[...others, last].join('\n')}\naudit: { to: file:audit.jsonl }`, HEAP));
  }
  const samples = await compare(servers);
  await Promise.all(servers.map(server => server.stop()));
  const costs = samples.map(of => of.map(({ processorUs }) => processorUs));
  return {
    counts,
    perSecond: samples.map(of => median(of.map(({ perSecond }) => perSecond))),
    processorUs: costs.map(median),
    costOf1000: median(costs[3].map((cost, round) => cost / costs[0][round])),
    samples: costs,
  };
}

async function byCallers() {
  const counts = options.short ? [1000, 10_000] : [1000, 10_000, 100_000];
  const issuer = await startIssuer();
  const result = { counts, perSecond: [], idleMb: [], samples: [] };
  for (const count of counts) {
    const server = await serveWith(
      service,
      `authentication: [oidc: { issuer: "${issuer.name}", audience: bench, jwks-uri: "${issuer.keys}" }]
rules: [{ id: members, reuse: caller, permissions: ${permissions} }]
limits: { per-caller: 1000/s }
audit: { to: file:audit.jsonl }`,
      HEAP,
    );
    const file = join(temporaryFolder(), 'tokens');
    writeFileSync(file, (await issuer.tokens('bench', Array.from({ length: count }, (_, i) => `caller-${i}`))).join('\n'));
    let served = 0;
    const loaded = async () => {
      // Each load continues with the caller after the last one of the previous load.
      const found = await load(server.url, { seconds, connections: MANY, script: [TOKENS, file, String(served % count)] });
      served += found.count;
      return found.perSecond;
    };
    while (served < count) await loaded();
    await warmUp(loaded, WARM_LOADS);
    const samples = [];
    for (let round = 0; round < rounds; round++) samples.push(await loaded());
    result.perSecond.push(median(samples));
    result.samples.push(samples);
    result.idleMb.push(residentMb(server.pid));
    await server.stop();
  }
  await issuer.stop();
  return result;
}

/**
 * Waits for the first vend: a store that was empty grants nothing at first, because it could have lost earlier
 * grants.
 */
async function awaitVend(url) {
  const until = Date.now() + OPENS_WITHIN_MS;
  while (!(await fetch(url)).ok) {
    if (Date.now() > until) throw new Error(`nothing was vended within ${OPENS_WITHIN_MS} ms`);
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

async function byProcesses() {
  const counts = [1, 2, 4];
  const result = { counts, perSecond: [], samples: [] };
  for (const count of counts) {
    const store = await redis();
    const servers = [];
    for (let i = 0; i < count; i++) {
      servers.push(
        await serveWith(
          service,
          `authentication: [open: {}]
rules: [{ id: guests, reuse: everyone, permissions: ${permissions} }]
limits: { per-address: 900000/s }
state: ${store.url}
audit: { to: file:audit.jsonl }`,
          HEAP,
        ),
      );
    }
    await Promise.all(servers.map(server => awaitVend(server.url)));
    const loaded = async () => {
      const each = await Promise.all(servers.map(server => load(server.url, { seconds, connections: Math.ceil(MANY / count) })));
      return each.reduce((sum, { perSecond }) => sum + perSecond, 0);
    };
    await warmUp(loaded, WARM_LOADS);
    const samples = [];
    for (let round = 0; round < rounds; round++) samples.push(await loaded());
    result.perSecond.push(median(samples));
    result.samples.push(samples);
    await Promise.all([...servers, store].map(process => process.stop()));
  }
  return result;
}

const growth = {};
const parts = { rules: byRules, callers: byCallers, processes: byProcesses };
console.log(`${machineLine()}; heap ${HEAP}; medians of ${rounds} rounds of ${seconds} s`);
for (const [name, measure] of Object.entries(parts)) {
  try {
    growth[name] = await measure();
  } catch (error) {
    // A failure of one part is reported, and does not hide the rest.
    growth[name] = { failed: String(error.message).split('\n').slice(0, 3).join(' ') };
    process.exitCode = 1;
  }
  const found = growth[name];
  addJson('bench.json', { growth });
  if (found.failed) {
    console.log(`${name}: ${found.failed}`);
    continue;
  }
  const cost = found.processorUs ?? found.idleMb;
  const title = found.processorUs ? 'processor µs' : found.idleMb ? 'resident MiB' : '';
  console.log(table([[name, 'vends/s', title], ...found.counts.map((count, i) => [count, found.perSecond[i].toFixed(0), cost?.[i].toFixed(0) ?? ''])]));
}
process.exit();
