// The launcher and the AOT cache, with a JDK and a Maven that only note what they are asked for.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
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
  assert.match(ran[0], /-cp \S+\/a\.jar:\S+\/b\.jar tokenvending\.server\.cli\.Main serve --port 0$/);
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
  assert.equal(cached(['serve', withKey]), 'cached key');
  assert.equal(cached(['serve', '--port', '0', withKey, '--host', '127.0.0.1']), 'cached key');
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

test('a copied build keeps its cache, whatever the file times of the copy', () => {
  tvm(['build']);
  utimesSync(join(app(), 'a.jar'), 1_000_000, 1_000_000);
  const { status, said, ran } = tvm(['serve']);
  assert.equal(status, 0);
  assert.equal(said, '');
  assert.ok(uses(ran[0]));

  const copy = mkdtempSync(join(tmpdir(), 'tvm-copy-'));
  spawnSync('cp', ['-r', `${root}/.`, copy]);
  spawnSync('bash', ['-c', `touch '${copy}'/target/app/*/*.jar`]);
  const elsewhere = spawnSync(join(copy, 'tvm'), ['serve'], { encoding: 'utf8', env: { ...process.env, JAVA_HOME: join(root, 'jdk'), TVM_PAGES: 'no', MOMENTO_API_KEY: '' } });
  rmSync(copy, { recursive: true });
  assert.equal(elsewhere.stderr, '');
  assert.match(readFileSync(join(root, 'ran.log'), 'utf8').trim().split('\n').at(-1), / -XX:AOTCache=\/\S*tvm-copy-/);
});

test('jars with another content are said once and start without the cache', () => {
  tvm(['build']);
  writeFileSync(join(app(), 'a.jar'), 'raj\n');
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
  ...['registry', 'cache', 'userconfig', 'cafile'].flatMap(name => [`npm_config_${name}`, `NPM_CONFIG_${name.toUpperCase()}`]), 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR',
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

/** A root whose pages and whose stack can be built, with a Maven and an npm that note what they see. */
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
appendFileSync(${JSON.stringify(join(root, 'seen.log'))}, JSON.stringify({ name: 'cdk', args: process.argv.slice(2), env: process.env, cwd: process.cwd(), cmdline, read }) + '\\n');`);
}

test('programs of the build see no secret and run no script of a package', () => {
  watchedRoot();
  writeFileSync(join(root, 'training'), `"${process.execPath}" "${join(root, 'recorder.cjs')}" training; ${CACHES}`);
  const { status, said } = tvm(['build'], jdk('jdk'), { ...SECRETS, HTTPS_PROXY: 'http://proxy.example.com:3128', TVM_PAGES: 'yes' });
  assert.equal(status, 0, said);
  assertNoSecrets(seen());
  const [maven] = seen('mvn');
  assert.ok(maven.args.includes('-C'), 'strict checksums');
  assert.equal(maven.env.HTTPS_PROXY, 'http://proxy.example.com:3128');
  assert.deepEqual(seen('npm').map(run => run.args[0]), ['ci', 'run']);
  assert.ok(seen('npm')[0].args.includes('--ignore-scripts'));
  assert.equal(seen('training').length, 1);
});

test('what a server has built beside it sees no secret either', async () => {
  watchedRoot();
  assert.equal(tvm(['serve', '--port', '0'], jdk('jdk'), { ...SECRETS, TVM_PAGES: 'yes' }).status, 0);
  for (let i = 0; i < 200 && seen('npm').length < 2; i++) await new Promise(resolve => setTimeout(resolve, 50));
  assert.equal(seen('npm').length, 2);
  assertNoSecrets(seen());
});

test('a variable that the build needs is named', () => {
  watchedRoot();
  tvm(['build'], jdk('jdk'), { ...SECRETS, NPM_TOKEN: 'for the registry', TVM_BUILD_VARIABLES: 'NPM_TOKEN NO_SUCH a[$(touch${IFS}evil)]' });
  assertNoSecrets(seen(), [...NEEDED, 'NPM_TOKEN', 'TVM_BUILD_VARIABLES']);
  assert.equal(seen('npm')[0].env.NPM_TOKEN, 'for the registry');
  assert.ok(!existsSync(join(root, 'evil')));
});

test('the JVM has a UTF-8 locale, whatever the locale is', () => {
  tvm(['build']);
  program(join(root, 'jdk/bin/java'), `printf '%s' "$LC_ALL" >"${root}/locale"`);
  for (const env of [{ LC_ALL: 'C' }, { LC_ALL: 'POSIX' }, { LC_ALL: undefined, LANG: undefined, LC_CTYPE: undefined }, { LC_ALL: '', LANG: 'C' }, { LC_ALL: 'nowhere' }, { LC_ALL: 'C.UTF-8' }]) {
    writeFileSync(join(root, 'locale'), 'none');
    assert.equal(tvm(['check'], join(root, 'jdk'), env).status, 0);
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
  const ended = spawnSync(join(root, 'tvm'), args, { cwd: folder, input, encoding: 'utf8', timeout: 30_000, env: { ...process.env, ...SECRETS, MOMENTO_API_KEY: '', PATH, JAVA_HOME: home, ...env } });
  return { status: ended.status, said: ended.stderr, run: seen('cdk')[0] };
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
  const evil = { app: `touch ${root}/evil-app`, build: `touch ${root}/evil-build`, plugin: [join(home, 'plugin.js')], context: { config: 'evil.yaml' } };
  writeFileSync(join(home, 'cdk.json'), JSON.stringify(evil));
  writeFileSync(join(home, 'cdk.context.json'), JSON.stringify(evil.context));
  writeFileSync(join(home, '.cdk.json'), JSON.stringify({ ...evil, build: undefined }));
  const wrapper = fileURLToPath(new URL('../../infrastructure/cdk.cjs', import.meta.url));
  const app = `printf %s "$CDK_CONTEXT_JSON" >${root}/context.json; exit 3`;
  spawnSync(process.execPath, [wrapper, 'synth', '--app', app, '--no-notices', '--no-version-reporting', '-c', 'stack=Mine', '--output', join(run, 'out')],
    { cwd: home, stdio: ['ignore', 'ignore', 'ignore', 'ignore', 'ignore', openSync('/dev/null')], timeout: 60_000, env: { PATH: process.env.PATH, HOME: home, TVM_CDK_RUN: run, CDK_DISABLE_CLI_TELEMETRY: 'true' } });
  const context = JSON.parse(readFileSync(join(root, 'context.json'), 'utf8'));
  assert.equal(context.stack, 'Mine');
  assert.equal(context.config, undefined);
  assert.deepEqual(readdirSync(root).filter(name => name.startsWith('evil')), []);
});
