// ./tvm rollback: points the functions of a stack at the versions before their present ones, by AWS's own command line.
import { spawnSync } from 'node:child_process';
import { Failure, run } from './support/run.mjs';

function aws(...args) {
  const done = spawnSync('aws', [...args, '--output', 'json'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (done.error?.code === 'ENOENT') throw new Failure('the AWS CLI (aws) is missing: install it to use ./tvm rollback.');
  if (done.status !== 0) throw new Failure(`aws ${args.slice(0, 2).join(' ')} failed`);
  return JSON.parse(done.stdout);
}

/** The function and the alias, and the latest version before the one that the alias is at. */
function earlier(arn) {
  const [name, alias] = arn.split(':').slice(-2);
  const of = ['--function-name', name];
  const now = Number(aws('lambda', 'get-alias', ...of, '--name', alias).FunctionVersion);
  const versions = aws('lambda', 'list-versions-by-function', ...of).Versions.map(one => Number(one.Version));
  const before = versions.filter(version => version < now).sort((a, b) => b - a)[0];
  if (before === undefined) throw new Failure(`${name} has no version before ${now}: write aws: { keep-versions: true } in tvm.yaml before the next deployment`);
  return { name, alias, now, before };
}

await run(args => {
  const stack = args.length === 0 ? 'MomentoTokenVendingMachine' : /^stack=(.+)$/.exec(args[0] === '-c' ? args[1] : '')?.[1];
  if (!stack || args.length > 2) throw new Failure('expected ./tvm rollback [-c stack=NAME]', 2);
  const { StackResources: resources } = aws('cloudformation', 'describe-stack-resources', '--stack-name', stack);
  // All are found before the first is changed.
  const functions = resources.filter(one => one.ResourceType === 'AWS::Lambda::Alias').map(one => earlier(one.PhysicalResourceId));
  for (const { name, alias, now, before } of functions) {
    aws('lambda', 'update-alias', '--function-name', name, '--name', alias, '--function-version', String(before));
    console.log(`${name}: version ${now} → ${before}`);
  }
  return 0;
});
