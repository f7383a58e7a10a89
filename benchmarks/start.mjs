// start: from the command to the first vend, and the memory it then takes, beside the plain handler in Node.js
//
//   ./tvm bench start [--short] [--rounds 7]
//
// Interleaved rounds. `serve` has an API key and the benchmark's token service over TLS; `local` is ./tvm serve without a key, which
// brings momento-local. Idle memory is resident memory after the first vend and ten quiet seconds. Writes `start` and `memory`
// into bench.json.
import { parseArgs } from 'node:util';
import { median } from './support/figures.mjs';
import { OPTIONS, serveWith, startPeer, startTokenService } from './support/load.mjs';
import { processorMs, residentMb, serveLocal } from './support/processes.mjs';
import { addJson, machineLine, table } from './support/report.mjs';

const { values: options } = parseArgs({ options: OPTIONS });
const rounds = Number(options.rounds ?? (options.short ? 3 : 7));
const quiet = (options.short ? 5 : 10) * 1000;
const service = await startTokenService();
const FILE = `authentication: [open: {}]
parameters: { name: { max-length: 64 } }
rules: [{ id: guests, token-id: "\${request.name}", permissions: [{ role: PublishSubscribe, cache: chat, topic: room-1 }] }]
audit: { to: file:audit.jsonl }`;
const kinds = {
  serve: { title: './tvm serve, API key', start: () => serveWith(service, FILE) },
  peer: { title: 'Node peer', start: () => startPeer(service) },
  local: { title: './tvm serve, local', start: () => serveLocal() },
};
for (const kind of Object.values(kinds)) kind.samples = [];
for (let round = -1; round < rounds; round++) {
  for (const kind of Object.values(kinds)) {
    const before = performance.now();
    const server = await kind.start();
    const answer = await fetch(`${server.url.replace(/\/$/, '')}/?name=ann`);
    const body = await answer.json();
    const ms = performance.now() - before;
    if (answer.status !== 200 || !body.authToken) throw new Error(`${kind.title}: ${answer.status}`);
    const processor = processorMs(server.pid);
    await new Promise(resolve => setTimeout(resolve, quiet));
    // The first round fills the system's file cache and does not count.
    if (round >= 0) kind.samples.push({ ms, processorMs: processor, idleMb: residentMb(server.pid) });
    await server.stop();
  }
}
const all = (kind, figure) => kinds[kind].samples.map(sample => sample[figure]);
const ratio = (kind, figure) => median(all(kind, figure).map((value, i) => value / all('peer', figure)[i]));
const start = { serveOfPeer: ratio('serve', 'ms'), serveProcessorOfPeer: ratio('serve', 'processorMs'), localOfPeer: ratio('local', 'ms'), samples: {} };
for (const kind of Object.keys(kinds)) {
  start[`${kind}Ms`] = median(all(kind, 'ms'));
  start[`${kind}ProcessorMs`] = median(all(kind, 'processorMs'));
  start.samples[kind] = all(kind, 'ms');
}
const memory = { idleMb: median(all('serve', 'idleMb')), peerIdleMb: median(all('peer', 'idleMb')), localIdleMb: median(all('local', 'idleMb')), samples: all('serve', 'idleMb') };
addJson('bench.json', { start, memory });

console.log(`${machineLine()}; medians of ${rounds} rounds`);
console.log(
  table([
    ['command to first vend', 'ms', 'of peer', 'processor ms', 'idle MiB'],
    ...Object.entries(kinds).map(([name, kind]) => [kind.title, start[`${name}Ms`].toFixed(0), ratio(name, 'ms').toFixed(2), start[`${name}ProcessorMs`].toFixed(0), median(all(name, 'idleMb')).toFixed(0)]),
  ]),
);
process.exit(0);
