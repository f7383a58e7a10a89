// Runs the CDK's command line for ./tvm synth, diff, deploy, destroy and bootstrap; help/aws.txt describes the
// options.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Failure, ROOT, TARGET, built, call, cleanEnvironment, installNpmPackages, run, say } from './support/run.mjs';

const WRONG_INPUT = 2;
const wrong = message => new Failure(message, WRONG_INPUT);

/** CDK options without a value: a file name after one of these is the policy. */
const WITHOUT_VALUE = ['--json', '--force', '-f', '--quiet', '-q'];

/** Parses the command line into this program's options and `rest` for the CDK. */
function parse([command, ...args]) {
  const parsed = { command, config: undefined, key: undefined, secret: false, output: false, rest: [] };
  const setConfig = file => {
    if (parsed.config !== undefined) throw wrong(`the policy file is named twice: ${parsed.config} and ${file}`);
    if (!file) throw wrong('expected the name of a policy file');
    parsed.config = file;
  };
  const setContext = context => {
    if (context.startsWith('config=')) return setConfig(context.slice('config='.length));
    parsed.secret ||= context.startsWith('momento-secret=');
    parsed.rest.push('-c', context);
  };
  const mayBeFile = before => before === undefined || !before.startsWith('-') || before.includes('=') || WITHOUT_VALUE.includes(before);
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    const [name, value] = /^(--[a-z-]+|-c)=/.test(arg) ? [arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1)] : [arg, undefined];
    const before = i === 0 ? undefined : args[i - 1];
    if (name === '--config') setConfig(value ?? args[++i]);
    else if (name === '--momento-api-key') parsed.key = value ?? args[++i] ?? '';
    else if (name === '-c' || name === '--context') setContext(value ?? args[++i] ?? '');
    else if (arg.startsWith('-c')) setContext(arg.slice('-c'.length));
    else if (/\.ya?ml$/.test(arg) && !arg.startsWith('-') && mayBeFile(before)) setConfig(arg);
    else {
      parsed.output ||= arg.startsWith('-o') || name === '--output';
      parsed.rest.push(arg);
    }
  }
  if (parsed.key !== undefined && (command !== 'deploy' || parsed.secret)) {
    throw wrong('--momento-api-key is for ./tvm deploy without -c momento-secret');
  }
  // These find the stack by its name and do not need the policy.
  if (command === 'destroy' || command === 'bootstrap') parsed.config ??= 'default';
  if (parsed.config !== undefined) parsed.rest.push('-c', `config=${parsed.config}`);
  return parsed;
}

/** Reads the Momento API key of a reference: env:NAME, file:PATH, or - for standard input. */
function readKey(reference) {
  const [, kind, name] = /^(env|file):(.*)$/s.exec(reference) ?? [undefined, reference, ''];
  let key;
  try {
    if (kind === 'env') key = process.env[name] ?? '';
    else if (kind === 'file') key = readFileSync(name, 'utf8');
    else if (kind === '-') key = readFileSync(0, 'utf8');
  } catch {
    key = '';
  }
  if (key === undefined) {
    throw wrong('--momento-api-key: expected env:NAME, file:PATH, or - for standard input; not the key itself, which others could see');
  }
  if (!/^[!-~]+$/.test(key.trim())) throw wrong(`--momento-api-key: there is no key in ${reference}`);
  return key.trim();
}

let onEc2 = false;

/** Whether there are any credentials; AWS decides whether they are valid. */
async function hasCredentials(args) {
  const { env } = process;
  const hasContent = file => existsSync(file) && statSync(file).size > 0;
  if (args.some(arg => arg === '--profile' || arg.startsWith('--profile='))) return true;
  const names = ['AWS_ACCESS_KEY_ID', 'AWS_PROFILE', 'AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'];
  if (names.some(name => env[name])) return true;
  const home = env.HOME ?? homedir();
  if (hasContent(env.AWS_SHARED_CREDENTIALS_FILE || join(home, '.aws/credentials')) || hasContent(env.AWS_CONFIG_FILE || join(home, '.aws/config'))) return true;
  if (env.AWS_EC2_METADATA_DISABLED === 'true') return false;
  // A machine on EC2 can have a role.
  const request = { method: 'PUT', headers: { 'X-aws-ec2-metadata-token-ttl-seconds': '60' }, signal: AbortSignal.timeout(1000) };
  onEc2 = true;
  return fetch('http://169.254.169.254/latest/api/token', request).then(response => response.ok, () => false);
}

/** Whether the CDK would find a region. Without one it uses us-east-1. */
function hasRegion(args) {
  const { env } = process;
  if (env.AWS_REGION || env.AWS_DEFAULT_REGION || args.some(arg => arg.startsWith('aws://'))) return true;
  const at = args.findIndex(arg => arg === '--profile' || arg.startsWith('--profile='));
  const profile = at < 0 ? env.AWS_PROFILE || 'default' : args[at].split('=')[1] ?? args[at + 1];
  const home = env.HOME ?? homedir();
  return [env.AWS_CONFIG_FILE || join(home, '.aws/config'), env.AWS_SHARED_CREDENTIALS_FILE || join(home, '.aws/credentials')].some(file => {
    if (!existsSync(file)) return false;
    const sections = readFileSync(file, 'utf8').split(/^\s*\[/m).slice(1);
    return sections.some(section => [profile, `profile ${profile}`].includes(section.split(']')[0].trim()) && /^\s*region\s*=\s*\S/m.test(section));
  });
}

/** The environment of the CDK's command line and of the CDK app. */
function environment(command, app, folder) {
  const node = process.versions.node.split('.')[0];
  const more = {
    // Turns off notices about Node.js, newer versions and telemetry.
    JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: node,
    JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION: node,
    JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION: node,
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    TVM_CDK_JAVA: join(process.env.JAVA_HOME, 'bin/java'),
    TVM_CDK_APP: app,
    TVM_CDK_RUN: folder,
    TVM_CDK_FOLDER: process.cwd(),
    // Run by a shell, which reads the paths from the environment, so they can contain any character.
    TVM_CDK_COMMAND: `printf %s "$CDK_DEFAULT_ACCOUNT" >"$TVM_CDK_RUN/account"
    [ -z "$CDK_DEFAULT_ACCOUNT" ] || echo "tvm: AWS account $CDK_DEFAULT_ACCOUNT, region $CDK_DEFAULT_REGION" >&2
    cd "$TVM_CDK_FOLDER" && "$TVM_CDK_JAVA" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$TVM_CDK_APP/lib/*" \\
      tokenvending.infrastructure.CdkApp "$TVM_CDK_APP/function" "$TVM_CDK_RUN/staging"
    code=$?; echo "$code" >"$TVM_CDK_RUN/code"; exit "$code"`,
  };
  const aws =
    command === 'synth'
      ? // A template is the same for every account, so no account is looked up.
        { AWS_EC2_METADATA_DISABLED: 'true', AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' }
      : Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('AWS_')));
  return cleanEnvironment({ ...more, ...aws });
}

const NOISE = /feature flags are not configured|Subprocess exited with error/;

async function main(args) {
  const { command, key: reference, output, rest } = parse(args);
  const key = reference === undefined ? '' : readKey(reference);
  if (command !== 'synth' && !(await hasCredentials(rest))) {
    throw new Failure("no AWS credentials were found: run 'aws configure' or 'aws sso login', set AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; ./tvm synth needs none.");
  }
  if (command !== 'synth' && !onEc2 && !hasRegion(rest)) {
    throw new Failure("no AWS region was found: set AWS_REGION, or write a region into the profile ('aws configure').");
  }
  const app = await built('aws');
  await installNpmPackages(join(ROOT, 'infrastructure'));
  const folder = mkdtempSync(join(TARGET, 'cdk.'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'empty'));

  const cdk = [join(ROOT, 'infrastructure/cdk.cjs'), command, '--app', 'sh -c "$TVM_CDK_COMMAND"; exit', '--no-notices', '--no-version-reporting', ...rest];
  if (!output) cdk.push('--output', join(folder, 'cdk.out'));
  if (command === 'synth') cdk.push('--ci=false');
  const code = await call(process.execPath, cdk, {
    cwd: process.cwd(),
    env: environment(command, app, folder),
    // The key goes through a pipe: other users can read arguments, and child processes inherit the environment.
    stdio: ['inherit', 'inherit', command === 'synth' ? 'pipe' : 'inherit', 'ignore', 'ignore', 'pipe'],
    pipes: { 5: key },
    onLine: line => NOISE.test(line) || console.error(line),
  });
  // The CDK exits with 1 whatever the exit code of its app.
  const appCode = existsSync(join(folder, 'code')) ? readFileSync(join(folder, 'code'), 'utf8').trim() : '';
  if (appCode === String(WRONG_INPUT)) return WRONG_INPUT;
  const account = existsSync(join(folder, 'account')) ? readFileSync(join(folder, 'account'), 'utf8') : 'unknown';
  if (code !== 0 && account === '' && command !== 'synth') {
    say("AWS did not accept the credentials that were found: 'aws sts get-caller-identity' shows why.");
  }
  return code;
}

await run(main);
