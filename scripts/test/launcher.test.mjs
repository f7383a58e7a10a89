// The launcher, and how it builds, with a JDK, a Maven and an npm that record what they are started with.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { eventually } from '../../e2e/node/support/waiting.mjs';

const LAUNCHER = fileURLToPath(new URL('../../tvm', import.meta.url));
const SCRIPTS = fileURLToPath(new URL('../', import.meta.url));
const JAVA = join(process.env.JAVA_HOME, 'bin/java');
let classes;
let root;

before(() => {
  classes = mkdtempSync(join(tmpdir(), 'tvm-classes-'));
  const compiled = spawnSync(`${JAVA}c`, ['-d', classes, join(SCRIPTS, 'Build.java'), join(SCRIPTS, 'Train.java')], { encoding: 'utf8' });
  assert.equal(compiled.status, 0, compiled.stderr);
});
after(() => rmSync(classes, { recursive: true }));

function program(path, text) {
  writeFileSync(path, `#!/usr/bin/env bash\n${text}\n`);
  chmodSync(path, 0o755);
}

/** A JDK that builds as a JDK does. Its server writes its arguments to ran.log; how it trains, into $caches, is in $root/training. */
function jdk(name = 'jdk') {
  const home = join(root, name);
  mkdirSync(join(home, 'bin'), { recursive: true });
  writeFileSync(join(home, 'release'), `JAVA_VERSION="25.0.1"\nNAME="${name}"\n`);
  program(join(home, 'bin/javac'), 'exit 0');
  program(join(home, 'bin/java'), `
case $1 in
  */Build.java) exec "${JAVA}" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "${classes}" Build "\${@:2}" ;;
  */Train.java) caches=$2; . "${root}/training"; exit ;;
esac
echo "$*" >>"${root}/ran.log"`);
  return home;
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tvm-launcher Søren '));
  copyFileSync(LAUNCHER, join(root, 'tvm'));
  cpSync(SCRIPTS, join(root, 'scripts'), { recursive: true });
  for (const folder of ['.mvn', 'server/src/main', 'programs', 'web']) mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'pom.xml'), '<project>\n  <revision>1.2.3</revision>\n</project>\n');
  writeFileSync(join(root, 'server/pom.xml'), '<artifactId>server</artifactId>');
  program(join(root, 'programs/mvn'), 'mkdir -p server/target/app/lib server/target/classes; echo jar >server/target/app/lib/a.jar; echo jar >server/target/app/lib/b.jar');
  // Without it no pages are built here.
  program(join(root, 'programs/npm'), 'exit 1');
  program(join(root, 'programs/node'), 'echo v1.0.0');
  writeFileSync(join(root, 'training'), 'mkdir -p "$caches"; for kind in key local; do echo "$kind of $JAVA_HOME" >"$caches/$kind"; done');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const environment = (home, env) => ({ ...process.env, MOMENTO_API_KEY: '', PATH: `${join(root, 'programs')}:${process.env.PATH}`, JAVA_HOME: home, TVM_PAGES: 'no', ...env });

function tvm(args, { home = jdk(), env = {}, launcher = join(root, 'tvm'), cwd = root } = {}) {
  rmSync(join(root, 'ran.log'), { force: true });
  const ended = spawnSync(launcher, args, { cwd, encoding: 'utf8', timeout: 60_000, env: environment(home, env) });
  const ran = existsSync(join(root, 'ran.log')) ? readFileSync(join(root, 'ran.log'), 'utf8').trim().split('\n') : [];
  return { status: ended.status, said: ended.stderr, printed: ended.stdout, ran };
}

const builds = () => readdirSync(join(root, 'target/app')).filter(name => /^[0-9-]+$/.test(name)).map(name => join(root, 'target/app', name));
const app = () => builds()[0];
const caches = () => readdirSync(app()).filter(name => name.startsWith('aot-')).map(name => join(app(), name));
const uses = run => /^-XX:AOTCache=(.+?) @/.exec(run)?.[1];
const change = () => writeFileSync(join(root, 'server/src/main/Source.java'), `// ${Math.random()}`);

test('help, of every command that is no command of the server too, and the version need no JDK and build nothing', () => {
  mkdirSync(join(root, 'benchmarks'));
  writeFileSync(join(root, 'benchmarks/cold.mjs'), '// cold: how long it takes\n');
  const alone = { home: '/nowhere' };
  assert.match(tvm(['help'], alone).printed, /^Usage: .*\/tvm COMMAND/);
  for (const command of ['build', 'test', 'bench', 'synth', 'diff', 'deploy', 'destroy', 'bootstrap', 'rollback']) {
    for (const option of ['--help', '-h']) assert.match(tvm([command, option], alone).printed, new RegExp(`^Usage: \\./tvm .*${command}`, 's'));
  }
  assert.match(tvm(['bench', 'help'], alone).printed, /^ {2}cold: how long it takes$/m);
  for (const option of ['--version', '-V']) assert.equal(tvm([option], alone).printed, 'tvm 1.2.3\n');
  assert.equal(existsSync(join(root, 'target')), false);
});

test('a command that does not exist, or an argument that build does not know, is wrong input', () => {
  for (const args of [['nonsense'], [], ['build', 'nonsense'], ['build', 'aws', 'app']]) assert.equal(tvm(args).status, 2, args.join(' '));
});

test('a built server starts with the cache that its build made, and says nothing', () => {
  assert.equal(tvm(['build']).status, 0);
  const { status, said, ran } = tvm(['serve', '--port', '0']);
  assert.equal(status, 0);
  assert.equal(said, '');
  assert.equal(ran.length, 1);
  assert.equal(readFileSync(uses(ran[0]), 'utf8'), `local of ${join(root, 'jdk')}\n`);
  assert.match(ran[0], /-cp \S+ Søren \S+\/a\.jar:.+\/b\.jar tokenvending\.server\.cli\.Main serve --port 0$/);
});

test('which cache is used follows from whether there is an API key', () => {
  tvm(['build']);
  const kind = (args, env) => basename(uses(tvm(args, { env }).ran[0]));
  const [withKey, without] = [join(root, 'with key.yaml'), join(root, 'without.yaml')];
  writeFileSync(withKey, 'momento: { api-key: env:KEY }\n');
  writeFileSync(without, 'rules: []\n');
  assert.equal(kind(['serve']), 'local');
  assert.equal(kind(['serve'], { MOMENTO_API_KEY: 'secret' }), 'key');
  for (const args of [['--config', withKey], [`--config=${withKey}`, '--port', '0'], [withKey], ['--port', '0', withKey]]) assert.equal(kind(['serve', ...args]), 'key', args.join(' '));
  assert.equal(kind(['serve', '--config', without]), 'local');
});

test('the launcher finds its root through symbolic links, and the server starts in the folder of the user', () => {
  tvm(['build']);
  const folder = join(root, 'elsewhere');
  mkdirSync(folder);
  symlinkSync('../tvm', join(folder, 'first'));
  symlinkSync(join(folder, 'first'), join(folder, 'second'));
  program(join(root, 'jdk/bin/java'), `pwd >"${root}/ran.log"`);
  assert.deepEqual(tvm(['check'], { home: join(root, 'jdk'), launcher: join(folder, 'second'), cwd: folder }).ran, [folder]);
});

test('the process that a signal reaches is the server itself', async () => {
  tvm(['build']);
  const home = jdk();
  program(join(home, 'bin/java'), `echo $$ >"${root}/pid"; trap 'echo ended >"${root}/ended"; exit 7' TERM; while :; do sleep 0.05; done`);
  const child = spawn(join(root, 'tvm'), ['serve'], { stdio: 'ignore', env: environment(home) });
  const ended = new Promise(resolve => child.once('exit', resolve));
  await eventually('the program to run', () => existsSync(join(root, 'pid')) && readFileSync(join(root, 'pid'), 'utf8') === `${child.pid}\n`);
  child.kill('SIGTERM');
  assert.equal(await ended, 7);
  assert.ok(existsSync(join(root, 'ended')));
});

test('a server gets the folder of the pages, and why they are missing only where they are', () => {
  writeFileSync(join(root, 'web/page.html'), 'a page');
  tvm(['build']);
  const serve = () => tvm(['serve', '--port', '0'], { env: { TVM_PAGES: 'yes' } }).ran[0];
  const [, folder, why] = / serve --pages (.+) --pages-missing (.+) --port 0$/.exec(serve());
  assert.match(why, /^Node\.js 20 or newer/);
  mkdirSync(folder, { recursive: true });
  assert.ok(serve().endsWith(` serve --pages ${folder} --port 0`));
});

test('training has no key and no options of the user', () => {
  writeFileSync(join(root, 'training'), `echo "[\${MOMENTO_API_KEY-}\${JAVA_TOOL_OPTIONS-}]" >"${root}/seen"`);
  tvm(['build'], { env: { MOMENTO_API_KEY: 'secret', JAVA_TOOL_OPTIONS: '-Xmx1g' } });
  assert.equal(readFileSync(join(root, 'seen'), 'utf8'), '[]\n');
});

test('a cache that could not be made is one line, the server starts, and the next build tries again', () => {
  writeFileSync(join(root, 'training'), 'mkdir "$caches"; exit 1');
  assert.match(tvm(['build']).said, /no AOT caches could be made/);
  const { status, said, ran } = tvm(['serve']);
  assert.equal(status, 0);
  assert.match(said, /^tvm: starts without an AOT cache.*\n$/);
  assert.equal(uses(ran[0]), undefined);
  writeFileSync(join(root, 'training'), 'echo made >"$caches/local"');
  tvm(['build']);
  assert.notEqual(uses(tvm(['serve']).ran[0]), undefined);
});

test('a copied build gets back the file times that its cache is valid for', () => {
  tvm(['build']);
  const time = statSync(join(app(), 'a.jar')).mtimeMs;
  assert.equal(time, Date.UTC(2020, 0, 1));
  utimesSync(join(app(), 'a.jar'), new Date(), new Date());
  const { said, ran } = tvm(['check'], { env: { TZ: 'Asia/Tokyo' } });
  assert.equal(said, '');
  assert.notEqual(uses(ran[0]), undefined);
  assert.equal(statSync(join(app(), 'a.jar')).mtimeMs, time);
});

test('another JDK has a cache of its own', () => {
  tvm(['build']);
  const other = jdk('other');
  assert.equal(uses(tvm(['check'], { home: other }).ran[0]), undefined);
  tvm(['build'], { home: other });
  assert.equal(readFileSync(uses(tvm(['check'], { home: other }).ran[0]), 'utf8'), `local of ${other}\n`);
  assert.equal(caches().length, 2);
});

test('a server whose cache is missing does not wait for it, and the next one has it', async () => {
  writeFileSync(join(root, 'training'), `until [[ -e "${root}/go" ]]; do sleep 0.05; done; mkdir "$caches.new"; echo made >"$caches.new/local"; mv "$caches.new" "$caches"`);
  const { status, ran } = tvm(['serve']);
  assert.equal(status, 0);
  assert.equal(uses(ran[0]), undefined);
  writeFileSync(join(root, 'go'), '');
  await eventually('a cache', () => caches().some(folder => !folder.endsWith('.new')));
  assert.notEqual(uses(tvm(['serve']).ran[0]), undefined);
});

test('a finished build in a tree that cannot be written to is used', { skip: process.getuid() === 0 && !existsSync('/usr/bin/setpriv') }, () => {
  tvm(['build']);
  const readOnly = (...paths) => spawnSync('chmod', ['-R', 'a+rX,a-w', ...paths]);
  readOnly(root);
  // The file system does not stop root: as another user, which reads all and owns nothing.
  const as = process.getuid() === 0 ? ['/usr/bin/setpriv', '--reuid', '65534', '--clear-groups'] : [];
  const [launcher, ...args] = [...as, join(root, 'tvm'), 'check'];
  writeFileSync(join(root, 'ran.log'), '');
  chmodSync(join(root, 'ran.log'), 0o666);
  const ended = spawnSync(launcher, args, { cwd: root, encoding: 'utf8', env: environment(join(root, 'jdk')) });
  spawnSync('chmod', ['-R', 'u+w', root]);
  assert.equal(ended.status, 0, ended.stderr);
  assert.match(readFileSync(join(root, 'ran.log'), 'utf8'), /cli\.Main check$/m);
});

test('only a change of content builds again: not a time, not another folder', () => {
  const first = tvm(['check']);
  assert.match(first.said, /^tvm: building/);
  utimesSync(join(root, 'server/pom.xml'), 1_000_000, 1_000_000);
  assert.equal(tvm(['check']).said, '');
  change();
  assert.match(tvm(['check']).said, /^tvm: building/);
  rmSync(join(root, 'server/src/main/Source.java'));
  assert.match(tvm(['check']).said, /^tvm: building/);
});

test('class files of a module that changed are made again, and others are kept', () => {
  mkdirSync(join(root, 'other/src/main'), { recursive: true });
  writeFileSync(join(root, 'other/pom.xml'), '<artifactId>other</artifactId>');
  program(join(root, 'programs/mvn'), 'mkdir -p {server,other}/target/classes server/target/app/lib; echo jar >server/target/app/lib/a.jar');
  change();
  tvm(['check']);
  const classFiles = ['server', 'other'].map(folder => join(root, folder, 'target/classes/Old.class'));
  for (const file of classFiles) writeFileSync(file, '');
  rmSync(join(root, 'server/src/main/Source.java'));
  tvm(['check']);
  assert.deepEqual(classFiles.map(file => existsSync(file)), [false, true]);
});

test('a build that failed leaves nothing, and shows what Maven said', () => {
  tvm(['check']);
  const before = builds();
  program(join(root, 'programs/mvn'), 'mkdir -p server/target/app/lib; echo jar >server/target/app/lib/a.jar; echo "[ERROR] does not compile"; echo "[INFO] noise"; exit 1');
  change();
  const { status, said } = tvm(['check']);
  assert.equal(status, 1);
  assert.match(said, /does not compile/);
  assert.doesNotMatch(said, /noise/);
  assert.match(said, /the build failed; the whole log is in /);
  assert.deepEqual(builds(), before);
});

test('sources that change while they are built are built again', () => {
  program(join(root, 'programs/mvn'), `mkdir -p server/target/app/lib; echo jar >server/target/app/lib/a.jar; [[ -e "${root}/built" ]] || echo changed >server/src/main/Source.java; : >"${root}/built"`);
  const { status, said } = tvm(['check']);
  assert.equal(status, 0);
  assert.equal(said.match(/the sources changed while they were built/g).length, 1);
  assert.equal(builds().length, 1);
});

test('a signal ends the build, and Maven with it', async () => {
  program(join(root, 'programs/mvn'), `echo $$ >"${root}/maven"; exec sleep 60`);
  const child = spawn(join(root, 'tvm'), ['check'], { stdio: 'ignore', env: environment(jdk()) });
  const ended = new Promise(resolve => child.once('exit', resolve));
  await eventually('Maven to run', () => existsSync(join(root, 'maven')) && readFileSync(join(root, 'maven'), 'utf8') !== '');
  const maven = Number(readFileSync(join(root, 'maven'), 'utf8'));
  child.kill('SIGTERM');
  assert.equal(await ended, 143);
  await eventually('the build to end', () => {
    try {
      return !process.kill(maven, 0);
    } catch {
      return true;
    }
  });
});

test('two commands at a time build once', async () => {
  program(join(root, 'programs/mvn'), `echo >>"${root}/builds"; until [[ -e "${root}/go" ]]; do sleep 0.05; done; mkdir -p server/target/app/lib; echo jar >server/target/app/lib/a.jar`);
  const home = jdk();
  let waits = '';
  const ends = [0, 1].map(() => {
    const child = spawn(join(root, 'tvm'), ['check'], { stdio: ['ignore', 'ignore', 'pipe'], env: environment(home) });
    child.stderr.on('data', text => (waits += text));
    return new Promise(resolve => child.once('exit', resolve));
  });
  await eventually('the second build to wait', () => waits.includes('waiting for another build of this folder to end'));
  writeFileSync(join(root, 'go'), '');
  assert.deepEqual(await Promise.all(ends), [0, 0]);
  assert.equal(readFileSync(join(root, 'builds'), 'utf8'), '\n');
});

test('a build is kept for as long as a process runs from it', () => {
  tvm(['check']);
  const first = app();
  rmSync(join(first, '.running'), { recursive: true });
  mkdirSync(join(first, '.running'));
  writeFileSync(join(first, '.running', String(process.pid)), '');
  change();
  tvm(['check']);
  assert.ok(existsSync(join(first, 'a.jar')));
  rmSync(join(first, '.running', String(process.pid)));
  writeFileSync(join(first, '.running/999999999'), '');
  change();
  tvm(['check']);
  assert.equal(existsSync(first), false);
});

/** Trains a program that serves as Train.java expects it, and answers requests for tokens with `status`. */
function train(status, fits = true) {
  writeFileSync(join(root, 'server.mjs'), `
import { createServer } from 'node:http';
import { readFileSync, writeFileSync } from 'node:fs';
const output = process.argv.find(arg => arg.startsWith('-XX:AOTCacheOutput='));
if (process.argv.includes('--version')) process.exit(${fits ? 0 : 1});
if (process.argv.includes('local')) console.log('  API key (v1)   key');
const jwt = process.argv.includes('serve') && readFileSync(process.argv.at(-1), 'utf8').includes('oidc') ? ${status} : 401;
const server = createServer((request, response) => {
  response.statusCode = request.headers.authorization ? jwt : ${status};
  response.end('{"authToken":"x"}');
}).listen(0, '127.0.0.1', () => console.log('ready: http://127.0.0.1:' + server.address().port));
process.on('SIGTERM', () => { writeFileSync(output.slice(output.indexOf('=') + 1), 'cache'); process.exit(0); });`);
  const folder = join(root, 'caches');
  const ended = spawnSync(JAVA, ['-cp', classes, 'Train', folder, process.execPath, join(root, 'server.mjs'), '-cp', 'class path', 'Main'], { encoding: 'utf8', timeout: 60_000 });
  return { status: ended.status, said: ended.stderr, caches: readdirSync(folder) };
}

test('caches are made by servers that vend tokens, with a key and without', () => {
  const { status, said, caches: made } = train(200);
  assert.deepEqual([status, made], [0, ['key', 'local']], said);
});

test('a server that vends none, or a JVM that does not take the caches, leaves none', () => {
  const { status, said, caches: made } = train(503);
  assert.deepEqual([status, made], [1, []]);
  assert.match(said, /status 503, expected 200/);
  assert.deepEqual(train(200, false).caches, []);
});

const BUILT = join(SCRIPTS, '../target/app', spawnSync(LAUNCHER, ['fingerprint'], { encoding: 'utf8' }).stdout.trim());
test('the server of this tree has caches', { skip: !existsSync(BUILT) }, () => {
  const [made] = readdirSync(BUILT).filter(name => name.startsWith('aot-'));
  for (const kind of ['key', 'local']) assert.ok(statSync(join(BUILT, made, kind)).size > 1_000_000);
});

// What programs see that the launcher starts. Each run adds one line of JSON to seen.log: arguments, environment, folder.
const SECRETS = {
  MOMENTO_API_KEY: 'top-secret-1', AWS_SECRET_ACCESS_KEY: 'top-secret-2', AWS_ACCESS_KEY_ID: 'id', REDIS_URL: 'redis://:top-secret-3@host',
  'spring.password': 'top-secret-4', DB_PASSWORD: 'two\nMORE=top-secret-5', JAVA_TOOL_OPTIONS: '-Dx=top-secret-6', NODE_OPTIONS: '--title=top-secret-7',
  NPM_TOKEN: 'top-secret-8', CDK_APP: 'touch evil', 'BASH_FUNC_mvn%%': '() { echo top-secret-9; }',
};
const SHELL_OWN = ['PWD', 'SHLVL', '_', 'OLDPWD'];
const NEEDED = [
  'PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR', 'TERM', 'TZ', 'CI', 'NO_COLOR', 'FORCE_COLOR', 'LC_ALL', 'JAVA_HOME', 'MAVEN_OPTS', 'HTTPS_PROXY', 'NO_PROXY',
  'MAVEN_HOME', 'M2_HOME', 'MAVEN_ARGS', 'HTTP_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'all_proxy',
  ...['registry', 'cache', 'userconfig', 'cafile'].flatMap(name => [`npm_config_${name}`, `NPM_CONFIG_${name.toUpperCase()}`]), 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'CHROMIUM', 'FIREFOX', 'CHAT', 'TVM',
];

function watched(name, then) {
  const recorder = join(root, 'recorder.cjs');
  writeFileSync(recorder, `
const { appendFileSync, readFileSync } = require('node:fs');
const [file, ...args] = process.argv.slice(2);
let cmdline = '';
try { cmdline = readFileSync('/proc/self/cmdline', 'utf8'); } catch { }
appendFileSync(${JSON.stringify(join(root, 'seen.log'))}, JSON.stringify({ name: file, args, env: process.env, cwd: process.cwd(), cmdline }) + '\\n');`);
  program(join(root, 'programs', name), `"${process.execPath}" "${recorder}" ${name} "$@"\n${then}`);
}

const seen = name => (existsSync(join(root, 'seen.log')) ? readFileSync(join(root, 'seen.log'), 'utf8') : '').split('\n').filter(line => line !== '')
  .map(line => JSON.parse(line)).filter(run => name === undefined || run.name === name);

function assertNoSecrets(runs, allowed = NEEDED) {
  assert.notEqual(runs.length, 0);
  for (const run of runs) {
    assert.doesNotMatch(JSON.stringify(run), /top-secret/, `${run.name} ${run.args.join(' ')}`);
    assert.deepEqual(Object.keys(run.env).filter(name => ![...allowed, ...SHELL_OWN].includes(name)), []);
    assert.match(run.env.LC_ALL, /utf-?8/i);
  }
}

/** A root whose pages and whose stack can be built, with a Maven and an npm that record what they see. */
function watchedRoot() {
  mkdirSync(join(root, 'web/client/src'), { recursive: true });
  writeFileSync(join(root, 'web/package-lock.json'), '{}');
  for (const module of ['lambda', 'infrastructure']) {
    mkdirSync(join(root, module));
    writeFileSync(join(root, module, 'pom.xml'), `<artifactId>${module}</artifactId>`);
  }
  writeFileSync(join(root, 'infrastructure/package-lock.json'), '{}');
  copyFileSync(fileURLToPath(new URL('../../infrastructure/cdk.cjs', import.meta.url)), join(root, 'infrastructure/cdk.cjs'));
  watched('mvn', 'for lib in server/target/app/lib infrastructure/target/app/lib lambda/target/function/lib lambda/target/runtime; do mkdir -p $lib; echo jar >$lib/a.jar; done');
  watched('npm', 'mkdir -p node_modules/aws-cdk/bin; cp "' + join(root, 'cdk.js') + '" node_modules/aws-cdk/bin/cdk.js 2>/dev/null; exit 0');
  program(join(root, 'programs/node'), `exec "${process.execPath}" "$@"`);
  writeFileSync(join(root, 'cdk.js'), `
const { appendFileSync, existsSync, readFileSync } = require('node:fs');
let cmdline = '';
try { cmdline = readFileSync('/proc/self/cmdline', 'utf8'); } catch { }
const read = ['cdk.json', require('node:os').homedir() + '/.cdk.json'].filter(existsSync);
const account = process.argv.find(arg => arg.startsWith('--account='))?.slice('--account='.length);
if (account !== undefined) {
  require('node:child_process').spawnSync('sh', ['-c', process.env.TVM_CDK_COMMAND], { stdio: 'inherit', env: { ...process.env, CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: 'eu-west-1' } });
  console.error("Has the environment been bootstrapped? Please run 'cdk bootstrap'");
  console.error("/tmp/jsii/lib/program.js:1:2\\nWARNING tvm.yaml:1: warning: limits: no limits (Construct Annotations)\\n   Stack/Machine\\n   Acknowledge with 'Annotation::tvm:limits'\\n\\n\\u001b[4m/tmp/jsii/lib/program.js:1:2\\u001b[24m\\n\\u001b[1m\\u001b[34mINFO\\u001b[39m\\u001b[22m \\u001b[1mthe budget\\u001b[22m \\u001b[90m(Construct Annotations)\\u001b[39m\\n   Stack/Machine\\n   \\u001b[90mAcknowledge with 'Annotation::tvm:momento.budget'\\u001b[39m");
  process.exitCode = 1;
}
appendFileSync(${JSON.stringify(join(root, 'seen.log'))}, JSON.stringify({ name: 'cdk', args: process.argv.slice(2), env: process.env, cwd: process.cwd(), cmdline, read }) + '\\n');`);
}

test('arguments that test and bench do not know are wrong input, and where Node.js is missing they say so', () => {
  assert.match(tvm(['test']).said, /Node\.js 20 or newer, or its npm, is missing: install them to use \.\/tvm test/);
  watchedRoot();
  for (const args of [['bench', 'nonsense'], ['bench', '../tvm'], ['test', 'all']]) assert.equal(tvm(args).status, 2, args.join(' '));
  assert.equal(existsSync(join(root, 'target/app')), false);
});

test('programs of the build see no secret and run no script of a package', () => {
  watchedRoot();
  writeFileSync(join(root, 'training'), `"${process.execPath}" "${join(root, 'recorder.cjs')}" training`);
  const { status, said } = tvm(['build'], { env: { ...SECRETS, HTTPS_PROXY: 'http://proxy.example.com:3128', TVM_PAGES: 'yes' } });
  assert.equal(status, 0, said);
  assertNoSecrets(seen());
  const [maven] = seen('mvn');
  assert.match(readFileSync(join(SCRIPTS, '../.mvn/maven.config'), 'utf8'), /^-C$/m, 'strict checksums');
  assert.equal(maven.env.HTTPS_PROXY, 'http://proxy.example.com:3128');
  assert.deepEqual(seen('npm').map(run => run.args[0]), ['ci', 'run']);
  assert.ok(seen('npm')[0].args.includes('--ignore-scripts'));
  assert.equal(seen('training').length, 1);
});

test('what a server has built beside it sees no secret either', async () => {
  watchedRoot();
  assert.equal(tvm(['serve', '--port', '0'], { env: { ...SECRETS, TVM_PAGES: 'yes' } }).status, 0);
  await eventually('the pages', () => existsSync(join(root, 'target/pages')) && readdirSync(join(root, 'target/pages')).some(name => /^[0-9-]+$/.test(name)));
  assert.equal(seen('npm').length, 2);
  assertNoSecrets(seen());
});

test('a variable that the build needs is named', () => {
  watchedRoot();
  tvm(['build'], { env: { ...SECRETS, NPM_TOKEN: 'for the registry', TVM_BUILD_VARIABLES: 'NPM_TOKEN NO_SUCH a[$(touch${IFS}evil)]' } });
  assertNoSecrets(seen(), [...NEEDED, 'NPM_TOKEN', 'TVM_BUILD_VARIABLES']);
  assert.equal(seen('npm')[0].env.NPM_TOKEN, 'for the registry');
  assert.ok(!existsSync(join(root, 'evil')));
});

test('the JVM has a UTF-8 locale, whatever the locale is', () => {
  tvm(['build']);
  program(join(root, 'jdk/bin/java'), `printf '%s' "$LC_ALL" >"${root}/locale"`);
  for (const env of [{ LC_ALL: 'C' }, { LC_ALL: 'POSIX' }, { LC_ALL: undefined, LANG: undefined, LC_CTYPE: undefined }, { LC_ALL: '', LANG: 'C' }, { LC_ALL: 'nowhere' }, { LC_ALL: 'C.UTF-8' }]) {
    writeFileSync(join(root, 'locale'), 'none');
    assert.equal(tvm(['check'], { home: join(root, 'jdk'), env }).status, 0);
    assert.match(readFileSync(join(root, 'locale'), 'utf8'), /utf-?8/i);
  }
});

const DEPLOYING = ['CDK_DISABLE_CLI_TELEMETRY', 'TVM_CDK_APP', 'TVM_CDK_COMMAND', 'TVM_CDK_FOLDER', 'TVM_CDK_JAVA', 'TVM_CDK_RUN',
  'JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION', 'JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION', 'JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION'];

/** What the CDK's command line was started with by ./tvm. */
function cdk(args, { env = {}, input = '', folder = root } = {}) {
  const home = jdk('jdk');
  const PATH = `${join(root, 'programs')}:${process.env.PATH}`;
  rmSync(join(root, 'seen.log'), { force: true });
  const ended = spawnSync(join(root, 'tvm'), args, { cwd: folder, input, encoding: 'utf8', timeout: 60_000, env: { ...process.env, ...SECRETS, MOMENTO_API_KEY: '', AWS_REGION: 'us-west-2', PATH, JAVA_HOME: home, ...env } });
  return { status: ended.status, said: ended.stderr, printed: ended.stdout, run: seen('cdk')[0] };
}

test('the key of a deployment is read from a file, the environment or standard input, and is no argument of the CDK', () => {
  watchedRoot();
  writeFileSync(join(root, 'key'), 'the-key==\n');
  const forms = [
    [['--momento-api-key', 'file:key'], {}],
    [['--momento-api-key=env:SOME_KEY'], { env: { SOME_KEY: 'the-key==' } }],
    [['--momento-api-key', 'env:MOMENTO_API_KEY', '-c', 'stack=Other'], { env: { MOMENTO_API_KEY: 'the-key==' } }],
    [['--momento-api-key', '-', '--require-approval', 'never'], { input: 'the-key==\n' }],
  ];
  for (const [options, settings] of forms) {
    const { run, said } = cdk(['deploy', ...options], settings);
    assert.ok(run, said);
    assert.equal(run.args.at(-2), '--parameters');
    assert.equal(run.args.at(-1), 'MomentoApiKey=the-key==');
    assert.doesNotMatch(run.cmdline + JSON.stringify(run.env), /the-key/);
    assert.deepEqual(Object.keys(run.env).filter(name => !name.startsWith('AWS_') && ![...NEEDED, ...DEPLOYING, ...SHELL_OWN].includes(name)), []);
    assert.equal(run.env.AWS_SECRET_ACCESS_KEY, 'top-secret-2');
  }
  assert.ok(!cdk(['deploy']).run.args.includes('--parameters'));
});

test('a key that is not a reference, or is not there, deploys nothing', () => {
  watchedRoot();
  for (const options of [['the-key'], ['env:NO_SUCH'], ['env:a[$(touch evil)]'], ['file:nowhere'], ['-'], []]) {
    const { status, run } = cdk(['deploy', '--momento-api-key', ...options]);
    assert.equal(status, 2, options.join());
    assert.equal(run, undefined);
  }
  assert.equal(cdk(['diff', '--momento-api-key', 'env:PATH']).status, 2);
  assert.equal(cdk(['deploy', '--momento-api-key', 'env:PATH', '-c', 'momento-secret=s']).status, 2);
  // The CDK prints its arguments then.
  assert.equal(cdk(['deploy', '-v', '--momento-api-key', 'env:PATH']).run, undefined);
  assert.ok(!existsSync(join(root, 'evil')));
});

test('the CDK reads no configuration but ours, and paths begin at the folder of the user', () => {
  watchedRoot();
  const folder = join(root, 'a folder');
  mkdirSync(folder);
  for (const place of ['cdk.json', '.cdk.json', 'cdk.context.json']) writeFileSync(join(folder, place), '{"app":"touch evil","context":{"config":"evil.yaml"}}');
  const { run } = cdk(['deploy', '--outputs-file', 'out.json', '-o=cdk.out'], { folder, env: { HOME: folder } });
  assert.deepEqual(run.read, []);
  assert.equal(run.env.HOME, folder);
  assert.equal(run.env.TVM_CDK_FOLDER, folder);
  assert.equal(run.args[run.args.indexOf('--outputs-file') + 1], join(folder, 'out.json'));
  assert.ok(run.args.includes(`-o=${join(folder, 'cdk.out')}`));
  assert.equal(run.env.CDK_APP, undefined);
  // A template is the same for every account.
  const synth = cdk(['synth'], { folder }).run;
  assert.equal(synth.env.AWS_SECRET_ACCESS_KEY, undefined);
});

test('account and region are printed, and a failure names its cause', () => {
  watchedRoot();
  const { said } = cdk(['deploy', '--account=111122223333']);
  assert.match(said, /tvm: AWS account 111122223333, region eu-west-1\n/);
  assert.match(said, /Please run '\.\/tvm bootstrap'/);
  assert.match(said, /\ntvm\.yaml:1: warning: limits: no limits\n(?:\u001b\[1m)?the budget(?:\u001b\[22m)?\n/, 'each warning is one line');
  assert.doesNotMatch(said, /Acknowledge|program\.js/);
  assert.doesNotMatch(said, /credentials/);
  assert.match(cdk(['deploy', '--account=']).said, /did not accept the credentials/);
});

test('without a region nothing is deployed', () => {
  watchedRoot();
  const home = join(root, 'no-region');
  mkdirSync(join(home, '.aws'), { recursive: true });
  writeFileSync(join(home, '.aws/config'), '[default]\noutput = json\n[profile other]\nregion = eu-west-1\n');
  const env = { AWS_REGION: '', AWS_DEFAULT_REGION: '', AWS_CONFIG_FILE: '', AWS_PROFILE: '', HOME: home };
  const { run, said, status } = cdk(['deploy'], { env });
  assert.equal(run, undefined);
  assert.equal(status, 1);
  assert.match(said, /no AWS region was found/);
  assert.ok(cdk(['deploy', '--profile', 'other'], { env }).run);
  assert.ok(cdk(['deploy'], { env: { ...env, AWS_DEFAULT_REGION: 'eu-west-1' } }).run);
});

test('a rollback points every function at its version before, or changes nothing', () => {
  watchedRoot();
  const arn = name => `arn:aws:lambda:us-west-2:111122223333:function:${name}:live`;
  writeFileSync(join(root, 'aws.cjs'), `
const { appendFileSync } = require('node:fs');
const args = process.argv.slice(2);
const name = args[args.indexOf('--function-name') + 1];
appendFileSync(${JSON.stringify(join(root, 'aws.log'))}, args.join(' ') + '\\n');
const answers = {
  'describe-stack-resources': { StackResources: [{ ResourceType: 'AWS::Lambda::Alias', PhysicalResourceId: '${arn('vend')}' }, { ResourceType: 'AWS::S3::Bucket', PhysicalResourceId: 'x' }, { ResourceType: 'AWS::Lambda::Alias', PhysicalResourceId: '${arn('authorizer')}' }] },
  'get-alias': { FunctionVersion: '12' },
  'list-versions-by-function': { Versions: ['$LATEST', '3', '11', '12', '13'].filter(one => name !== process.env.AWS_NO_EARLIER || one >= 12).map(Version => ({ Version })) },
  'update-alias': {},
};
console.log(JSON.stringify(answers[args[1]]));`);
  program(join(root, 'programs/aws'), `exec "${process.execPath}" "${join(root, 'aws.cjs')}" "$@"`);
  const calls = () => readFileSync(join(root, 'aws.log'), 'utf8').split('\n').filter(line => line.includes('update-alias'));
  assert.equal(cdk(['rollback'], { env: { AWS_NO_EARLIER: 'authorizer' } }).status, 1);
  assert.deepEqual(calls(), []);
  const done = cdk(['rollback', '-c', 'stack=Mine']);
  assert.equal(done.status, 0, done.said);
  assert.match(done.printed, /vend: version 12 → 11\nauthorizer: version 12 → 11\n/);
  assert.equal(calls().length, 2);
  assert.match(readFileSync(join(root, 'aws.log'), 'utf8'), /--stack-name Mine/);
  assert.equal(cdk(['rollback', 'Mine']).status, 2);
});

test('the policy is named alike for AWS', () => {
  watchedRoot();
  const named = args => cdk(args).run?.args.filter(arg => arg.startsWith('config='));
  for (const args of [['synth', 'a.yaml'], ['synth', '--config', 'a.yaml'], ['synth', '--config=a.yaml'], ['synth', '-c', 'config=a.yaml'], ['synth', '--context=config=a.yaml'], ['synth', '--json', 'a.yaml']]) {
    assert.deepEqual(named(args), ['config=a.yaml'], args.join(' '));
  }
  assert.deepEqual(named(['synth']), []);
  assert.deepEqual(named(['destroy', '--force']), ['config=default']);
  assert.equal(cdk(['synth', 'a.yaml', '-c', 'config=b.yaml']).status, 2);
});

const CDK = fileURLToPath(new URL('../../infrastructure/node_modules/aws-cdk', import.meta.url));
test('the real CDK takes nothing from the files of a folder', { skip: !existsSync(CDK) }, () => {
  const home = join(root, 'home');
  const run = join(root, 'run');
  mkdirSync(join(run, 'empty'), { recursive: true });
  mkdirSync(home);
  writeFileSync(join(home, 'plugin.js'), `require('node:fs').writeFileSync(${JSON.stringify(join(root, 'evil-plugin'))}, '')`);
  const evil = { app: `touch '${root}/evil-app'`, build: `touch '${root}/evil-build'`, plugin: [join(home, 'plugin.js')], context: { config: 'evil.yaml' } };
  writeFileSync(join(home, 'cdk.json'), JSON.stringify(evil));
  writeFileSync(join(home, 'cdk.context.json'), JSON.stringify(evil.context));
  writeFileSync(join(home, '.cdk.json'), JSON.stringify({ ...evil, build: undefined }));
  const wrapper = fileURLToPath(new URL('../../infrastructure/cdk.cjs', import.meta.url));
  const app = `printf %s "$CDK_CONTEXT_JSON" >'${root}/context.json'; exit 3`;
  spawnSync(process.execPath, [wrapper, 'synth', '--app', app, '--no-notices', '--no-version-reporting', '-c', 'stack=Mine', '--output', join(run, 'out')],
    { cwd: home, stdio: ['ignore', 'ignore', 'ignore', 'ignore', 'ignore', openSync('/dev/null')], timeout: 60_000, env: { PATH: process.env.PATH, HOME: home, TVM_CDK_RUN: run, CDK_DISABLE_CLI_TELEMETRY: 'true' } });
  const context = JSON.parse(readFileSync(join(root, 'context.json'), 'utf8'));
  assert.equal(context.stack, 'Mine');
  assert.equal(context.config, undefined);
  assert.deepEqual(readdirSync(root).filter(name => name.startsWith('evil')), []);
});
