// cold: the time from the start of a function's process to its first vend, compared with a plain handler for Node.js
//
//   ./tvm bench cold [--rounds 9] [--short] [--flags=JVM_FLAGS]
//
// Processes take turns with the same Runtime API, Secrets Manager and token service, all on loopback and the last two over TLS with a
// test certificate authority. The vend function is measured in three forms. "managed" is what ./tvm deploy deploys, under AWS's
// runtime client for Java with the flags of the stack. "restored" is the same under SnapStart: started, its hooks called, held, and
// continued. It measures the work after a restore without loading the snapshot's pages, which only AWS does. "restoredWithTable" adds
// a table for shared state. They are compared with node/handler.mjs, which uses Momento's SDK and AWS's ("peer"), and with a function
// that says hello in each language, which measures the platform. Figures are medians of the rounds after an uncounted one; ratios are
// medians of each round's ratio. Writes `cold` into bench.json in the current directory. Needs openssl. Exit code 1: a target is missed.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { now } from './support/callers.mjs';
import { javaTrustStore, makeCertificates } from './support/certificates.mjs';
import { median } from './support/figures.mjs';
import { API_ID, aws, runtimeApi, STAGE } from './support/functions.mjs';
import { API_KEY, processorMs, residentMb, startNode, temporaryFolder } from './support/processes.mjs';
import { machineLine, mergeJson, table } from './support/report.mjs';
import { judge } from './support/targets.mjs';

// The second and third vends show what is left to load after the first.
const VENDS = 3;
const LIMIT_MS = 60_000;
// A process that waits in its snapshot has finished all work by then.
const SETTLED_MS = 500;
// The flags that PublishedFunction sets, and those of AWS's own start script for Java.
const STACK_FLAGS = '-XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -Dio.netty.jfr.enabled=false';
const AWS_FLAGS = ['-XX:MaxHeapSize=890438k', '-Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac'];
const TVM_YAML = upstream => `authentication: [open: {}]
parameters: { name: { max-length: 64, required: false } }
rules:
  - id: everybody
    token-id: "\${request.name}"
    permissions: [{ role: PublishSubscribe, cache: chat, topic: room-1 }]
cors: { allow-origins: ["https://chat.example.com"] }
momento: { token-service: "https://${upstream}" }
`;

const { values: options } = parseArgs({
  options: { rounds: { type: 'string' }, short: { type: 'boolean', default: false }, flags: { type: 'string', default: '' } },
});
const rounds = Number(options.rounds ?? (options.short ? 5 : 9));
const app = process.env.TVM_AWS ?? '';
const javaHome = process.env.JAVA_HOME ?? '';
if (!(rounds >= 1) || !existsSync(join(app, 'function', 'lib')) || !existsSync(join(javaHome, 'bin', 'java'))) {
  console.error('cold: run it as ./tvm bench cold [--rounds 9] [--short]');
  process.exit(2);
}

const folder = temporaryFolder();
const certificates = makeCertificates(folder);
const trustStore = javaTrustStore(folder, certificates.authority, javaHome);
const runtime = await runtimeApi(VENDS);
const secrets = await aws(API_KEY, certificates);
const upstream = await startNode(
  'upstream.mjs',
  ['--rate', '0', '--jitter', '0-0', '--tls', `${certificates.certificate},${certificates.key}`],
  { ready: /^ready: (\S+) control: (\S+)$/m },
);
writeFileSync(join(folder, 'tvm.yaml'), TVM_YAML(upstream.match[1]));

const common = {
  PATH: process.env.PATH,
  AWS_LAMBDA_RUNTIME_API: runtime.authority,
  AWS_LAMBDA_FUNCTION_NAME: 'vend',
  AWS_LAMBDA_FUNCTION_VERSION: '1',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1024',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_REGION: 'us-west-2',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example',
  AWS_ENDPOINT_URL: secrets.url,
};
const jars = name => readdirSync(join(app, name)).map(jar => join(app, name, jar));
const hello = join(folder, 'hello');
mkdirSync(hello);
execFileSync(join(javaHome, 'bin', 'javac'), [
  ...['-cp', jars('runtime').join(':'), '-d', hello],
  fileURLToPath(new URL('./hello/Hello.java', import.meta.url)),
]);
// AWS's client loads the function's classes itself, from lib/ of the folder it stands in, and from that folder.
const java = {
  command: join(javaHome, 'bin', 'java'),
  args: [
    ...AWS_FLAGS,
    ...options.flags.split(' ').filter(flag => flag !== ''),
    `-Djavax.net.ssl.trustStore=${trustStore}`,
    '-cp',
    jars('runtime').join(':'),
    'com.amazonaws.services.lambda.runtime.api.client.AWSLambda',
    'tokenvending.lambda.VendHandler::handleRequest',
  ],
  cwd: join(app, 'function'),
  env: {
    ...common,
    JAVA_TOOL_OPTIONS: STACK_FLAGS,
    LAMBDA_TASK_ROOT: folder,
    TVM_MOMENTO_API_KEY_SECRET: 'momento-key',
    TVM_API_ID: API_ID,
    TVM_STAGE: STAGE,
  },
};
const restored = { ...java, env: { ...java.env, AWS_LAMBDA_INITIALIZATION_TYPE: 'snap-start' } };
const node = handler => ({
  command: process.execPath,
  args: ['runtime.mjs', `${handler}.mjs`].map(name => fileURLToPath(new URL(`./node/${name}`, import.meta.url))),
});
const subjects = {
  peer: {
    ...node('handler'),
    env: { ...common, NODE_EXTRA_CA_CERTS: certificates.authority, MOMENTO_API_KEY_SECRET: 'momento-key', TOKEN_SERVICE: upstream.match[1] },
  },
  managed: java,
  restored,
  restoredWithTable: { ...restored, env: { ...restored.env, TVM_STATE: 'dynamodb:bench' } },
  javaHello: { ...java, args: java.args.with(-1, 'Hello::handleRequest'), cwd: hello },
  nodeHello: { ...node('hello'), env: common },
};
// They vend nothing and read no secret.
const GREETERS = ['javaHello', 'nodeHello'];

/** Runs one process from its start, or its restore, to its last vend. */
async function run(name) {
  const { command, args, env, cwd = folder } = subjects[name];
  const life = runtime.begin();
  secrets.reset();
  let said = '';
  const spawned = now();
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise(resolve => child.once('exit', resolve));
  for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (said += text));
  child.once('exit', code => life.fail(new Error(`${name} ended with ${code}:\n${said}`)));
  child.once('error', life.fail);
  const late = setTimeout(() => life.fail(new Error(`${name} was not done in time:\n${said}`)), LIMIT_MS);
  try {
    let from = spawned;
    let cpuBefore = 0;
    if (env.AWS_LAMBDA_INITIALIZATION_TYPE === 'snap-start') {
      await life.restorable;
      await new Promise(resolve => setTimeout(resolve, SETTLED_MS));
      cpuBefore = processorMs(child.pid);
      from = now();
      life.restore();
    }
    const asked = await life.asked;
    const first = await life.answers[0];
    const figures = { asked: asked - from, vend: first.at - from, cpu: processorMs(child.pid) - cpuBefore, rss: residentMb(child.pid) };
    let before = first.at;
    for (const [i, answer] of life.answers.entries()) {
      const { at, body } = await answer;
      const { statusCode, body: text } = JSON.parse(body);
      const vended = GREETERS.includes(name) || JSON.parse(text).authToken?.length > 100;
      if (statusCode !== 200 || !vended) throw new Error(`${name} vended nothing: ${body}`);
      if (i > 0) figures[`vend${i + 1}`] = at - before;
      before = at;
    }
    if (secrets.reads() !== (GREETERS.includes(name) ? 0 : 1)) throw new Error(`${name} read the secret ${secrets.reads()} times`);
    return figures;
  } catch (error) {
    throw new Error(`${error.message}\n${said}`, { cause: error });
  } finally {
    clearTimeout(late);
    child.kill('SIGKILL');
    await ended;
  }
}

const samples = Object.fromEntries(Object.keys(subjects).map(name => [name, []]));
for (let round = 0; round <= rounds; round++) {
  for (const name of Object.keys(subjects)) {
    const figures = await run(name);
    if (round > 0) samples[name].push(figures);
  }
  process.stderr.write(round === 0 ? 'warmed up' : ` ${round}`);
}
process.stderr.write('\n');

const medians = Object.fromEntries(
  Object.entries(samples).map(([name, all]) => [
    name,
    Object.fromEntries(Object.keys(all[0]).map(figure => [figure, median(all.map(one => one[figure]))])),
  ]),
);
// Ratios are of the same round, because load on the machine slows down both.
const ofPeer = (name, figure) => median(samples[name].map((one, i) => one[figure] / samples.peer[i][figure]));

const NAMES = {
  peer: "Node.js with Momento's and AWS's SDK",
  managed: "this machine under AWS's client",
  restored: 'the same, restored from a snapshot',
  restoredWithTable: 'restored, with the table of its stack',
  javaHello: "Java, hello under AWS's client",
  nodeHello: 'Node.js, hello',
};
const ms = value => value.toFixed(0);
console.log(machineLine());
console.log(
  table([
    ['ms, medians', 'first event asked for', 'first vend', 'of peer', 'second', 'third', 'CPU', 'of peer', 'MiB'],
    ...Object.entries(medians).map(([name, one]) => [
      NAMES[name],
      ...[one.asked, one.vend].map(ms),
      ofPeer(name, 'vend').toFixed(2),
      ...[one.vend2, one.vend3, one.cpu].map(ms),
      ofPeer(name, 'cpu').toFixed(2),
      ms(one.rss),
    ]),
  ]),
);
const ratios = Object.fromEntries(
  Object.keys(subjects)
    .filter(name => name !== 'peer')
    .map(name => [`${name}OfPeer`, ofPeer(name, 'vend')]),
);
ratios.secondWithTableOfPeer = ofPeer('restoredWithTable', 'vend2');
const firstVends = Object.fromEntries(Object.entries(samples).map(([name, all]) => [name, all.map(one => one.vend)]));
mergeJson('bench.json', 'cold', { ...ratios, rounds, medians, samples: firstVends });
const missed = judge({ cold: ratios }).filter(({ met }) => met === 'missed');
for (const { name, wanted, found } of missed) console.log(`${name} is ${found}: ${wanted} is wanted`);
process.exit(missed.length === 0 ? 0 : 1);
