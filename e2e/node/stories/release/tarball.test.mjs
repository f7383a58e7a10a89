// What is published, used on a machine that has neither a JDK nor Maven nor Node.js: here with an empty PATH.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { complete, tarball } from '../../../../distribution/tarball.mjs';
import { find, installSystemPackage } from '../../../../scripts/support/run.mjs';
import { ROOT } from '../../support/guide.mjs';
import { extracted, ran, release } from '../../support/release.mjs';

/** The libraries of the tarball, without versions: another one is a decision. */
const LIBRARIES = `HdrHistogram animal-sniffer-annotations annotations api app armeria armeria-grpc armeria-grpc-protocol armeria-protobuf auth
  authentication aws byte-buddy checksums checksums-spi context-propagation endpoints-spi eventstream failureaccess grpc-api grpc-context grpc-core
  grpc-protobuf grpc-protobuf-lite grpc-services grpc-stub grpc-util gson guava http-auth http-auth-aws http-auth-aws-eventstream
  http-auth-spi http-client-spi identity-spi j2objc-annotations jackson-annotations jackson-core jackson-databind jackson-datatype-jdk8
  jackson-datatype-jsr310 json-utils jspecify lettuce-core listenablefuture logback-classic logback-core metrics metrics-spi
  micrometer-commons micrometer-core micrometer-observation micrometer-registry-prometheus momento momento-local netty-buffer
  netty-codec-base netty-codec-compression netty-codec-dns netty-codec-haproxy netty-codec-http netty-codec-http2 netty-codec-socks
  netty-common netty-handler netty-handler-proxy netty-resolver netty-resolver-dns netty-resolver-dns-classes-macos netty-transport
  netty-transport-classes-epoll netty-transport-classes-kqueue netty-transport-native-epoll netty-transport-native-unix-common
  nimbus-jose-jwt password4j perfmark-api picocli profiles prometheus-metrics-config prometheus-metrics-core
  prometheus-metrics-exposition-textformats prometheus-metrics-model prometheus-metrics-tracer-common proto-google-common-protos
  protobuf-jackson protobuf-java protobuf-java-util reactive-streams reactor-core redis redis-authx-core regions retries retries-spi
  sdk-core server slf4j-api snakeyaml-engine third-party-jackson-core utils vending`.split(/\s+/);

let published;
let home;
let work;

before(() => {
  published = release();
  home = extracted(published.tarball);
  work = mkdtempSync(join(tmpdir(), 'tvm-work '));
  mkdirSync(join(work, 'empty'));
});
after(() => [dirname(home), work].forEach(folder => rmSync(folder, { recursive: true })));

/** The environment of a machine that has nothing but a C library. */
const nothing = (more = {}) => ({ PATH: join(work, 'empty'), HOME: work, ...more });
const tvm = (args, options = {}) => spawnSync(join(options.home ?? home, 'bin/tvm'), args, { cwd: work, encoding: 'utf8', ...options, env: nothing(options.env) });
const ok = (args, options) => {
  const { status, stdout, stderr, error } = tvm(args, options);
  assert.equal(status, 0, `tvm ${args.join(' ')}: ${error ?? ''}\n${stdout}\n${stderr}`);
  assert.doesNotMatch(stderr, /AOT|\[warning\]|\[error\]/, 'the cache fits');
  return stdout;
};

/** Starts a server and returns its address, once it is ready, and a way to end it. */
async function started(command, args, options) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const ended = new Promise(resolve => child.once('close', (code, signal) => resolve({ code, signal })));
  let printed = '';
  const url = await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', text => {
        printed += text;
        const ready = /^ready: (http:\S+)$/m.exec(printed);
        if (ready) resolve(ready[1]);
      });
    }
    child.once('error', reject);
    child.once('close', code => reject(new Error(`ended with ${code} before it was ready:\n${printed}`)));
  });
  const stop = async () => {
    child.kill('SIGTERM');
    assert.deepEqual(await ended, { code: 0, signal: null }, printed);
  };
  return { url, stop, printed: () => printed, pid: child.pid };
}

test('the tarball checks, explains, vends and serves without a JDK, Maven or Node.js', async () => {
  assert.match(ok(['--version']), /^tvm \d+\.\d+\.\d+\n$/);
  const example = name => join(home, 'share/examples', name);
  assert.match(ok(['check', example('chat-rooms.yaml'), '--cases', example('chat-rooms.cases.yaml')]), / 0 failed/);
  assert.match(ok(['explain', '--config', 'default']), /default-cache/);
  assert.equal(ok(['schema']), readFileSync(join(home, 'share/tvm.schema.json'), 'utf8'));
  for (const shell of ['bash', 'zsh']) assert.equal(ok(['completion', shell]), readFileSync(join(home, `share/completions/tvm.${shell}`), 'utf8'));
  const local = await started(join(home, 'bin/tvm'), ['serve', '--port', '0'], { cwd: work, env: nothing() });
  try {
    assert.doesNotMatch(local.printed(), /AOT|\[warning\]|\[error\]/);
    const { authToken } = await (await fetch(`${local.url}/?name=ann`)).json();
    assert.match(ok(['inspect'], { input: authToken }), /token of momento-local/);
    assert.match(ok(['inspect'], { input: ok(['vend', '--url', local.url]) }), /token of momento-local/);
    for (const page of ['chat', 'playground']) assert.equal((await fetch(`${local.url}/${page}/`)).status, 200, page);
    assert.match(ok(['health', '--url', `${local.url}/readyz`]), /200/);
  } finally {
    await local.stop();
  }
});

test('the files that Compose mounts are in the tarball', () => {
  const folder = join(home, 'share/deploy/compose');
  const mounted = [...readFileSync(join(folder, 'compose.yaml'), 'utf8').matchAll(/^ +- (\.\S+?):\//gm)].map(([, path]) => path);
  assert.ok(mounted.some(path => path.startsWith('../../docs/')), mounted.join());
  assert.deepEqual(mounted.filter(path => !existsSync(join(folder, path))), []);
});

test('tvm init writes a policy that serves its user and rejects others', async () => {
  const folder = join(work, 'init');
  mkdirSync(folder);
  const password = /has the password (\S+)/.exec(ok(['init', folder]))[1];
  assert.equal(tvm(['init', folder]).status, 2);
  const server = await started(join(home, 'bin/tvm'), ['serve', '--port', '0'], { cwd: folder, env: nothing() });
  try {
    const vend = word => fetch(server.url, { headers: { authorization: `Basic ${Buffer.from(`ann:${word}`).toString('base64')}` } });
    const granted = await vend(password);
    assert.equal(granted.status, 200);
    assert.ok((await granted.json()).authToken);
    assert.equal((await vend(`${password}x`)).status, 401);
    assert.equal((await fetch(server.url)).status, 401);
  } finally {
    await server.stop();
  }
});

test('a copied folder, and a link to the launcher, use the AOT cache too', () => {
  const copy = join(work, 'copied é', 'tvm');
  cpSync(home, copy, { recursive: true }); // with new file times
  const links = join(work, 'links');
  mkdirSync(links);
  symlinkSync('../copied é/tvm/bin/tvm', join(links, 'tvm'));
  // With this option a JVM whose cache does not fit ends at once.
  const env = { PATH: process.env.PATH, JDK_JAVA_OPTIONS: '-XX:AOTMode=on' };
  for (const path of [join(copy, 'bin/tvm'), join(links, 'tvm')]) assert.match(ran(path, ['--version'], { cwd: work, env: nothing(env) }), /^tvm /);
  const broken = spawnSync(join(copy, 'bin/tvm'), ['--version'], { env: nothing({ JDK_JAVA_OPTIONS: '-XX:AOTMode=on -XX:+UseParallelGC -XX:-UseSerialGC -XX:-UseCompressedOops' }) });
  assert.notEqual(broken.status, 0, 'that option tells a cache that fits from one that does not');
});

test('the tarball has these libraries and no others', () => {
  const names = readdirSync(join(home, 'lib')).filter(name => name.endsWith('.jar')).map(name => name.replace(/-\d.*$/, ''));
  assert.deepEqual([...new Set(names)].sort(), [...LIBRARIES].sort());
});

test('the same files, unpacked and packed elsewhere with other rights and in another time zone, make the same tarball', async () => {
  const making = join(work, 'again');
  const folder = join(making, '.tarball', basename(home));
  mkdirSync(dirname(folder), { recursive: true });
  // With the time of now.
  ran('sh', ['-ec', 'umask 077; tar -xmf "$1" -C "$2" --no-same-permissions', 'sh', published.tarball, dirname(folder)]);
  cpSync(join(folder, 'sbom'), join(making, 'sbom'), { recursive: true });
  const zone = process.env.TZ;
  process.env.TZ = 'Pacific/Kiritimati';
  try {
    complete({ making, folder, time: statSync(join(home, 'bin/tvm')).mtimeMs / 1000 });
    await tarball({ making, name: 'again', version: basename(home).slice('tvm-'.length) });
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
  const sum = file => createHash('sha256').update(readFileSync(file)).digest('hex');
  assert.equal(sum(join(making, 'again.tar.gz')), sum(published.tarball));
});

/** The times and the modes of what is in a zip file, by its central directory. */
function zipped(file) {
  const bytes = readFileSync(file);
  const found = [];
  let at = bytes.readUInt32LE(bytes.lastIndexOf('PK\x05\x06') + 16);
  while (bytes.readUInt32LE(at) === 0x02014b50) {
    found.push(`${bytes.readUInt32LE(at + 12)} ${(bytes.readUInt16LE(at + 40) & 0o777).toString(8)}`);
    at += [28, 30, 32].reduce((sum, offset) => sum + bytes.readUInt16LE(at + offset), 46);
  }
  return found;
}

// scripts/test.mjs builds the release with a umask and a time zone of its own.
test('archives have no time of the build, and no modes that depend on who built them', () => {
  const [year, month, day] = /<project.build.outputTimestamp>(\d+)-(\d+)-(\d+)T00:00:00Z</.exec(readFileSync(join(ROOT, 'pom.xml'), 'utf8')).slice(1).map(Number);
  const time = (((year - 1980) << 25) | (month << 21) | (day << 16)) >>> 0;
  const files = readdirSync(published.folder, { recursive: true }).filter(name => /\.(jar|zip)$/.test(name));
  assert.ok(files.length > 15, files.join());
  for (const name of files) assert.deepEqual([...new Set(zipped(join(published.folder, name)))].filter(one => one !== `${time} 644` && one !== `${time} 755`), [], name);
  const packed = ran('tar', ['-tvzf', published.client], { env: { ...process.env, TZ: 'UTC' } }).trim().split('\n');
  assert.deepEqual(packed.filter(line => !/^-rw-r--r-- 0\/0 +\d+ 1985-10-26 08:15 /.test(line)), []);
});

test('tarball and image are no larger than docs/adr/0013-release.md states', () => {
  const megabytes = file => statSync(file).size / 1e6;
  assert.ok(megabytes(published.tarball) < 90, `${megabytes(published.tarball)} MB`);
  assert.ok(megabytes(published.image) < 76, `${megabytes(published.image)} MB`);
});

test('every file has the checksum of SHA256SUMS, and the signature is that of the key', async t => {
  const sums = readFileSync(join(published.folder, 'SHA256SUMS'), 'utf8').trim().split('\n').map(line => line.split('  '));
  for (const [sum, path] of sums) assert.equal(createHash('sha256').update(readFileSync(join(published.folder, path))).digest('hex'), sum, path);
  const files = readdirSync(published.folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile() && !entry.name.startsWith('.') && !entry.name.startsWith('SHA256SUMS'));
  assert.equal(sums.length, files.length);
  if (!find('minisign')) await installSystemPackage('minisign', 'minisign');
  if (!find('minisign')) return t.skip('minisign is missing, and cannot be installed here');
  const [secret, key, copy] = ['minisign.key', 'minisign.pub', 'SHA256SUMS'].map(name => join(work, name));
  ran('minisign', ['-G', '-W', '-p', key, '-s', secret]);
  cpSync(join(published.folder, 'SHA256SUMS'), copy);
  ran('minisign', ['-S', '-s', secret, '-m', copy]);
  ran('minisign', ['-V', '-p', key, '-m', copy]);
  writeFileSync(copy, `${readFileSync(copy, 'utf8')}\n`);
  assert.notEqual(spawnSync('minisign', ['-V', '-p', key, '-m', copy]).status, 0, 'a changed file');
});

test('the bills of materials list what is in the tarball, each with a license', () => {
  const bill = kind => JSON.parse(readFileSync(join(home, 'sbom', readdirSync(join(home, 'sbom')).find(name => name.endsWith(`${kind}.cdx.json`)))));
  const java = bill('java');
  assert.equal(java.bomFormat, 'CycloneDX');
  const listed = new Set(java.components.map(one => `${one.name}-${one.version}`));
  const jars = readdirSync(join(home, 'lib')).filter(name => name.endsWith('.jar') && !name.startsWith('server-'));
  assert.deepEqual(jars.filter(jar => ![...listed].some(name => jar.startsWith(name))), []);
  for (const one of [...java.components, ...bill('npm').components]) assert.ok(one.licenses?.length > 0, one.purl);
});
