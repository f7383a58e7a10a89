// The processes of a benchmark. Each is ended by its id, also if the program fails or is stopped.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const LAUNCHER = process.env.TVM ?? fileURLToPath(new URL('../../tvm', import.meta.url));
/** Any key works: the token services of the benchmarks accept all. */
export const API_KEY = Buffer.from(JSON.stringify({ endpoint: 'cell.bench.example.com', api_key: 'k'.repeat(200) })).toString('base64');
const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 15_000;

const running = new Set();
const folders = new Set();

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
for (const [signal, number] of [['SIGINT', 2], ['SIGTERM', 15], ['SIGHUP', 1]]) {
  process.once(signal, () => process.exit(128 + number));
}

/** Creates a folder that is deleted when the program ends. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'tvm-bench-'));
  folders.add(folder);
  return folder;
}

/**
 * Starts a program and waits until it has printed a line that matches `ready`; `match` is the match. The end of its
 * stderr is shown if it does not get ready.
 */
export async function start(command, args, { ready, cwd = temporaryFolder(), env = {}, limit = START_LIMIT_MS, stdin = 'ignore' }) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: [stdin, 'pipe', 'pipe'] });
  running.add(child);
  const ended = new Promise(resolve => child.once('exit', (code, signal) => resolve({ code, signal })));
  void ended.then(() => running.delete(child));
  let complaints = '';
  child.stderr.on('data', text => (complaints = (complaints + text).slice(-20_000)));
  const match = await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${command} was not ready in time:\n${complaints}`)), limit);
    let output = '';
    let found = false;
    child.stdout.on('data', text => {
      // Reads on after it is ready, because a full pipe would block it.
      if (found) return;
      output += text;
      const hit = ready.exec(output);
      if (hit !== null) {
        found = true;
        clearTimeout(late);
        resolve(hit);
      }
    });
    child.once('error', reject);
    void ended.then(({ code, signal }) => reject(new Error(`${command} ${args[0]} ended with ${code ?? signal}:\n${complaints}`)));
  });
  return {
    pid: child.pid,
    match,
    complaints: () => complaints,
    async stop() {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
      const end = await ended;
      clearTimeout(late);
      return end;
    },
  };
}

/** Starts `./tvm serve`, or that of another launcher, on a free port; `url` is its address. */
export async function serve(configFile, env = {}, launcher = LAUNCHER) {
  const server = await start(launcher, ['serve', '--port', '0', '--config', configFile], { ready: /^ready: (http:\/\/\S+)$/m, env });
  return { ...server, url: server.match[1] };
}

/** Starts `./tvm serve` in local use, without a file and a key. */
export async function serveLocal() {
  const server = await start(LAUNCHER, ['serve', '--port', '0'], { ready: /^ready: (http:\/\/\S+)$/m, env: { MOMENTO_API_KEY: '' } });
  return { ...server, url: server.match[1] };
}

/** Starts one of the programs in benchmarks/node. */
export function startNode(program, args, options) {
  return start(process.execPath, [fileURLToPath(new URL(`../node/${program}`, import.meta.url)), ...args], options);
}

/** For such a program: ends this process when its parent has ended for any reason. */
export function endWithStarter() {
  const starter = process.ppid;
  setInterval(() => {
    if (process.ppid !== starter) process.exit(0);
  }, 1000).unref();
}

async function freePort() {
  const server = createServer();
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise(resolve => server.close(resolve));
  return port;
}

/** Starts a Redis without persistence; `url` is for `state:`. */
export async function redis() {
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--daemonize', 'no'];
  const server = await start('redis-server', args, { ready: /Ready to accept connections/ });
  return { ...server, url: `redis://127.0.0.1:${port}` };
}

/** Returns the resident memory of a process in MiB; NaN when it has ended. */
export function residentMb(pid) {
  try {
    if (process.platform === 'linux') {
      return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
    }
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024;
  } catch {
    return NaN;
  }
}

/** Returns the processor time of a process so far, in milliseconds; NaN if it is unknown. */
export function processorMs(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
    // In hundredths of a second (proc(5), fields 14 and 15; the first two are cut off).
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return NaN;
  }
}

/** Returns the live heap of a JVM after a collection, in MiB; NaN without jcmd. */
export function liveHeapMb(pid) {
  const jcmd = process.env.JAVA_HOME === undefined ? 'jcmd' : join(process.env.JAVA_HOME, 'bin', 'jcmd');
  const run = command => execFileSync(jcmd, [String(pid), command], { encoding: 'utf8', timeout: 20_000 });
  try {
    run('GC.run');
    const heap = run('GC.heap_info').split(/^ ?Metaspace/m)[0];
    return [...heap.matchAll(/ used (\d+)K/g)].reduce((sum, match) => sum + Number(match[1]), 0) / 1024;
  } catch {
    return NaN;
  }
}

/** Samples the resident memory of processes once a second until stopped; one array of MiB for each. */
export function watchMemory(pids) {
  const samples = pids.map(() => []);
  const look = () => pids.forEach((pid, i) => samples[i].push(residentMb(pid)));
  const timer = setInterval(look, 1000);
  return {
    stop() {
      clearInterval(timer);
      look();
      return samples;
    },
  };
}
