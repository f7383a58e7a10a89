// Helpers of the programs in scripts/: paths, child processes, npm packages, system packages.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, copyFileSync, existsSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
export const TARGET = join(ROOT, 'target');
export const LAUNCHER = join(ROOT, 'tvm');
mkdirSync(TARGET, { recursive: true });

/** Prints a message for the user on stderr. */
export const say = text => console.error(`tvm: ${text}`);

/** Ends the program with a message: what is wrong and what to do. */
export class Failure extends Error {
  constructor(message, code = 1) {
    super(message);
    this.code = code;
  }
}

const children = new Set();

/** Runs a program of scripts/; its exit code is the number that `main` returns. */
export async function run(main) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(error.message);
    for (const child of children) child.kill('SIGTERM');
    process.exit(error.code);
  }
}

/**
 * The environment for programs that build, test or deploy: the variables that environment.txt and TVM_BUILD_VARIABLES
 * name, and `more`.
 */
export function cleanEnvironment(more = {}) {
  const names = [...readFileSync(join(ROOT, 'scripts/environment.txt'), 'utf8').split('\n'), ...(process.env.TVM_BUILD_VARIABLES ?? '').split(/\s+/), 'LC_ALL'];
  const known = names.filter(name => process.env[name] !== undefined).map(name => [name, process.env[name]]);
  return { ...Object.fromEntries(known), ...more };
}

for (const [signal, number] of [['SIGINT', 2], ['SIGTERM', 15], ['SIGHUP', 1]]) {
  process.once(signal, () => {
    for (const child of children) child.kill('SIGTERM');
    process.exit(128 + number);
  });
}

/**
 * Runs a program to its end, and returns its exit code, 1 if a signal ended it. It gets the clean environment, and
 * the signal that ends this program. `onLine` receives each line of a piped stdout or stderr; `pipes` has the content
 * of other descriptors.
 */
export function call(command, args, { cwd = ROOT, env = cleanEnvironment(), stdio = ['ignore', 'inherit', 'inherit'], onLine, pipes = {} } = {}) {
  const child = spawn(command, args, { cwd, env, stdio });
  children.add(child);
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', onLine);
  }
  for (const [descriptor, text] of Object.entries(pipes)) child.stdio[descriptor].on('error', () => {}).end(text);
  return new Promise((resolve, reject) => {
    child.once('error', error => reject(error.code === 'ENOENT' ? new Failure(`${command} is missing: install it.`) : error));
    child.once('close', code => {
      children.delete(child);
      resolve(code ?? 1);
    });
  });
}

/**
 * Like `call`, with all output in the file `log`. If it fails, the end of the log is shown with `what` as the title.
 */
export async function callWithLog(command, args, { log, what, ...options }) {
  const file = openSync(log, 'a');
  const code = await call(command, args, { ...options, stdio: ['ignore', file, file] });
  closeSync(file);
  if (code !== 0) {
    console.error(readFileSync(log, 'utf8').split('\n').slice(-40).join('\n'));
    throw new Failure(`${what}; the whole log is in ${log}`);
  }
}

/** Builds the product `app` or `aws` if needed, and returns its folder, which is kept while this process runs. */
export async function built(product) {
  let folder;
  const code = await call(LAUNCHER, [`build-${product}`], { stdio: ['ignore', 'pipe', 'inherit'], onLine: line => (folder = line) });
  if (code !== 0) throw new Failure('without the build this cannot go on', code);
  writeFileSync(join(folder, '.running', String(process.pid)), '');
  return folder;
}

const isRunning = pid => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
};

/** Runs `action` while no other process holds the lock of that name. The lock of a process that ended is void. */
export async function withLock(name, action) {
  const lock = join(TARGET, `${name}.lock`);
  const mine = `${lock}-${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    for (;;) {
      try {
        linkSync(mine, lock); // atomic: a lock is never without its owner
        break;
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
        if (existsSync(lock) && !isRunning(Number(readFileSync(lock, 'utf8')))) rmSync(lock, { force: true });
        else await new Promise(resolve => setTimeout(resolve, 500));
      }
    }
    try {
      return await action();
    } finally {
      rmSync(lock, { force: true });
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Installs the npm packages of a folder's lock file, unless they are installed. No package runs a script. */
export function installNpmPackages(folder) {
  const [lock, installed] = [join(folder, 'package-lock.json'), join(folder, 'node_modules/.installed-from')];
  const isInstalled = () => existsSync(installed) && readFileSync(installed, 'utf8') === readFileSync(lock, 'utf8');
  if (isInstalled()) return Promise.resolve();
  return withLock('npm', async () => {
    if (isInstalled()) return;
    const name = relative(ROOT, folder);
    say(`installing the npm packages of ${name}`);
    const log = join(TARGET, 'npm.log');
    rmSync(log, { force: true });
    await callWithLog('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder, log, what: `npm ci failed in ${name}` });
    // Last: an interrupted installation is repeated.
    copyFileSync(lock, installed);
  });
}

/** Returns the path of a command, or undefined. A name with a slash is a path. */
export function find(command) {
  const { status, stdout } = spawnSync('sh', ['-c', 'command -v "$1"', 'sh', command], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** Installs a system package if that needs no question; `title` is its name in messages. */
export async function installSystemPackage(title, name) {
  if (process.getuid() !== 0 || !find('apt-get')) return;
  say(`installing ${title}`);
  const log = join(TARGET, 'apt.log');
  rmSync(log, { force: true });
  const env = cleanEnvironment({ DEBIAN_FRONTEND: 'noninteractive' });
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', name]]) {
    await callWithLog('apt-get', args, { env, log, what: `${title} could not be installed` });
  }
}

/** Installs redis-server if it is missing. */
export async function needRedis() {
  if (!find('redis-server')) await installSystemPackage('Redis', 'redis-server');
  if (!find('redis-server')) throw new Failure('redis-server is missing: install it (Debian: apt-get install redis-server; macOS: brew install redis).');
}

/** Tries to install wrk, the load generator; a program that needs it reports if it is missing. */
export async function wantWrk() {
  if (!find('wrk')) await installSystemPackage('wrk', 'wrk');
}

/** Returns the path of a browser, and installs it if it is missing. `variable` can name another. */
async function needBrowser(title, systemPackage, variable, others) {
  const names = [process.env[variable], systemPackage, ...others].filter(name => name);
  const search = () => names.map(find).find(path => path);
  if (!search()) await installSystemPackage(title, systemPackage);
  const found = search();
  if (!found) throw new Failure(`${title} is missing: install it, or set ${variable} to where it is, to run the browser stories.`);
  return found;
}

export const needChromium = () =>
  needBrowser('Chromium', 'chromium', 'CHROMIUM', [
    'chromium-browser', 'google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ]);

export const needFirefox = () => needBrowser('Firefox', 'firefox-esr', 'FIREFOX', ['firefox', '/Applications/Firefox.app/Contents/MacOS/firefox']);
