// The published modules for Maven, in a repository of their own; the npm package; the bills of materials.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { Failure, ROOT, TARGET, callWithLog, installNpmPackages, say } from '../scripts/support/run.mjs';
import { must, printed, setTimes } from './files.mjs';

const GROUP = 'io/github/tokenvending';

/** Licenses of what is distributed. Another one is a decision: read it, then add it here. */
const LICENSES = ['Apache-2.0', 'MIT', 'MIT-0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'ISC', 'CC0-1.0', 'BlueOak-1.0.0', 'EPL-1.0', 'EPL-2.0', 'LGPL-2.1-only', 'Unlicense'];

/** Names that poms write in place of an SPDX identifier. */
const SPELLINGS = [
  [/apache.*2(\.0)?\b/i, 'Apache-2.0'], [/^(the )?mit( license)?$/i, 'MIT'], [/bsd.*3|3-clause/i, 'BSD-3-Clause'], [/bsd.*2|2-clause/i, 'BSD-2-Clause'],
  [/public domain.*cc0|cc0/i, 'CC0-1.0'],
];

/** Packages of generated messages, which no public type mentions: their documentation took most of the time. */
const GENERATED = 'tokenvending.momento.wire,tokenvending.momentolocal.wire';

const DAY = 24 * 60 * 60;

/**
 * A copy of the sources that Maven builds in, so that no other build of this folder is disturbed, such as that of the tests.
 * It has the classes of the server's jars, later than any source: they are not compiled once more.
 */
async function workspace({ jars, version }) {
  const folder = join(TARGET, 'release-build');
  rmSync(folder, { recursive: true, force: true });
  const sources = await printed('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', 'pom.xml', '.mvn', '*/pom.xml', '*/src/main/*', 'testing/src']);
  for (const path of sources.split('\0').filter(path => path && existsSync(join(ROOT, path)))) cpSync(join(ROOT, path), join(folder, path));
  for (const module of readdirSync(folder).filter(name => existsSync(join(jars, `${name}-${version}.jar`)))) {
    const classes = join(folder, module, 'target/classes');
    mkdirSync(classes, { recursive: true });
    await must(join(process.env.JAVA_HOME, 'bin/jar'), ['-xf', join(jars, `${module}-${version}.jar`)], { cwd: classes });
    for (const name of ['MANIFEST.MF', 'maven']) rmSync(join(classes, 'META-INF', name), { recursive: true, force: true });
    setTimes(classes, Date.now() / 1000 + DAY);
  }
  return folder;
}

/** The modules as Maven's users get them, and the server's bill of materials. */
export async function mavenModules(build) {
  say('building the published modules');
  const log = join(TARGET, 'release-maven.log');
  rmSync(log, { force: true });
  const repository = join(build.making, 'maven');
  const cwd = await workspace(build);
  const properties = ['maven.test.skip=true', 'spotless.check.skip=true', 'maven.install.skip=true', 'maven.compiler.useIncrementalCompilation=false', `excludePackageNames=${GENERATED}`].map(one => `-D${one}`);
  const args = ['-Prelease', ...properties, `-DaltDeploymentRepository=release::file:${repository}`, '-pl', 'server,lambda,infrastructure,momento-local-junit', '-am', 'deploy'];
  await callWithLog('mvn', args, { cwd, log, what: 'the published modules could not be built' });
  const folder = join(repository, GROUP, 'bom', build.version);
  mkdirSync(folder, { recursive: true });
  const bom = readFileSync(join(ROOT, 'distribution/bom.xml'), 'utf8').replaceAll('VERSION', build.version).replace('LIBRARIES', managedLibraries());
  writeFileSync(join(folder, `bom-${build.version}.pom`), bom);
  for (const hash of ['md5', 'sha1']) writeFileSync(join(folder, `bom-${build.version}.pom.${hash}`), createHash(hash).update(bom).digest('hex'));
  // They have the time of the build, and a repository that a release goes to writes its own.
  for (const name of readdirSync(repository, { recursive: true }).filter(path => basename(path).startsWith('maven-metadata'))) rmSync(join(repository, name));
  cpSync(join(cwd, 'lambda/target/function.zip'), join(build.making, `tvm-${build.version}-function.zip`));
  writeBill(build, 'java', JSON.parse(readFileSync(join(cwd, 'server/target/sbom.json'), 'utf8')));
}

/** The libraries whose versions the build manages, without those of tests. */
function managedLibraries() {
  const pom = readFileSync(join(ROOT, 'pom.xml'), 'utf8');
  const managed = /<dependencyManagement>(.*?)<\/dependencyManagement>/s.exec(pom)[1].match(/<dependency>.*?<\/dependency>/gs);
  const ours = managed.filter(one => !/^<dependency>\s*<groupId>(org\.(junit|assertj)|com\.(tngtech|networknt)|software\.amazon\.awssdk)/.test(one));
  return ours.join('\n      ').replaceAll(/\$\{(.*?)\}/g, (_, name) => new RegExp(`<${name}>(.*)</${name}>`).exec(pom)[1]);
}

/** The client library and the starter of momento-local as npm's users get them, and the bill of materials of the pages. */
export async function npmPackages(build) {
  const web = join(ROOT, 'web');
  await installNpmPackages(web);
  const manifest = JSON.parse(readFileSync(join(web, 'client/package.json'), 'utf8'));
  if (manifest.version !== build.version) throw new Failure(`web/client/package.json has version ${manifest.version}, pom.xml ${build.version}: they must be the same.`);
  await printed('npm', ['pack', '--silent', '--pack-destination', build.making], { cwd: join(web, 'client') });
  const starter = join(build.making, '.npm');
  cpSync(join(ROOT, 'momento-local/npm'), starter, { recursive: true });
  cpSync(join(ROOT, 'LICENSE'), join(starter, 'LICENSE'));
  const starterManifest = join(starter, 'package.json');
  writeFileSync(starterManifest, readFileSync(starterManifest, 'utf8').replace('"version": "0.0.0"', `"version": "${build.version}"`));
  await printed('npm', ['pack', '--silent', '--pack-destination', build.making], { cwd: starter });
  rmSync(starter, { recursive: true });
  writeBill(build, 'npm', JSON.parse(await printed('npm', ['sbom', '--sbom-format=cyclonedx', '--package-lock-only'], { cwd: web })));
}

/** Writes a bill of materials that two builds make alike, and refuses licenses that are not listed. */
function writeBill(build, kind, bill) {
  delete bill.serialNumber;
  bill.metadata.timestamp = new Date(build.time * 1000).toISOString();
  // Not by --omit=dev, which leaves out what one workspace needs and another only develops with.
  bill.components = bill.components.filter(one => !one.properties?.some(({ name }) => name === 'cdx:npm:package:development'));
  const refs = new Set([bill.metadata.component['bom-ref'], ...bill.components.map(one => one['bom-ref'])]);
  bill.dependencies = bill.dependencies.filter(one => refs.has(one.ref)).map(one => ({ ...one, dependsOn: (one.dependsOn ?? []).filter(ref => refs.has(ref)).sort() }));
  bill.components.sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1));
  const unknown = bill.components.filter(one => !allowed(one)).map(one => `${one.group ? `${one.group}:` : ''}${one.name} ${one.version}: ${licenses(one).join(' or ') || 'none'}`);
  if (unknown.length > 0) throw new Failure(`licenses that distribution/modules.mjs does not list:\n${unknown.join('\n')}`);
  mkdirSync(join(build.making, 'sbom'), { recursive: true });
  writeFileSync(join(build.making, 'sbom', `tvm-${build.version}-${kind}.cdx.json`), `${JSON.stringify(bill, null, 1)}\n`);
}

/** The licenses of a component, of which its user can choose one. */
function licenses(component) {
  return (component.licenses ?? []).flatMap(({ license, expression }) => {
    if (expression) return expression.replace(/[()]/g, '').split(/ OR /);
    const name = license.id ?? license.name;
    return [license.id ?? SPELLINGS.find(([spelling]) => spelling.test(name))?.[1] ?? name];
  });
}

const allowed = component => component.group === 'io.github.tokenvending' || licenses(component).some(name => name.split(' AND ').every(one => LICENSES.includes(one)));
