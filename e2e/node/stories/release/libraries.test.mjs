// What is published for Maven and npm, used by the projects of e2e/samples, which have nothing else of this repository.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { VERSION } from '../../support/deploy.mjs';
import { ROOT } from '../../support/guide.mjs';
import { start } from '../../support/process.mjs';
import { extracted, ran, release } from '../../support/release.mjs';

const POM = readFileSync(join(ROOT, 'pom.xml'), 'utf8');
const MODULES = ['api', 'app', 'infrastructure', 'momento-local', 'momento-local-junit', 'vending'];
let published;
let work;

before(() => {
  published = release();
  work = mkdtempSync(join(tmpdir(), 'tvm-libraries-'));
  cpSync(join(ROOT, 'e2e/samples'), work, { recursive: true });
});
after(() => rmSync(work, { recursive: true }));

/** Settings for Maven with two repositories in folders: the release, and what this machine has of others, before those of the network. */
function settings() {
  const repositories = [['tvm', join(published.folder, 'maven'), 'fail'], ['machine', join(homedir(), '.m2/repository'), 'ignore']].map(
    ([id, folder, policy]) => `<id>${id}</id><url>${pathToFileURL(folder)}</url><releases><checksumPolicy>${policy}</checksumPolicy></releases>`,
  );
  const list = name => repositories.map(one => `<${name}>${one}</${name}>`).join('');
  return `<settings><profiles><profile><id>files</id><activation><activeByDefault>true</activeByDefault></activation>
    <repositories>${list('repository')}</repositories><pluginRepositories>${list('pluginRepository')}</pluginRepositories>
    </profile></profiles></settings>`;
}

const versionOf = plugin => new RegExp(`<artifactId>${plugin}</artifactId>\\s*<version>(.*)</version>`).exec(POM)[1];

test('a Maven project with an empty repository uses the BOM, the extension of JUnit and the construct for the CDK', () => {
  const folder = join(work, 'java');
  mkdirSync(join(folder, 'function'));
  ran(join(process.env.JAVA_HOME, 'bin/jar'), ['-xf', published.functions], { cwd: join(folder, 'function') });
  cpSync(join(ROOT, 'examples/aws.yaml'), join(folder, 'tvm.yaml'));
  writeFileSync(join(work, 'settings.xml'), settings());
  const versions = { 'tvm.version': VERSION, 'junit.version': /<junit.version>(.*)</.exec(POM)[1] };
  for (const plugin of ['resources', 'compiler', 'surefire'].map(name => `maven-${name}-plugin`)) versions[`${plugin}.version`] = versionOf(plugin);
  const defined = Object.entries({ ...versions, 'maven.repo.local': join(work, 'repository') }).map(([name, value]) => `-D${name}=${value}`);
  ran('mvn', ['--quiet', '--batch-mode', '--settings', join(work, 'settings.xml'), ...defined, 'test'], { cwd: folder });
  const reports = readdirSync(join(folder, 'target/surefire-reports')).filter(name => name.endsWith('.xml')).map(name => readFileSync(join(folder, 'target/surefire-reports', name), 'utf8'));
  assert.deepEqual(reports.map(report => /<testsuite [^>]*tests="(\d+)" errors="0" skipped="0" failures="0"/.exec(report)?.[1]), ['1', '1']);
  assert.deepEqual(readdirSync(join(work, 'repository/io/github/tokenvending')).sort(), [...MODULES, 'bom'].sort());
});

test('each published module has its classes, its sources and its documentation', () => {
  const modules = join(published.folder, 'maven/io/github/tokenvending');
  assert.deepEqual(readdirSync(modules).filter(name => name !== 'bom').sort(), MODULES);
  for (const name of MODULES) {
    const entries = classifier => ran(join(process.env.JAVA_HOME, 'bin/jar'), ['-tf', join(modules, name, VERSION, `${name}-${VERSION}${classifier}.jar`)]).split('\n');
    const sources = entries('-sources').filter(path => path.endsWith('.java') && !path.endsWith('-info.java'));
    assert.ok(sources.length > 0, name);
    const classes = new Set(entries(''));
    assert.deepEqual(sources.filter(path => !classes.has(path.replace('.java', '.class'))), [], `${name}: sources without a class`);
    assert.ok(entries('-javadoc').includes('index.html'), name);
  }
});

test('a project for npm uses all that the package exports, with a server of the tarball, and ends by itself', async () => {
  const folder = join(work, 'node');
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  ran('npm', ['install', '--offline', '--no-audit', '--no-fund', '--legacy-peer-deps', published.client], { cwd: folder });
  // What the package leaves to its users to install.
  mkdirSync(join(folder, 'node_modules/@gomomento'));
  for (const name of ['react', 'react-dom', '@gomomento/sdk', '@gomomento/sdk-web']) symlinkSync(join(ROOT, 'web/node_modules', name), join(folder, 'node_modules', name));
  const { exports } = JSON.parse(readFileSync(join(folder, 'node_modules/tokenvending-client/package.json'), 'utf8'));
  const names = Object.keys(exports).filter(name => name !== './package.json').map(name => `tokenvending-client${name.slice(1)}`);
  const sample = readFileSync(join(folder, 'sample.mjs'), 'utf8');
  assert.deepEqual(names.filter(name => !sample.includes(`from '${name}'`)), []);
  const home = extracted(published.tarball);
  const server = await start(['serve', '--port', '0'], mkdtempSync(join(tmpdir(), 'tvm-server-')), {}, join(home, 'bin/tvm'));
  try {
    assert.equal(ran(process.execPath, ['sample.mjs', server.url], { cwd: folder, timeout: 120_000 }), 'done\n');
    ran(process.execPath, ['--eval', `for (const name of ${JSON.stringify(names)}) require(name)`], { cwd: folder, timeout: 120_000 });
  } finally {
    await server.stop();
    rmSync(dirname(home), { recursive: true });
  }
});

test('a project with Vitest has momento-local in its tests, with the Java of the tarball and with an installed one', () => {
  const folder = join(work, 'vitest');
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  ran('npm', ['install', '--offline', '--no-audit', '--no-fund', published.starter], { cwd: folder });
  mkdirSync(join(folder, 'node_modules/@gomomento'));
  for (const name of ['vitest', '@gomomento/sdk']) symlinkSync(join(ROOT, 'web/node_modules', name), join(folder, 'node_modules', name));
  const home = extracted(published.tarball);
  const env = { ...process.env, TVM_HOME: home, JAVA: join(process.env.JAVA_HOME, 'bin/java') };
  try {
    const printed = ran(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--no-color'], { cwd: folder, env, timeout: 300_000 });
    assert.match(printed, /Tests +2 passed \(2\)/);
  } finally {
    rmSync(dirname(home), { recursive: true });
  }
});
