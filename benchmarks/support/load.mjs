// Load and its cost: a token service over TLS, wrk, and the processor time of processes.
import { execFile, execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { javaTrustStore } from './certificates.mjs';
import { API_KEY, serve, start, startNode, temporaryFolder } from './processes.mjs';

const run = promisify(execFile);
const PASSWORD = 'bench-only';
const ENGINE = fileURLToPath(new URL('../engine/TokenService.java', import.meta.url));

/** The options of every part. */
export const OPTIONS = { short: { type: 'boolean', default: false }, rounds: { type: 'string' }, seconds: { type: 'string' } };

/** A certificate authority for 127.0.0.1 and localhost, deleted when the program ends. */
function certificate() {
  const folder = temporaryFolder();
  const [store, pem] = ['key.p12', 'ca.pem'].map(name => join(folder, name));
  const keytool = join(process.env.JAVA_HOME, 'bin', 'keytool');
  const call = args => execFileSync(keytool, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const entry = ['-alias', 'bench', '-storetype', 'PKCS12', '-storepass', PASSWORD];
  call(['-genkeypair', ...entry, '-keystore', store, '-keyalg', 'EC', '-groupname', 'secp256r1', '-dname', 'CN=localhost', '-ext', 'bc:c', '-ext', 'SAN=DNS:localhost,IP:127.0.0.1', '-validity', '2']);
  call(['-exportcert', '-rfc', ...entry, '-keystore', store, '-file', pem]);
  return { store, pem, trust: javaTrustStore(folder, pem, process.env.JAVA_HOME) };
}

/** Starts a token service that never rejects; `engine` is a constant response of the HTTP server alone. */
export async function startTokenService() {
  const { store, pem, trust } = certificate();
  const java = join(process.env.JAVA_HOME, 'bin', 'java');
  const flags = ['--enable-native-access=ALL-UNNAMED', '--sun-misc-unsafe-memory-access=allow', '-XX:+UseSerialGC', '-Xms128m', '-Xmx256m'];
  const service = await start(java, [...flags, '-cp', `${process.env.TVM_APP}/*`, ENGINE, store, PASSWORD], {
    ready: /^ready: (\d+) engine: (\S+)$/m,
    stdin: 'pipe',
  });
  return { ...service, address: `localhost:${service.match[1]}`, engine: service.match[2], pem, trust };
}

/** Starts `./tvm serve`, or that of another launcher, with this file, that token service, and at most `heap` (as for -Xmx) of heap. */
export function serveWith(service, yaml, heap, launcher) {
  const file = join(temporaryFolder(), 'tvm.yaml');
  const momento = `momento: { api-key: env:BENCH_API_KEY, token-service: "https://${service.address}", budget: 100000/s }`;
  writeFileSync(file, `${yaml}\n${momento}\n`);
  const options = [`-Djavax.net.ssl.trustStore=${service.trust}`];
  if (heap !== undefined) options.push(`-Xmx${heap}`);
  return serve(file, { BENCH_API_KEY: API_KEY, JAVA_TOOL_OPTIONS: options.join(' ') }, launcher);
}

/** Starts the Node.js peer with that token service. */
export async function startPeer(service) {
  const peer = await startNode('peer.mjs', [service.address, 'tls'], {
    ready: /^ready: (\S+)$/m,
    env: { MOMENTO_API_KEY: API_KEY, GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: service.pem },
  });
  return { ...peer, url: peer.match[1] };
}

/** If wrk is missing, prints how to install it and ends. */
export async function needsWrk() {
  try {
    await run('wrk', ['--version']);
  } catch (error) {
    if (error.code === 'ENOENT') {
      console.error('wrk, the load generator, is missing: install it (Debian: apt-get install wrk; macOS: brew install wrk).');
      process.exit(1);
    }
  }
}

/**
 * Loads a URL for the given seconds: responses per second, the 50th and 99th percentile in milliseconds, and the
 * number of responses. Throws if a request is rejected, because rejections are fast.
 */
export async function load(url, { seconds, connections, headers = [], script = [] }) {
  const args = ['--latency', '-t1', `-c${connections}`, `-d${seconds}s`, ...headers.flatMap(header => ['-H', header])];
  if (script.length > 0) args.push('-s', script[0]);
  const { stdout } = await run('wrk', [...args, url, ...(script.length > 1 ? ['--', ...script.slice(1)] : [])]);
  const bad = /Non-2xx or 3xx responses: (\d+)/.exec(stdout) ?? /Socket errors: (.*)/.exec(stdout);
  if (bad !== null && !/connect 0, read 0, write 0, timeout 0/.test(bad[1])) throw new Error(`${url}: ${bad[0]}`);
  const share = name => milliseconds(new RegExp(`^ +${name}% +(\\S+) *$`, 'm').exec(stdout)[1]);
  return {
    perSecond: Number(/Requests\/sec: +([\d.]+)/.exec(stdout)[1]),
    count: Number(/(\d+) requests in/.exec(stdout)[1]),
    p50: share(50),
    p99: share(99),
  };
}

/** Parses a time that wrk printed. */
export function milliseconds(text) {
  const [, number, unit] = /^([\d.]+)(us|ms|s|m)$/.exec(text);
  return Number(number) * { us: 0.001, ms: 1, s: 1000, m: 60_000 }[unit];
}

/**
 * Measures responses per second until another measurement differs by less than a twentieth, at most `most` times, so
 * that the JVM has compiled the code.
 */
export async function warmUp(measure, most = 6) {
  let before = await measure();
  for (let i = 1; i < most; i++) {
    const now = await measure();
    if (now < before * 1.05) return;
    before = now;
  }
}
