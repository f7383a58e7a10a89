// start: from the command to the first vend, and the memory it then takes, beside the plain handler in Node.js
//
//   ./tvm bench start [--short] [--rounds 7]
//
// Interleaved rounds. `serve` has an API key and the benchmark's token service over TLS; `local` is ./tvm serve without a key, which
// brings momento-local; `release` is the tarball's server with an API key, on Linux alone. Idle memory is resident memory after the
// first vend and ten quiet seconds. `cliSeconds` is the processor time of the tarball's slowest command. Writes `start` and `memory`
// into bench.json.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from './support/figures.mjs';
import { OPTIONS, serveWith, startPeer, startTokenService } from './support/load.mjs';
import { processorMs, residentMb, serveLocal, temporaryFolder } from './support/processes.mjs';
import { addJson, machineLine, table } from './support/report.mjs';

const { values: options } = parseArgs({ options: OPTIONS });
const rounds = Number(options.rounds ?? (options.short ? 3 : 7));
const quiet = (options.short ? 5 : 10) * 1000;
const service = await startTokenService();
const FILE = `authentication: [open: {}]
parameters: { name: { max-length: 64 } }
rules: [{ id: guests, token-id: "\${request.name}", permissions: [{ role: PublishSubscribe, cache: chat, topic: room-1 }] }]
audit: { to: file:audit.jsonl }`;

/** The folder of the tarball that TVM_RELEASE contains, unpacked; undefined without one. */
function unpacked(release) {
  if (release === undefined) return undefined;
  const [folder, tarball] = [temporaryFolder(), readdirSync(release).find(name => name.endsWith('.tar.gz'))];
  execFileSync('tar', ['-xf', join(release, tarball), '-C', folder]);
  return join(folder, readdirSync(folder)[0]);
}
const home = unpacked(process.env.TVM_RELEASE);

/** Commands that end by themselves. */
const commands = home && {
  check: ['check', join(home, 'share/examples/chat-rooms.yaml'), '--cases', join(home, 'share/examples/chat-rooms.cases.yaml')],
  explain: ['explain', '--config', 'default'],
  schema: ['schema'],
  completion: ['completion', 'bash'],
  version: ['--version'],
};

/** The processor time of a command that must succeed, in seconds. */
function processorSeconds(args) {
  const script = 'TIMEFORMAT="%U %S"; { time "$@" >/dev/null 2>&1; } 2>&1';
  const printed = execFileSync('bash', ['-ec', script, 'bash', join(home, 'bin/tvm'), ...args], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  return printed.trim().split(' ').reduce((sum, seconds) => sum + Number(seconds), 0);
}

const kinds = {
  serve: { title: './tvm serve, API key', start: () => serveWith(service, FILE) },
  peer: { title: 'Node peer', start: () => startPeer(service) },
  ...(home && { release: { title: 'the release, API key', start: () => serveWith(service, FILE, undefined, join(home, 'bin/tvm')) } }),
  local: { title: './tvm serve, local', start: () => serveLocal() },
};
for (const kind of Object.values(kinds)) kind.samples = [];
const cli = Object.fromEntries(Object.keys(commands ?? {}).map(name => [name, []]));
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
  for (const name of Object.keys(cli)) {
    const seconds = processorSeconds(commands[name]);
    if (round >= 0) cli[name].push(seconds);
  }
}
const all = (kind, figure) => kinds[kind].samples.map(sample => sample[figure]);
const ratio = (kind, figure) => median(all(kind, figure).map((value, i) => value / all('peer', figure)[i]));
const seconds = Object.fromEntries(Object.entries(cli).map(([name, values]) => [name, median(values)]));
const ofRelease = home && { releaseOfPeer: ratio('release', 'ms'), cliSeconds: Math.max(...Object.values(seconds)), cli: seconds };
const start = { ...ofRelease, serveOfPeer: ratio('serve', 'ms'), serveProcessorOfPeer: ratio('serve', 'processorMs'), localOfPeer: ratio('local', 'ms'), samples: {} };
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
if (home) console.log(`\n${table([['command of the release', 'processor seconds'], ...Object.entries(seconds).map(([name, value]) => [name, value.toFixed(2)])])}`);
process.exit(0);
