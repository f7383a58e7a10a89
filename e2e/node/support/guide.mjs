// Reads a guide and does what it says, block by block, in a folder of its own.
//
// The info string of a fenced block says what the block is:
//   LANG file=NAME    a file, written into the reader's folder
//   sh run            commands; they must succeed, or end with exit=N
//   sh serve          a server, which runs until the guide ends
//   text output       what the commands before it print; `…` stands for any text, a line of it for any lines
//   json claims       the claims of a JWT, see identity pages
//   sh elsewhere      commands that need something that is not here; not run
//   text              an illustration
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LAUNCHER } from './process.mjs';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const MODULES = fileURLToPath(new URL('../node_modules/', import.meta.url));

/** Returns the fenced blocks of a page: { line, language, marks, text }. */
export function blocks(page) {
  const found = [];
  let open;
  page.split('\n').forEach((text, index) => {
    const fence = /^( *)(`{3,})(.*)$/.exec(text);
    if (fence && !open) {
      const [language, ...marks] = fence[3].trim().split(/\s+/);
      open = { line: index + 1, language, marks, lines: [], indent: fence[1].length };
    } else if (fence && fence[3].trim() === '') {
      found.push({ ...open, text: open.lines.map(line => line.slice(open.indent)).join('\n') });
      open = undefined;
    } else {
      open?.lines.push(text);
    }
  });
  return found;
}

export function read(name) {
  return readFileSync(join(ROOT, 'docs', name), 'utf8');
}

/** Returns the value of a mark such as `file=tvm.yaml`. */
export function mark(block, name) {
  return block.marks.find(word => word.startsWith(`${name}=`))?.slice(name.length + 1);
}

/**
 * Asserts that `output` has the lines of `expected`, in order; `…` in a line matches any text, and on its own line
 * any lines.
 */
export function assertOutput(output, expected, where) {
  const lines = output.split('\n').map(line => line.trimEnd());
  let at = 0;
  let skip = true;
  for (const wanted of expected.split('\n').map(line => line.trimEnd()).filter(line => line !== '')) {
    if (wanted.trim() === '…') {
      skip = true;
      continue;
    }
    const pattern = new RegExp(`^${wanted.split('…').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`);
    const found = lines.findIndex((line, index) => index >= at && (skip || index === at || line !== '') && pattern.test(line));
    assert.ok(found >= 0, `${where}: no line "${wanted}" in:\n${output}`);
    at = found + 1;
    skip = false;
  }
}

/** The first and the last line under a heading of the second level. */
function linesOf(page, heading) {
  const lines = page.split('\n');
  const first = lines.indexOf(`## ${heading}`) + 1;
  assert.ok(first > 0, heading);
  const next = lines.findIndex((line, index) => index >= first && line.startsWith('## '));
  return [first, next < 0 ? lines.length : next];
}

/** Writes what a reader of the guides has: the launcher, the examples, and the packages that `npm install` would install. */
function readersFolder(folder) {
  symlinkSync(LAUNCHER, join(folder, 'tvm'));
  symlinkSync(join(ROOT, 'examples'), join(folder, 'examples'));
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync(MODULES)) symlinkSync(join(MODULES, name), join(folder, 'node_modules', name));
  symlinkSync(join(ROOT, 'web/client'), join(folder, 'node_modules/tokenvending-client'));
}

/**
 * Follows a guide, or its part under the heading `section`, on free ports. `prepare` fills the reader's empty folder, and returns
 * additions to the environment. `finish` receives the ports while its servers are running.
 */
export async function follow(name, finish = () => {}, { section, prepare = readersFolder } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'tvm-guide-'));
  const more = prepare(folder) ?? {};
  const page = read(name);
  const [start, end] = section === undefined ? [1, Infinity] : linesOf(page, section);
  const ports = { 8080: await freePort(), 8090: await freePort(), 3000: await freePort() };
  const port = ports[8080];
  const local = text => text.replaceAll(/(?<=127\.0\.0\.1:|--port )(8080|8090|3000)\b/g, number => String(ports[number]));
  const servers = [];
  let vending;
  let output = '';
  try {
    for (const block of blocks(page)) {
      if (block.line < start || block.line > end) continue;
      const where = `docs/${name}:${block.line}`;
      const { language, marks } = block;
      const file = mark(block, 'file');
      if (file) {
        mkdirSync(dirname(join(folder, file)), { recursive: true });
        writeFileSync(join(folder, file), `${local(block.text)}\n`);
      } else if (marks.includes('serve')) {
        // A guide that starts it again has asked its reader to stop the other one.
        const vends = /^\S*\/tvm serve/.test(block.text);
        if (vends) await vending?.stop();
        const running = await server(local(block.text).replace(/^(\S*\/tvm serve)/, `$1 --port ${port}`), folder, where, more);
        if (vends) vending = running;
        servers.push(running);
        output = running.output();
      } else if (marks.includes('run')) {
        const run = await shell(local(block.text).split('\n').filter(line => !installs(line)).join('\n'), folder, more);
        output = run.output;
        assert.equal(run.code, Number(mark(block, 'exit') ?? 0), `${where}: exit code of\n${block.text}\n${output}`);
      } else if (marks.includes('output')) {
        assertOutput(output, local(block.text), where);
      } else {
        assert.ok(language === 'text' || language === '' || ['elsewhere', 'host', 'claims', 'granted'].some(word => marks.includes(word)), `${where}: no mark says what this block is`);
      }
    }
    await finish(ports);
  } finally {
    await Promise.all(servers.map(running => running.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Handles `npm install` of a package that the stories have; a guide must not install others. */
function installs(line) {
  const named = /^npm install (\S+)$/.exec(line);
  if (named) assert.ok(readFileSync(join(MODULES, named[1], 'package.json')), `${named[1]} is not among the packages of the stories`);
  return named !== null;
}

function environment(more) {
  const { MOMENTO_API_KEY, MOMENTO_ENDPOINT, ...rest } = process.env;
  return { ...rest, TVM_PAGES: 'no', NO_COLOR: '1', ...more };
}

async function shell(script, cwd, more) {
  const child = spawn('bash', ['-c', `set -eo pipefail\n${script}`], { cwd, env: environment(more), stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (output += text));
  const [code] = await once(child, 'close');
  return { code, output };
}

async function server(command, cwd, where, more) {
  // The input of a terminal stays open, and some programs end when it closes.
  const child = spawn('bash', ['-c', `exec ${command}`], { cwd, env: environment(more), stdio: 'pipe' });
  const ended = once(child, 'close');
  let output = '';
  await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', text => {
        output += text;
        if (/^ready: |Local: /m.test(output)) resolve();
      });
    }
    ended.then(([code]) => reject(new Error(`${where}: ended with ${code} before it was ready:\n${output}`)));
  });
  return {
    output: () => output,
    async stop() {
      child.stdin.end();
      if (child.exitCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}

export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
