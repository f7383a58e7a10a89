// Runs a part of the benchmark: a program benchmarks/PART.mjs, whose first line says what it measures.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, LAUNCHER, ROOT, TARGET, built, call, cleanEnvironment, installNpmPackages, needRedis, run, wantWrk } from './support/run.mjs';

const FOLDER = join(ROOT, 'benchmarks');

/** Returns the environment of a part, and installs what it needs. */
async function environment(part) {
  const [functions, server] = [part === 'cold' || part === 'all', part !== 'cold' && part !== 'simulate'];
  const env = {};
  if (functions) env.TVM_AWS = await built('aws');
  if (server) env.TVM_APP = await built('app');
  if (['start', 'all'].includes(part) && process.platform === 'linux') {
    if ((await call(LAUNCHER, ['release', '--uncommitted'])) !== 0) throw new Failure('without the release its start cannot be measured');
    env.TVM_RELEASE = join(TARGET, 'release');
  }
  await installNpmPackages(join(FOLDER, 'node'));
  if (server) await wantWrk();
  if (['herd', 'growth', 'local', 'all'].includes(part)) await needRedis();
  return cleanEnvironment(env);
}

await run(async args => {
  const named = args.length > 0 && !args[0].startsWith('-');
  const part = named ? args[0] : 'all';
  if (!/^[a-z]+$/.test(part) || !existsSync(join(FOLDER, `${part}.mjs`))) throw new Failure(`there is no part '${part}'; ./tvm bench help lists them.`, 2);
  const env = await environment(part);
  return call(process.execPath, [join(FOLDER, `${part}.mjs`), ...(named ? args.slice(1) : args)], { cwd: process.cwd(), env, stdio: 'inherit' });
});
