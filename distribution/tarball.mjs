// The tarball: a folder that can be copied anywhere, with a Java of its own.
import { cpSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, callWithLog, cleanEnvironment, say, TARGET } from '../scripts/support/run.mjs';
import { must, printed, setTimes, tar } from './files.mjs';

/**
 * What the libraries use of Java; the stories that run on the tarball would miss another. Not java.xml: only Logback's files of
 * configuration need it, and the server configures Logback in code.
 */
const MODULES = ['java.base', 'java.logging', 'java.management', 'java.naming', 'java.net.http', 'jdk.jfr', 'jdk.management', 'jdk.net', 'jdk.unsupported'];

/** The time of jars, as scripts/Build.java sets it: an AOT cache is valid for jars of one time. */
const JAR_TIME = Date.UTC(2020, 0, 1) / 1000;

const MAIN = 'tokenvending.server.cli.Main';

/** Jars with code for other machines than this one. */
const foreign = (jar, arch) => /-(osx|windows|linux)-(x86_64|aarch_64)\.jar$/.test(jar) && !jar.endsWith(`-linux-${{ x64: 'x86_64', arm64: 'aarch_64' }[arch]}.jar`);

/** The program in a folder of its own: Java, jars, AOT cache, launcher, pages. */
export async function program(build) {
  const folder = (build.folder = join(build.making, '.tarball', `tvm-${build.version}`));
  const at = (...names) => join(folder, ...names);
  for (const name of ['bin', 'lib/aot', 'share/completions']) mkdirSync(at(name), { recursive: true });
  cpSync(join(ROOT, 'distribution/tvm'), at('bin/tvm'));
  cpSync(join(ROOT, 'scripts/server.options'), at('lib/tvm.options'));
  cpSync(build.pages, at('share/pages'), { recursive: true });
  for (const name of ['examples', 'deploy']) cpSync(join(ROOT, name), at('share', name), { recursive: true, verbatimSymlinks: true });
  // Where the files of deploy/ look for them.
  cpSync(join(ROOT, 'docs/operations'), at('share/docs/operations'), { recursive: true });
  cpSync(join(ROOT, 'tvm.schema.json'), at('share/tvm.schema.json'));
  for (const name of ['LICENSE', 'CHANGELOG.md']) cpSync(join(ROOT, name), at(name));
  say('making a Java with the modules that the server uses');
  const java = join(process.env.JAVA_HOME, 'bin');
  await must(join(java, 'jlink'), ['--add-modules', MODULES.join(','), '--strip-java-debug-attributes', '--no-header-files', '--no-man-pages', '--dedup-legal-notices=error-if-not-same-content', '--output', at('runtime')]);
  // The authorities of the machine's Java, which may be a link.
  cpSync(realpathSync(join(process.env.JAVA_HOME, 'lib/security/cacerts')), at('runtime/lib/security/cacerts'));
  const jars = readdirSync(build.jars).filter(name => name.endsWith('.jar') && !foreign(name, build.arch)).sort();
  await must(join(java, 'java'), [join(ROOT, 'distribution/StoreJars.java'), build.jars, at('lib'), ...jars]);
  for (const jar of jars) setTimes(at('lib', jar), JAR_TIME);
  build.classPath = home => jars.map(jar => join(home, 'lib', jar)).join(':');
  const server = [at('runtime/bin/java'), `@${at('lib/tvm.options')}`, '-cp', build.classPath(folder), MAIN];
  for (const shell of ['bash', 'zsh']) writeFileSync(at(`share/completions/tvm.${shell}`), `${await printed(server[0], [...server.slice(1), 'completion', shell])}\n`);
  await aotCache(build, server);
}

/** Adds the bills of materials, and sets the times of all files. */
export function complete({ making, folder, time }) {
  cpSync(join(making, 'sbom'), join(folder, 'sbom'), { recursive: true });
  setTimes(folder, time);
  for (const jar of readdirSync(join(folder, 'lib')).filter(name => name.endsWith('.jar'))) setTimes(join(folder, 'lib', jar), JAR_TIME);
}

// Level 9 takes five times as long, and saves less than a hundredth.
export const tarball = ({ making, name, version }) => tar(join(making, `${name}.tar.gz`), join(making, '.tarball'), [`tvm-${version}`], ['--use-compress-program=gzip -6n']);

/** A run of the packaged server makes the AOT cache. Its bytes differ from run to run, so it can be taken from another release. */
async function aotCache({ folder, version, making, aotFrom }, server) {
  if (aotFrom) {
    await must('tar', ['--extract', `--file=${aotFrom}`, `--directory=${join(making, '.tarball')}`, `tvm-${version}/lib/aot`]);
    return;
  }
  say('making the AOT cache');
  const caches = join(making, '.tarball/aot');
  const log = join(TARGET, 'release-aot.log');
  rmSync(log, { force: true });
  const env = cleanEnvironment({ LC_ALL: 'C.UTF-8' });
  await callWithLog(join(process.env.JAVA_HOME, 'bin/java'), [join(ROOT, 'scripts/Train.java'), caches, ...server], { env, log, what: 'no AOT cache could be made' });
  for (const kind of ['key', 'local']) cpSync(join(caches, kind), join(folder, 'lib/aot', kind));
}
