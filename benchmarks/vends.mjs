// How many vends a second the server answers through its socket, by way in, beside what the same server answers with a
// constant (/healthz): interleaved rounds, the median of each, and the ratio to the constant of the same round.
//
//   node benchmarks/vends.mjs [ROUNDS] [SECONDS] [CONNECTIONS]
//
// Needs wrk (Debian: apt-get install wrk). The token service is momento-local with its limit lifted, so each vend mints.
import { spawn, spawnSync } from 'node:child_process';
import { createSign, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [rounds, seconds, connections] = [5, 5, 32].map((usual, i) => Number(process.argv[i + 2] ?? usual));
const tvm = join(dirname(fileURLToPath(import.meta.url)), '..', 'tvm');
const folder = mkdtempSync(join(tmpdir(), 'tvm-vends-'));
const started = [];

/** Starts a command of ours and resolves with all it printed up to its last start-up line. */
function start(args, environment = {}) {
  const child = spawn(tvm, args, { cwd: folder, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', chunk => {
      if (text.includes('\nready: ')) return;
      text += chunk;
      const ready = /^ready: (\S+)$/m.exec(text);
      if (ready) resolve({ text, address: ready[1] });
    });
    child.on('exit', code => reject(new Error(`tvm ${args[0]} ended with ${code}`)));
  });
}

/** An issuer of JWTs: its key set, and one token of an hour. */
async function issuer() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'bench', use: 'sig', alg: 'RS256' };
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const name = `http://127.0.0.1:${server.address().port}`;
  const part = value => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const body = `${part({ alg: 'RS256', kid: 'bench' })}.${part({ iss: name, aud: 'bench', sub: 'ann', iat: now, exp: now + 3600 })}`;
  const jwt = `${body}.${createSign('RSA-SHA256').update(body).sign(privateKey, 'base64url')}`;
  return { name, jwt, server };
}

/** Answers a second, and how many of them were no success. */
function load(url, headers) {
  const args = [`-d${seconds}s`, '-t1', `-c${connections}`, ...headers.flatMap(header => ['-H', header]), url];
  const run = spawnSync('wrk', args, { encoding: 'utf8' });
  if (run.error || run.status !== 0) throw new Error(`wrk: ${run.error ?? run.stderr}`);
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(run.stdout)?.[1] ?? 0);
  if (refused > 0) throw new Error(`${refused} refusals from ${url}`);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(run.stdout)[1]);
}

const median = values => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

try {
  const { name, jwt, server } = await issuer();
  const local = await start(['local', '--port', '0', '--auth-rate', '1000000/s']);
  const apiKey = /API key \(v1\)\s+(\S+)/.exec(local.text)[1];
  const hash = spawnSync(tvm, ['hash-password'], { input: 'a password for an hour\n', encoding: 'utf8' }).stdout.trim();
  writeFileSync(join(folder, 'users.yaml'), `ann: { hash: "${hash}", groups: [] }\n`);
  writeFileSync(join(folder, 'tvm.yaml'), `
authentication:
  - oidc: { issuer: "${name}", audience: bench, jwks-uri: "${name}/keys" }
  - password: { users: file:users.yaml }
  - open: {}
rules:
  - id: members
    when: { claims: { iss: "${name}" } }
    token-id: "member/\${subject}"
    permissions: [{ role: PublishSubscribe, cache: chat, topic: { prefix: "room-" } }]
  - id: users
    when: { claims: { iss: password } }
    token-id: "user/\${subject}"
    permissions: [{ role: PublishSubscribe, cache: chat, topic: { prefix: "room-" } }]
  - id: guests
    permissions: [{ role: SubscribeOnly, cache: chat, topic: { prefix: "room-" } }]
momento: { api-key: env:MOMENTO_API_KEY, token-service: "${local.address}" }
audit: { to: file:audit.jsonl }
`);
  const { address } = await start(['serve', '--port', '0'], { MOMENTO_API_KEY: apiKey });
  const basic = Buffer.from('ann:a password for an hour').toString('base64');
  const kinds = [
    ['constant', `${address}/healthz`, []],
    ['open', `${address}/`, []],
    ['password', `${address}/`, [`authorization: Basic ${basic}`]],
    ['jwt', `${address}/`, [`authorization: Bearer ${jwt}`]],
  ];
  for (const [, url, headers] of kinds) load(url, headers);
  const found = new Map(kinds.map(([kind]) => [kind, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [kind, url, headers] of kinds) found.get(kind).push(load(url, headers));
  }
  console.log(`${cpus().length} cores, ${connections} connections, medians of ${rounds} rounds of ${seconds} s`);
  console.log('kind        answers/s   of the constant   least … most');
  for (const [kind, values] of found) {
    const ratio = median(values.map((value, i) => value / found.get('constant')[i]));
    const range = `${Math.round(Math.min(...values))} … ${Math.round(Math.max(...values))}`;
    console.log(`${kind.padEnd(11)} ${String(Math.round(median(values))).padStart(9)}   ${ratio.toFixed(3).padStart(15)}   ${range}`);
  }
  server.close();
} finally {
  started.forEach(child => child.kill('SIGTERM'));
  rmSync(folder, { recursive: true, force: true });
}
