// Web servers for the stories: sites that use the client library.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const KINDS = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

/** Serves a page with the client library as window.client. `url` is its address. */
export async function clientSite() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../page/client.mjs', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    define: { global: 'window' },
    logLevel: 'error',
  });
  const page = '<!doctype html><title>story</title><script src="/page.js"></script>';
  return listen(path => (path === '/page.js' ? { type: 'text/javascript', body: outputFiles[0].contents } : { type: 'text/html', body: page }));
}

/** Serves the files of a folder, under a path and on another origin than the machine. */
export function folderSite(folder, { under = '', headers = {} } = {}) {
  return listen(async path => {
    const inside = normalize(path.slice(under.length));
    const body = await readFile(join(folder, inside === '/' ? '/index.html' : inside)).catch(() => undefined);
    return body && { type: KINDS[inside === '/' ? '.html' : extname(inside)] ?? 'application/octet-stream', body, headers };
  });
}

/**
 * Serves the chat on its own origin, built with `VITE_…` variables as its README describes. Its content security
 * policy is as strict as possible for a site that calls services on this machine.
 */
export async function chatSite(variables) {
  const folder = await mkdtemp(join(tmpdir(), 'tvm-chat-'));
  const vite = spawn('npm', ['run', 'build', '--workspace', 'chat', '--', '--outDir', folder, '--emptyOutDir', '--logLevel', 'error'], {
    cwd: fileURLToPath(new URL('../../../web', import.meta.url)),
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await new Promise(resolve => vite.once('close', resolve));
  assert.equal(code, 0, 'the chat cannot be built');
  const policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
    "connect-src 'self' http://127.0.0.1:* http://localhost:* http://*.localhost:*";
  const site = await folderSite(folder, { under: '/chat', headers: { 'content-security-policy': policy } });
  return {
    url: site.url,
    async close() {
      await site.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Serves what `answer` returns for a path: { type, body, headers }, or undefined. */
export async function listen(answer) {
  const server = createServer(async (request, response) => {
    const found = await answer(new URL(request.url, 'http://site').pathname);
    response.writeHead(found ? 200 : 404, {
      'content-type': `${found?.type ?? 'text/plain'}; charset=utf-8`,
      'x-content-type-options': 'nosniff',
      ...found?.headers,
    });
    response.end(found?.body ?? 'nothing here');
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${server.address().port}`,
    close() {
      server.closeAllConnections();
      return new Promise(resolve => server.close(resolve));
    },
  };
}
