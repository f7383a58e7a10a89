// The launcher and the AOT cache, with a JDK and a Maven that only note what they are asked for.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, test } from 'node:test';

const LAUNCHER = fileURLToPath(new URL('../../tvm', import.meta.url));
const CACHES = 'for kind in key local; do echo "cached $kind" >"$folder/$kind.aot"; done';
let root;

function program(path, text) {
  writeFileSync(path, `#!/usr/bin/env bash\n${text}\n`);
  chmodSync(path, 0o755);
}

/** A JDK whose JVM writes its arguments to ran.log; what it does when it trains, for $folder, is in $root/training. */
function jdk(name) {
  const home = join(root, name);
  mkdirSync(join(home, 'bin'), { recursive: true });
  writeFileSync(join(home, 'release'), `JAVA_VERSION="25.0.1"\nNAME="${name}"\n`);
  program(join(home, 'bin', 'javac'), 'exit 0');
  program(join(home, 'bin', 'java'), `
echo "$*" >>"${root}/ran.log"
if [[ "$*" == *" train "* ]]; then folder=\${!#}; . "${root}/training"; exit; fi
if [[ "$*" == *AOTMode=on* && -e "${root}/refuses" ]]; then exit 1; fi`);
  return home;
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tvm-launcher-'));
  copyFileSync(LAUNCHER, join(root, 'tvm'));
  chmodSync(join(root, 'tvm'), 0o755);
  mkdirSync(join(root, 'server'));
  mkdirSync(join(root, 'programs'));
  writeFileSync(join(root, 'pom.xml'), '<module>server</module>');
  writeFileSync(join(root, 'server/pom.xml'), '<artifactId>server</artifactId>');
  program(join(root, 'programs/mvn'), 'mkdir -p server/target/app/lib; echo jar >server/target/app/lib/a.jar; echo jar >server/target/app/lib/b.jar');
  // Without it no pages are built here.
  program(join(root, 'programs/npm'), 'exit 1');
  program(join(root, 'programs/node'), 'echo v1.0.0');
  writeFileSync(join(root, 'training'), CACHES);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function tvm(args, jdkHome = jdk('jdk'), env = {}) {
  rmSync(join(root, 'ran.log'), { force: true });
  const PATH = `${join(root, 'programs')}:${process.env.PATH}`;
  const ended = spawnSync(join(root, 'tvm'), args, { encoding: 'utf8', timeout: 30_000, env: { ...process.env, MOMENTO_API_KEY: '', PATH, JAVA_HOME: jdkHome, TVM_PAGES: 'no', ...env } });
  const ran = existsSync(join(root, 'ran.log')) ? readFileSync(join(root, 'ran.log'), 'utf8').trim().split('\n') : [];
  return { status: ended.status, said: ended.stderr, ran };
}

const app = () => join(root, 'target/app', readdirSync(join(root, 'target/app')).find(name => /^[0-9-]+$/.test(name)));
const uses = run => / -XX:AOTCache=(\S+)/.exec(run)?.[1];

test('a built server starts with the cache that its build made', () => {
  assert.equal(tvm(['build']).status, 0);
  const { status, said, ran } = tvm(['serve', '--port', '0']);
  assert.equal(status, 0);
  assert.equal(said, '');
  assert.equal(ran.length, 1);
  assert.equal(readFileSync(uses(ran[0]), 'utf8'), 'cached local\n');
  assert.match(ran[0], /-cp \S+\/a\.jar:\S+\/b\.jar tokenvending\.server\.Main serve --port 0$/);
});

test('which cache is used follows from whether there is a key', () => {
  tvm(['build']);
  const cached = (args, env) => readFileSync(uses(tvm(args, jdk('jdk'), env).ran[0]), 'utf8').trim();
  const [withKey, without] = [join(root, 'with key.yaml'), join(root, 'without.yaml')];
  writeFileSync(withKey, 'momento: { api-key: env:KEY }\n');
  writeFileSync(without, 'rules: []\n');
  const KEY = { MOMENTO_API_KEY: 'secret' };
  assert.equal(cached(['serve']), 'cached local');
  assert.equal(cached(['serve'], KEY), 'cached key');
  assert.equal(cached(['serve', '--config', withKey]), 'cached key');
  assert.equal(cached(['serve', `--config=${withKey}`, '--port', '0']), 'cached key');
  assert.equal(cached(['serve', '--config', without], KEY), 'cached local');
  assert.equal(cached(['local']), 'cached local');
  assert.equal(cached(['check', without]), 'cached key');
});

test('a server is told where the pages are, and of their absence only where they are not', () => {
  mkdirSync(join(root, 'web'));
  writeFileSync(join(root, 'web/page.html'), 'a page');
  tvm(['build']);
  const serve = () => tvm(['serve', '--port', '0'], jdk('jdk'), { TVM_PAGES: 'yes' }).ran[0];
  const [, folder, why] = / serve --pages (\S+) --pages-missing (.+) --port 0$/.exec(serve());
  assert.match(why, /^Node\.js 20 or newer/);
  mkdirSync(folder, { recursive: true });
  assert.ok(serve().endsWith(` serve --pages ${folder} --port 0`));
});

test('training has no key and no options of the user', () => {
  writeFileSync(join(root, 'training'), `echo "[\${MOMENTO_API_KEY-}\${JAVA_TOOL_OPTIONS-}]" >"${root}/seen"; ${CACHES}`);
  tvm(['build'], jdk('jdk'), { MOMENTO_API_KEY: 'secret', JAVA_TOOL_OPTIONS: '-Xmx1g' });
  assert.equal(readFileSync(join(root, 'seen'), 'utf8'), '[]\n');
});

test('a cache that could not be made is said, and the server starts', () => {
  writeFileSync(join(root, 'training'), 'echo half >"$folder/key.aot"; exit 1');
  assert.match(tvm(['build']).said, /no AOT cache could be made/);
  const { status, said, ran } = tvm(['serve']);
  assert.equal(status, 0);
  assert.equal(said.match(/starts without an AOT cache/g).length, 1);
  assert.equal(ran.length, 1);
  assert.equal(uses(ran[0]), undefined);
  writeFileSync(join(root, 'training'), CACHES);
  tvm(['build']);
  assert.notEqual(uses(tvm(['serve']).ran[0]), undefined);
});

test('a cache that the JVM does not take is not used', () => {
  writeFileSync(join(root, 'refuses'), '');
  assert.match(tvm(['build']).said, /no AOT cache could be made/);
  assert.equal(uses(tvm(['serve']).ran[0]), undefined);
});

test('what an interrupted training left is no cache and in nobody\'s way', () => {
  tvm(['--version']);
  mkdirSync(join(app(), '.aot-making/aot'), { recursive: true });
  writeFileSync(join(app(), '.aot-making/aot/key'), 'half');
  assert.equal(uses(tvm(['--version']).ran[0]), undefined);
  tvm(['build']);
  assert.equal(readFileSync(uses(tvm(['serve']).ran[0]), 'utf8'), 'cached local\n');
  assert.equal(existsSync(join(app(), '.aot-making')), false);
});

test('another JDK has a cache of its own', () => {
  tvm(['build']);
  const other = jdk('other');
  assert.equal(uses(tvm(['--version'], other).ran[0]), undefined);
  tvm(['build'], other);
  assert.notEqual(uses(tvm(['--version'], other).ran[0]), uses(tvm(['--version']).ran[0]));
});

test('the cache does not depend on where and when somebody looks at the jars', () => {
  tvm(['build']);
  for (const jar of ['a.jar', 'b.jar']) chmodSync(join(app(), jar), 0o600);
  const { said, ran } = tvm(['serve'], jdk('jdk'), { TZ: 'Asia/Tokyo' });
  assert.doesNotMatch(said, /file times/);
  assert.ok(uses(ran.at(-1)));
});

test('parts of the benchmark are listed without building anything', () => {
  mkdirSync(join(root, 'benchmarks'));
  writeFileSync(join(root, 'benchmarks/cold.mjs'), '// cold: how long it takes\n');
  const listed = spawnSync(join(root, 'tvm'), ['bench', '--help'], { encoding: 'utf8' });
  assert.match(listed.stdout, /^ {2}cold +how long it takes$/m);
  assert.equal(listed.status, 0);
  assert.ok(!existsSync(join(root, 'target')));
});

test('where there is no flock a build is kept for as long as somebody runs from it', () => {
  for (const name of ['bash', 'basename', 'cat', 'cksum', 'chmod', 'cp', 'dirname', 'find', 'grep', 'id', 'ls', 'mkdir', 'mkfifo', 'mv', 'nice', 'readlink', 'rm', 'sed', 'sh', 'sleep', 'sort', 'stat', 'tail', 'touch']) {
    const found = spawnSync('bash', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
    if (found.startsWith('/')) symlinkSync(found, join(root, 'programs', name));
  }
  const alone = { PATH: join(root, 'programs') };
  const home = jdk('jdk');
  tvm(['build'], home, alone);
  const first = app();
  writeFileSync(join(first, `.running-${process.pid}`), '');
  writeFileSync(join(root, 'server/pom.xml'), '<artifactId>server</artifactId><!-- changed -->');
  tvm(['build'], home, alone);
  assert.ok(existsSync(first));
  rmSync(join(first, `.running-${process.pid}`));
  writeFileSync(join(first, '.running-999999999'), '');
  writeFileSync(join(root, 'server/pom.xml'), '<artifactId>server</artifactId><!-- again -->');
  tvm(['build'], home, alone);
  assert.ok(!existsSync(first));
});

test('jars with other file times are said once and start without the cache', () => {
  tvm(['build']);
  utimesSync(join(app(), 'a.jar'), 1_000_000, 1_000_000);
  const { status, said, ran } = tvm(['serve']);
  assert.equal(status, 0);
  assert.equal(said.match(/starts without its AOT cache/g).length, 1);
  assert.equal(uses(ran[0]), undefined);
});

test('a server whose cache is missing does not wait for it, and the next one has it', async () => {
  tvm(['--version']);
  writeFileSync(join(root, 'training'), `until [[ -e "${root}/go" ]]; do sleep 0.05; done; ${CACHES}`);
  assert.equal(tvm(['serve']).status, 0);
  assert.equal(uses(tvm(['--version']).ran.at(-1)), undefined);
  writeFileSync(join(root, 'go'), '');
  for (let i = 0; i < 200 && !readdirSync(app()).some(name => name.startsWith('aot-')); i++) await new Promise(resolve => setTimeout(resolve, 50));
  assert.notEqual(uses(tvm(['serve']).ran.at(-1)), undefined);
});
