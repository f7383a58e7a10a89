import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;

/** The command that runs `tvm` of an unpacked release: with its own Java on Linux, elsewhere with an installed one. */
function command(home, java) {
  const jars = join(home, 'lib');
  if (!existsSync(join(home, 'lib/tvm.options'))) {
    throw new Error(`${home} is not the folder of a release of the token vending machine: set TVM_HOME, or the option home`);
  }
  if (java === undefined && process.platform === 'linux') return [join(home, 'bin/tvm')];
  const classPath = readdirSync(jars).filter(name => name.endsWith('.jar')).sort().map(name => join(jars, name));
  const installed = java ?? (process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin/java') : 'java');
  return [installed, `@${join(jars, 'tvm.options')}`, '-cp', classPath.join(process.platform === 'win32' ? ';' : ':'), 'tokenvending.server.cli.Main'];
}

/** Resolves with the first match of each pattern in what the program prints. */
function printed(child, patterns) {
  return new Promise((resolve, reject) => {
    let text = '';
    let complaints = '';
    const late = setTimeout(() => fail('was not ready in time'), START_LIMIT_MS);
    const fail = why => {
      clearTimeout(late);
      child.kill('SIGKILL');
      reject(new Error(`momento-local ${why}:\n${text}${complaints}`));
    };
    child.once('error', error => fail(`did not start (${error.message})`));
    child.once('exit', (code, signal) => fail(`ended with ${code ?? signal}`));
    child.stderr.on('data', more => (complaints = (complaints + more).slice(-20_000)));
    let ready = false;
    child.stdout.on('data', more => {
      if (ready) return;
      text += more;
      if (!/^ready: .*$/m.test(text)) return;
      ready = true;
      clearTimeout(late);
      child.removeAllListeners('exit');
      resolve(patterns.map(pattern => pattern.exec(text)[1]));
    });
  });
}

/** Starts momento-local at a free port of 127.0.0.1. */
export async function startMomentoLocal({ home = process.env.TVM_HOME, java, caches = [], keyless = true, args = [] } = {}) {
  if (!home) throw new Error('set TVM_HOME, or the option home, to the folder of an unpacked release of the token vending machine');
  const [program, ...before] = command(home, java);
  const options = ['--port', '0', '--admin-port', '0', ...caches.flatMap(name => ['--cache', name]), ...(keyless ? ['--keyless'] : []), ...args];
  const child = spawn(program, [...before, 'local', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let ended = false;
  const end = new Promise(resolve => child.once('close', () => ((ended = true), resolve())));
  const [url, adminUrl, apiKey] = await printed(child, [/^ready: (\S+)$/m, /^ +admin +(\S+)/m, /^ +API key \(v1\) +(\S+)/m]).catch(error => {
    process.removeListener('exit', kill);
    throw error;
  });
  // A test that does not stop it can end nevertheless.
  for (const one of [child, child.stdout, child.stderr]) one.unref();

  const admin = async (path, body = '') => {
    const response = await fetch(adminUrl + path, { method: 'POST', body });
    if (!response.ok) throw new Error(`momento-local: ${(await response.text()).trim()}`);
  };
  return {
    url,
    adminUrl,
    apiKey,
    hostname: '127.0.0.1',
    port: Number(new URL(url).port),
    seed: snapshot => admin('/seed', JSON.stringify(snapshot)),
    advance: milliseconds => admin(`/advance?milliseconds=${milliseconds}`),
    reset: () => admin('/reset'),
    async stop() {
      process.removeListener('exit', kill);
      if (ended) return;
      for (const one of [child, child.stdout, child.stderr]) one.ref();
      const late = setTimeout(kill, STOP_LIMIT_MS);
      child.kill('SIGTERM');
      await end;
      clearTimeout(late);
    },
  };
}
