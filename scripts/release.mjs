// Builds what is published into target/release; help/release.txt says what.
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { digest, must, printed } from '../distribution/files.mjs';
import { image } from '../distribution/image.mjs';
import { mavenModules, npmPackages } from '../distribution/modules.mjs';
import { complete, program, tarball } from '../distribution/tarball.mjs';
import { Failure, LAUNCHER, ROOT, TARGET, built, call, cleanEnvironment, run, say, withLock } from './support/run.mjs';

const WRONG_INPUT = 2;

/** The machine that this one builds for, in the words of Node and of OCI images. */
const MACHINES = { x64: 'amd64', arm64: 'arm64' };

/** Seconds since 1970: the time of the commit, or SOURCE_DATE_EPOCH. No build's own time is in what it makes. */
const commitTime = async () => Number(process.env.SOURCE_DATE_EPOCH || (await printed('git', ['log', '-1', '--format=%ct'])));

async function refuseChanges() {
  const changes = await printed('git', ['status', '--porcelain']);
  if (changes) throw new Failure(`what is not committed could not be built again: commit it, or try a release with --uncommitted.\n${changes}`, WRONG_INPUT);
}

async function release(making, options) {
  const version = /<revision>(.*)<\/revision>/.exec(readFileSync(join(ROOT, 'pom.xml'), 'utf8'))[1];
  const build = {
    version, making, arch: process.arch, ociArch: MACHINES[process.arch], time: await commitTime(), commit: await printed('git', ['rev-parse', 'HEAD']),
    name: `tvm-${version}-linux-${process.arch}`, aotFrom: options['aot-from'],
  };
  build.jars = await built('app');
  build.pages = await printed(LAUNCHER, ['build-pages']);
  await Promise.all([program(build), npmPackages(build).then(() => mavenModules(build))]);
  complete(build);
  await Promise.all([tarball(build), image(build)]);
  for (const name of ['.tarball', '.image']) rmSync(join(making, name), { recursive: true });
  const dockerfile = readFileSync(join(ROOT, 'distribution/Dockerfile'), 'utf8');
  writeFileSync(join(making, 'Dockerfile'), dockerfile.replaceAll('TARBALL', `${build.name}.tar.gz`).replaceAll('VERSION', version));
  const files = readdirSync(making, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  const paths = files.map(entry => join(entry.parentPath, entry.name).slice(making.length + 1)).sort();
  writeFileSync(join(making, 'SHA256SUMS'), paths.map(path => `${digest(readFileSync(join(making, path)))}  ${path}\n`).join(''));
  if (options.sign) await must('minisign', ['-S', '-s', options.sign, '-m', 'SHA256SUMS', '-t', `tvm ${version}`], { cwd: making, stdio: ['inherit', 2, 2] });
}

/** Builds what is committed, in a clone where no other build has left anything. The shell runs `before` first. */
async function inClone(output, { sign, 'aot-from': aotFrom }, env = {}, before = ':') {
  await refuseChanges();
  const clone = join(TARGET, `${basename(output)}-clone`);
  rmSync(clone, { recursive: true, force: true });
  await must('git', ['clone', '--quiet', ROOT, clone]);
  const more = Object.entries({ '--sign': sign, '--aot-from': aotFrom }).filter(([, file]) => file).flat();
  const args = ['release', '--uncommitted', '--output', output, ...more];
  const code = await call('sh', ['-c', `${before}; exec "$@"`, 'sh', join(clone, 'tvm'), ...args], { cwd: clone, env: cleanEnvironment(env), stdio: ['inherit', 2, 2] });
  if (code !== 0) throw new Failure('the release was not built', code);
  rmSync(clone, { recursive: true });
}

/** Builds the commit again, where all is different that should not matter, and compares each file with that release. */
async function verify(folder) {
  const tarball = readdirSync(folder).find(name => name.endsWith('.tar.gz'));
  const again = join(TARGET, 'release-again');
  await inClone(again, { 'aot-from': join(folder, tarball) }, { TZ: 'Pacific/Kiritimati' }, 'umask 077');
  const [was, is] = [folder, again].map(one => readFileSync(join(one, 'SHA256SUMS'), 'utf8').split('\n'));
  const different = [...was.filter(line => !is.includes(line)), ...is.filter(line => !was.includes(line))].map(line => line.slice(66));
  if (different.length > 0) throw new Failure(`these files differ from those in ${again}:\n${[...new Set(different)].join('\n')}`);
  rmSync(again, { recursive: true });
  say(`all ${is.length - 1} files are as in ${folder}`);
}

await run(async args => {
  // Archives contain the modes of files.
  process.umask(0o022);
  let options;
  try {
    ({ values: options } = parseArgs({ args, options: { uncommitted: { type: 'boolean' }, output: { type: 'string' }, sign: { type: 'string' }, verify: { type: 'string' }, 'aot-from': { type: 'string' } } }));
  } catch (error) {
    throw new Failure(`${error.message}; ./tvm release --help lists the options.`, WRONG_INPUT);
  }
  const output = resolve(options.output ?? join(TARGET, 'release'));
  for (const name of ['sign', 'aot-from', 'verify']) if (options[name]) options[name] = resolve(options[name]);
  if (process.platform !== 'linux' || !MACHINES[process.arch]) throw new Failure('a release is built on Linux, for x64 or arm64.', WRONG_INPUT);
  await withLock('release', async () => {
    if (options.verify) return verify(options.verify);
    if (!options.uncommitted) return inClone(output, options);
    const sources = await printed(LAUNCHER, ['fingerprint-release']);
    const made = join(output, '.sources');
    if (existsSync(made) && readFileSync(made, 'utf8') === sources) return;
    const started = Date.now();
    const making = join(dirname(output), '.release-in-the-making');
    rmSync(making, { recursive: true, force: true });
    mkdirSync(making, { recursive: true });
    await release(making, options);
    rmSync(output, { recursive: true, force: true });
    writeFileSync(join(making, '.sources'), sources);
    renameSync(making, output);
    say(`built the release in ${Math.round((Date.now() - started) / 1000)} s: ${output}`);
  });
});
