// Runs every kind of test; help/test.txt says how it ends.
import { createWriteStream, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { complaints, countSurefire, countTap, countVitest, none, sum } from './support/counts.mjs';
import { Failure, LAUNCHER, ROOT, TARGET, built, call, cleanEnvironment, installNpmPackages, needChromium, needFirefox, needRedis, run, say } from './support/run.mjs';

const folders = (...names) => names.map(name => join(ROOT, name));
/** The folders under this one that have a lock file of npm. */
const lockedFolders = folder =>
  readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    if (entry.name === 'package-lock.json') return [folder];
    return entry.isDirectory() && !['node_modules', 'target', '.git'].includes(entry.name) ? lockedFolders(join(folder, entry.name)) : [];
  });
async function installPackages() {
  for (const folder of lockedFolders(ROOT)) await installNpmPackages(folder);
}
const modules = () => readdirSync(ROOT).filter(name => existsSync(join(ROOT, name, 'pom.xml')));

/** The kind of test that `count` runs, with the seconds that it took. A program that failed counts, whatever its report says. */
async function kind(title, count) {
  say(`running the ${title}`);
  const started = performance.now();
  const counts = await count();
  return { title, ...counts, seconds: Math.round((performance.now() - started) / 1000) };
}

const orFailed = (counts, code, name) => (code !== 0 && counts.failed === 0 ? { ...counts, failed: 1, failures: [`${name} (exit code ${code})`] } : counts);

/** The sum of these counts; a test of an invariant has no second run, since a promise that is broken now and then is broken. */
function strict(counts) {
  const all = sum(counts);
  const [broken, flaky] = [true, false].map(wanted => all.flaky.filter(name => isOfInvariant(name) === wanted));
  return { ...all, failed: all.failed + broken.length, failures: [...all.failures, ...broken], flaky };
}

/** Whether a class has tests of the threat model's invariants, by their tag. */
function isOfInvariant(test) {
  const path = `src/test/java/${/^[\w.]*?[A-Z]\w*/.exec(test)[0].replaceAll('.', '/')}.java`;
  return modules().some(name => existsSync(join(ROOT, name, path)) && /@Tag\("I\d"\)/.test(readFileSync(join(ROOT, name, path), 'utf8')));
}

/** What Maven tests: the modules one after the other, and the stories with Momento's SDK for Java. */
async function javaTests() {
  const started = performance.now();
  const log = join(TARGET, 'test.log');
  say(`running the Java tests (the log is in ${log})`);
  // Old reports would be counted, and the classes of tests that were deleted would be run.
  for (const name of modules()) {
    for (const old of ['surefire-reports', 'test-classes']) rmSync(join(ROOT, name, 'target', old), { recursive: true, force: true });
  }
  const file = createWriteStream(log);
  const onLine = line => {
    file.write(`${line}\n`);
    const module = /^\[INFO\] Building (.+) \S+ +\[(\d+\/\d+)\]$/.exec(line);
    if (module) say(`[${module[2]}] ${module[1]}`);
    else if (/^\[(INFO|WARNING|ERROR)\] Tests run:/.test(line) || line.startsWith('[ERROR] ')) console.log(line.replace(/^\[\w+\] /, ''));
  };
  // One red test hides no other: a module is tested although one that it needs has a failure.
  const args = ['--fail-at-end', '-Dmaven.test.failure.ignore=true', '-Dsurefire.rerunFailingTestsCount=1', 'verify'];
  const code = await call('mvn', args, { stdio: ['ignore', 'pipe', 'pipe'], onLine });
  file.end();
  const count = names =>
    strict(
      names
        .map(name => join(ROOT, name, 'target/surefire-reports'))
        .filter(existsSync)
        .flatMap(folder => readdirSync(folder).filter(name => /^TEST-.*\.xml$/.test(name)).map(name => countSurefire(join(folder, name)))),
    );
  const [unit, stories] = [count(modules().filter(name => name !== 'e2e')), count(['e2e'])];
  const seconds = Math.round((performance.now() - started) / 1000);
  // A test JVM that died, or code that does not compile, leaves no report: it counts all the same.
  const all = stories.failed > 0 ? unit : orFailed(unit, code, `Maven, see ${log}`);
  return [{ title: 'Java, module by module', ...all, seconds }, { title: 'stories, Java SDK', ...stories, seconds: '-' }];
}

/** The files that take longest: each starts before shorter ones, so that none runs alone at the end. */
const LONGEST = ['guides', 'refused', 'idle', 'policy-file', 'chat', 'refresh', 'playground', 'sign-in', 'firefox'].map(name => `${name}.test.mjs`);
const rank = file => (LONGEST.indexOf(basename(file)) + 1 || Infinity);

/** The tests of Node's test runner in these folders, each file in a process of its own; what it prints is shown when it ended. */
async function nodeTests(paths, atOnce) {
  const report = join(mkdtempSync(join(TARGET, 'test.')), 'report.tap');
  const files = paths.flatMap(folder => readdirSync(folder).filter(name => name.endsWith('.test.mjs')).map(name => join(folder, name)));
  const lines = [];
  const args = [join(ROOT, 'scripts/support/stories.mjs'), atOnce, report, ...files.sort((one, other) => rank(one) - rank(other) || one.localeCompare(other))];
  const code = await call(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], onLine: line => lines.push(line) });
  console.log(lines.join('\n'));
  const counts = orFailed(countTap(report), code, 'the test runner');
  rmSync(join(report, '..'), { recursive: true });
  return counts;
}

/** The browser side: its types, and its unit tests with a clock of their own. */
async function webTests() {
  const lines = [];
  const options = { stdio: ['ignore', 'pipe', 'pipe'], onLine: line => lines.push(line) };
  const types = await call('npm', ['run', '--silent', 'check'], { ...options, cwd: join(ROOT, 'web') });
  const counts = [orFailed(none(), types, 'the types of the browser side')];
  for (const name of ['client', 'chat', 'playground']) {
    const report = join(TARGET, `web-${name}.json`);
    rmSync(report, { force: true });
    const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const code = await call(join(ROOT, 'web/node_modules/.bin/vitest'), args, { ...options, cwd: join(ROOT, 'web', name) });
    counts.push(orFailed(countVitest(report), code, `Vitest in web/${name}`));
  }
  console.log(lines.join('\n'));
  return sum(counts);
}

/**
 * What needs no server that runs for long. It fits beside Maven's first modules, none of which is about seconds. After it the
 * release is built for its stories, beside Maven's other modules; if that fails, the stories try again and say why. Neither the umask
 * nor the time zone can be found in a release.
 */
async function unitTests() {
  const kinds = [
    await kind('browser side, unit tests', webTests),
    await kind('launcher and benchmarks', () => nodeTests(folders('scripts/test', 'benchmarks/test'), 2)),
  ];
  const build = ['nice', '-n', '10', LAUNCHER, 'release', '--uncommitted'];
  await call('sh', ['-c', 'umask 077; exec "$@"', 'sh', ...build], { env: cleanEnvironment({ TZ: 'Pacific/Kiritimati' }) });
  return kinds;
}

/** The stories: what they show is about seconds, and so are Maven's last modules. */
async function stories() {
  if ((await call(LAUNCHER, ['build-pages'])) !== 0) throw new Failure('without the pages the stories cannot run');
  return [
    // Most of a story is waiting, so more of them run at once than there are cores.
    await kind('stories, Node SDK', () => nodeTests(folders('e2e/node/stories/node'), 3)),
    // One after the other: some read what the processor does, and some run as root.
    await kind('stories, release', () => nodeTests(folders('e2e/node/stories/release'), 1)),
    // Each has a browser and servers of its own, and mostly waits for tokens to end.
    await kind('stories, Web SDK in browsers', () => nodeTests(folders('e2e/node/stories/browser'), 2)),
  ];
}

function show(kinds) {
  const line = cells => cells[0].padEnd(32) + cells.slice(1).map(cell => String(cell).padStart(8)).join(' ');
  const all = sum(kinds);
  console.log(`\n${line(['kind', 'run', 'failed', 'skipped', 'seconds'])}`);
  for (const { title, run: tests, failed, skipped, seconds } of kinds) console.log(line([title, tests, failed, skipped, seconds]));
  const wrong = complaints(kinds);
  if (wrong.length > 0) console.log(`\n${wrong.join('\n')}`);
  if (all.flaky.length > 0) console.log(`\n${all.flaky.map(name => `flaky, passed when run again: ${name}`).join('\n')}`);
  console.log(`\ntests: ${all.run} run, ${all.failed} failed, ${all.skipped} skipped, ${all.flaky.length} flaky`);
  return wrong.length === 0 ? 0 : 1;
}

await run(async args => {
  if (args.length > 0) throw new Failure('./tvm test takes no arguments; ./tvm test --help says more.', 2);
  process.env.CHROMIUM = await needChromium();
  process.env.FIREFOX = await needFirefox();
  await needRedis();
  // The stories must find nothing left to build.
  await Promise.all([built('app'), installPackages()]);
  const [java, units] = await Promise.all([javaTests(), unitTests()]);
  return show([...java, ...units, ...(await stories())]);
});
