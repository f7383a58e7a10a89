// Starts the product as its users do, waits until it reports that it is ready, and ends it by a signal.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// TVM names another launcher to test, such as an installed one.
export const LAUNCHER = process.env.TVM ?? fileURLToPath(new URL('../../../tvm', import.meta.url));
const START_LIMIT = 120_000;
const STOP_LIMIT = 20_000;

/**
 * Starts `tvm serve` in local use, with `config` as its tvm.yaml or the built-in file. `files` are written beside it,
 * by name; `environment` is added. `url` is its address; `stop()` ends it and asserts that it ended successfully.
 */
export async function serve(config, { files = {}, port = 0, environment = {} } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'tvm-story-'));
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text);
  }
  const options = ['serve', '--port', String(port)];
  if (config !== undefined) {
    const file = join(folder, 'tvm.yaml');
    await writeFile(file, config);
    options.push('--config', file);
  }
  return start(options, folder, environment);
}

/** Starts `tvm serve` in a folder that contains its tvm.yaml. */
export function serveIn(folder, environment = {}) {
  return start(['serve', '--port', '0'], folder, environment);
}

/** Starts `tvm local` with the given options. `apiKey` is its API key in v1 form. */
export async function local(...options) {
  const folder = await mkdtemp(join(tmpdir(), 'tvm-story-'));
  const running = await start(['local', ...(options.includes('--port') ? [] : ['--port', '0']), ...options], folder);
  const apiKey = running.output().match(/\b[A-Za-z0-9+/]{40,}={0,2}(?=\s)/g)?.find(isV1Key);
  assert.ok(apiKey, `no API key in what it printed:\n${running.output()}`);
  return { ...running, apiKey };
}

function isV1Key(word) {
  try {
    const key = JSON.parse(Buffer.from(word, 'base64').toString('utf8'));
    return typeof key.api_key === 'string' && typeof key.endpoint === 'string';
  } catch {
    return false;
  }
}

/** Returns the output of `tvm hash-password`. */
export async function hashOf(password) {
  const child = spawn(LAUNCHER, ['hash-password'], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(`${password}\n`);
  let output = '';
  child.stdout.on('data', text => (output += text));
  const code = await new Promise(resolve => child.once('close', resolve));
  assert.equal(code, 0);
  return output.trim();
}

/** Runs a server in `folder`, which `stop()` deletes; `command` is the program, and `more` is added to its environment. */
export async function start(options, folder, more = {}, command = LAUNCHER) {
  const { MOMENTO_API_KEY, MOMENTO_ENDPOINT, ...environment } = process.env;
  const child = spawn(command, options, { cwd: folder, env: { ...environment, ...more }, stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  // A story that failed must not wait for its processes.
  for (const handle of [child, child.stdout, child.stderr]) {
    handle.unref();
  }
  let output = '';
  let errors = '';
  const ended = new Promise(resolve => child.once('exit', (code, signal) => resolve({ code, signal })));
  child.stderr.on('data', text => (errors += text));

  const url = await new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      kill();
      reject(new Error(`not ready after ${START_LIMIT} ms:\n${output}\n${errors}`));
    }, START_LIMIT);
    child.once('error', reject);
    child.stdout.on('data', text => {
      output += text;
      const ready = output.match(/^ready: (https?:\/\/\S+)$/m);
      if (ready) {
        clearTimeout(late);
        resolve(ready[1]);
      }
    });
    child.once('exit', code => {
      clearTimeout(late);
      reject(new Error(`ended with ${code} before it was ready:\n${output}\n${errors}`));
    });
  });

  return {
    url,
    pid: child.pid,
    output: () => output,
    errors: () => errors,
    async stop() {
      const late = setTimeout(kill, STOP_LIMIT);
      child.kill('SIGTERM');
      const end = await ended;
      clearTimeout(late);
      process.removeListener('exit', kill);
      await rm(folder, { recursive: true, force: true });
      assert.deepEqual(end, { code: 0, signal: null }, `it did not end well:\n${errors}`);
    },
  };
}
