// server: vends a second, and what one costs, beside the limit and the plain handler in Node.js
//
//   ./tvm bench server [--short] [--rounds 5] [--seconds 8]
//
// Interleaved rounds at 64 connections and at one; docs/performance.md says what each figure means. Writes `limit`, `reuseHit`,
// `jwtReuseHit`, `mint` and `peer` into bench.json, and `memory.afterLoadMb`. The machine runs with a heap of 128 MiB.
import { parseArgs } from 'node:util';
import { median } from './support/figures.mjs';
import { startIssuer } from '../testing/node/issuer.mjs';
import { load, needsWrk, OPTIONS, serveWith, startPeer, startTokenService } from './support/load.mjs';
import { processorMs, residentMb } from './support/processes.mjs';
import { addJson, machineLine, table } from './support/report.mjs';

const HEAP = '128m';
const MANY = 64;
/** How long each is loaded before the measurement: a mint runs the most code, which the JVM must compile. */
const WARM_SECONDS = { mint: 40, peer: 15 };
const USUAL_WARM_SECONDS = 5;

const { values: options } = parseArgs({ options: OPTIONS });
const rounds = Number(options.rounds ?? (options.short ? 3 : 5));
const seconds = Number(options.seconds ?? (options.short ? 4 : 8));
await needsWrk();

const permissions = '[{ role: PublishSubscribe, cache: chat, topic: room-1 }]';
const issuer = await startIssuer();
const [jwt] = await issuer.tokens('bench', ['ann']);
const service = await startTokenService();
const reusing = await serveWith(
  service,
  `authentication:
  - oidc: { issuer: "${issuer.name}", audience: bench, jwks-uri: "${issuer.keys}" }
  - open: {}
rules:
  - { id: members, when: { claims: { iss: "${issuer.name}" } }, reuse: caller, token-id: "member/\${subject}", permissions: ${permissions} }
  - { id: guests, reuse: everyone, permissions: ${permissions} }
audit: { to: file:audit.jsonl }`,
  HEAP,
);
const minting = await serveWith(
  service,
  `authentication: [open: {}]
parameters: { name: { max-length: 64 } }
rules: [{ id: guests, token-id: "\${request.name}", reuse: never, permissions: ${permissions} }]
audit: { to: file:audit.jsonl }`,
  HEAP,
);
const peer = await startPeer(service);

const kinds = {
  engine: { title: 'bare engine, constant', url: service.engine, pid: service.pid },
  limit: { title: 'our server, constant', url: `${reusing.url}/healthz`, pid: reusing.pid },
  reuseHit: { title: 'reuse hit, open', url: `${reusing.url}/`, pid: reusing.pid },
  jwtReuseHit: { title: 'reuse hit, JWT', url: `${reusing.url}/`, pid: reusing.pid, headers: [`authorization: Bearer ${jwt}`] },
  mint: { title: 'minted each time', url: `${minting.url}/?name=ann`, pid: minting.pid },
  peer: { title: 'Node peer, minted', url: `${peer.url}/?name=ann`, pid: peer.pid },
};
for (const [name, kind] of Object.entries(kinds)) {
  kind.many = [];
  kind.one = [];
  await load(kind.url, { ...kind, seconds: WARM_SECONDS[name] ?? USUAL_WARM_SECONDS, connections: MANY });
}
for (let round = 0; round < rounds; round++) {
  for (const kind of Object.values(kinds)) {
    const before = processorMs(kind.pid);
    const found = await load(kind.url, { ...kind, seconds, connections: MANY });
    kind.many.push({ ...found, processorUs: ((processorMs(kind.pid) - before) / found.count) * 1000 });
    kind.one.push(await load(kind.url, { ...kind, seconds: Math.max(2, seconds / 2), connections: 1 }));
  }
  console.error(`round ${round + 1} of ${rounds}`);
}
const afterLoadMb = Math.max(residentMb(reusing.pid), residentMb(minting.pid));

const all = (kind, figure, at = 'many') => kinds[kind][at].map(sample => sample[figure]);
const ratio = (kind, of, figure) => median(all(kind, figure).map((value, i) => value / all(of, figure)[i]));
const figures = kind => ({
  perSecond: median(all(kind, 'perSecond')),
  p50: median(all(kind, 'p50')),
  p99: median(all(kind, 'p99')),
  processorUs: median(all(kind, 'processorUs')),
  oneConnection: { perSecond: median(all(kind, 'perSecond', 'one')), p50: median(all(kind, 'p50', 'one')), p99: median(all(kind, 'p99', 'one')) },
  samples: Object.fromEntries(['perSecond', 'p50', 'p99', 'processorUs'].map(figure => [figure, all(kind, figure)])),
});
const result = Object.fromEntries(Object.keys(kinds).map(kind => [kind, figures(kind)]));
for (const kind of ['reuseHit', 'jwtReuseHit']) {
  result[kind] = { ofLimit: ratio(kind, 'limit', 'perSecond'), ofEngine: ratio(kind, 'engine', 'perSecond'), ...result[kind] };
}
result.mint = {
  timesPeer: ratio('mint', 'peer', 'perSecond'),
  p99OfPeer: ratio('mint', 'peer', 'p99'),
  cpuOfPeer: ratio('mint', 'peer', 'processorUs'),
  ...result.mint,
};
addJson('bench.json', { ...result, memory: { afterLoadMb } });

console.log(`${machineLine()}; heap ${HEAP}; medians of ${rounds} rounds of ${seconds} s`);
console.log(
  table([
    [`at ${MANY} connections`, 'answers/s', 'of limit', 'p50 ms', 'p99 ms', 'processor µs', 'one connection/s', 'p99 ms'],
    ...Object.entries(kinds).map(([name, kind]) => {
      const found = result[name];
      const ofLimit = ratio(name, 'limit', 'perSecond').toFixed(2);
      const one = found.oneConnection;
      return [kind.title, found.perSecond.toFixed(0), ofLimit, found.p50.toFixed(2), found.p99.toFixed(2), found.processorUs.toFixed(0), one.perSecond.toFixed(0), one.p99.toFixed(2)];
    }),
  ]),
);
const { timesPeer, p99OfPeer, cpuOfPeer } = result.mint;
console.log(`mint: ${timesPeer.toFixed(2)} × the peer, p99 ${p99OfPeer.toFixed(2)} of his, processor time ${cpuOfPeer.toFixed(2)} of his; after load ${afterLoadMb.toFixed(0)} MiB`);
process.exit(0);
