// A page in headless Chromium with Momento's published SDK for browsers.
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';

/** Starts headless Chromium. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    // The first is for root, which CI often uses; the rest prevent requests to the Internet.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
    timeout: 120_000,
  });
}

/**
 * Opens the page on its own origin, so that every call is cross-origin. `page.evaluate` calls window.story; `close()`
 * ends browser and web server.
 */
export async function openPage() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../page/page.mjs', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    define: { global: 'window' },
    logLevel: 'error',
  });
  const script = outputFiles[0].contents;
  const site = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.setHeader('content-type', isScript ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8');
    response.end(isScript ? script : '<!doctype html><title>story</title><script src="/page.js"></script>');
  });
  await new Promise(resolve => site.listen(0, '127.0.0.1', resolve));

  const browser = await launch();
  const page = await browser.newPage();
  const complaints = [];
  page.on('pageerror', error => complaints.push(String(error)));
  await page.goto(`http://localhost:${site.address().port}/`);
  await page.waitForFunction(() => window.story !== undefined);
  return {
    page,
    complaints,
    async close() {
      await browser.close();
      await new Promise(resolve => site.close(resolve));
    },
  };
}
