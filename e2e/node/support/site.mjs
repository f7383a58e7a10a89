// Web servers of the stories' own: what a site does that uses the client library.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const KINDS = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json' };

/** A page with the client library in it, as window.client. `url` is where it is. */
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

/**
 * The chat, as built, with its settings beside it: an origin other than the machine's. The policy is as strict as a site
 * can be that talks to services on this machine.
 */
export async function chatSite(folder, settings) {
  const policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
    "connect-src 'self' http://127.0.0.1:* http://localhost:* http://*.localhost:*";
  return listen(async path => {
    if (path === '/chat/settings.json') {
      return { type: KINDS['.json'], body: JSON.stringify(settings) };
    }
    const inside = normalize(path.slice('/chat'.length)) === '/' ? '/index.html' : normalize(path.slice('/chat'.length));
    const body = await readFile(join(folder, inside)).catch(() => undefined);
    return body && { type: KINDS[extname(inside)] ?? 'application/octet-stream', body, headers: { 'content-security-policy': policy } };
  });
}

async function listen(answer) {
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
