// The client library in Firefox: subscriptions through renewals, tabs that share a token, a gap, and missing APIs.
import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { after, before, describe, test } from 'node:test';
import puppeteer from 'puppeteer-core';
import { cable } from '../../support/cable.mjs';
import { serve } from '../../support/process.mjs';
import { publisher } from '../../support/publisher.mjs';
import { clientSite } from '../../support/site.mjs';
import { assertOneGap, assertWhole, talk } from '../../support/talk.mjs';
import { rule, vend } from '../../support/vending.mjs';
import { eventually, pause } from '../../support/waiting.mjs';

const CACHE = 'default-cache';

let machine, service, site, browser, publish, clock;

before(async () => {
  [machine, site, browser] = await Promise.all([
    serve(rule([`{ role: PublishSubscribe, cache: ${CACHE}, topic: all }`])),
    clientSite(),
    puppeteer.launch({ browser: 'firefox', executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr', timeout: 120_000, protocolTimeout: 120_000 }),
  ]);
  const { authToken, webEndpoint } = await vend(machine.url, 'publisher');
  service = webEndpoint;
  publish = publisher(authToken, service, CACHE);
  clock = monitorEventLoopDelay({ resolution: 20 });
  clock.enable();
});
after(async () => {
  await browser?.close();
  await machine?.stop();
  await site?.close();
});

/** A tab that subscribes to a topic. `without` runs before its page. */
async function open(context, { without, ...options }) {
  const page = await context.newPage();
  if (without) await page.evaluateOnNewDocument(without);
  await page.goto(site.url);
  await page.evaluate(options => window.client.start(options), { url: machine.url, parameters: { name: 'Ann' }, cache: CACHE, ...options });
  const fetched = () =>
    page.evaluate(url => performance.getEntriesByType('resource').filter(({ name }) => name.startsWith(`${url}/?`)).length, machine.url);
  return { page, fetched, heard: () => page.evaluate(() => window.client.heard()) };
}

describe('in Firefox', { concurrency: true }, () => {
  test('two tabs share each token, and lose nothing when it is renewed', async () => {
    const context = await browser.createBrowserContext();
    const began = performance.now();
    const tabs = [await open(context, { topic: 'shared', ttl: 20 }), await open(context, { topic: 'shared', ttl: 20 })];
    const fetched = async () => (await tabs[0].fetched()) + (await tabs[1].fetched());
    const talking = talk(publish, 'shared', 1, 50);
    const before = await fetched();
    await eventually('a renewal', async () => (await fetched()) > before);
    const renewed = talking.last();
    await eventually('messages after it', () => talking.last() > renewed + 20);
    const last = await talking.stop();
    for (const { heard } of tabs) {
      await eventually('the last message', async () => (await heard()).log.at(-1) === last);
      const all = await heard();
      assertWhole(all, last, Math.max(all.stoodStill, clock.max / 1e6));
    }
    // A token of twenty seconds is replaced when ten of them have passed, or later: by one of the tabs, for both.
    const tokens = await fetched();
    assert.ok(tokens <= 1 + (performance.now() - began) / 10_000, `${tokens} tokens`);
  });

  test('the network away for longer than the token lives: one gap, and the chat goes on', async () => {
    const wire = await cable(service);
    try {
      const { heard } = await open(await browser.createBrowserContext(), { topic: 'away', ttl: 10, through: wire.url });
      const talking = talk(publish, 'away', 1, 100);
      await eventually('messages', async () => (await heard()).log.length > 20);
      wire.cut();
      await pause(15_000);
      wire.mend();
      const mended = talking.last();
      await eventually('the chat after it', async () => (await heard()).log.filter(n => n > mended).length > 30);
      const last = await talking.stop();
      await eventually('the last message', async () => (await heard()).log.at(-1) === last);
      assertOneGap(await heard(), last);
    } finally {
      wire.close();
    }
  });

  test('without what Safari lacked for long, it publishes and subscribes through a renewal', async () => {
    const { page, heard, fetched } = await open(await browser.createBrowserContext(), {
      topic: 'old',
      ttl: 20,
      without: () => {
        delete Navigator.prototype.locks;
        delete window.BroadcastChannel;
        delete AbortSignal.any;
        delete AbortSignal.timeout;
      },
    });
    assert.deepEqual(
      await page.evaluate(() => [navigator.locks, window.BroadcastChannel, AbortSignal.any, AbortSignal.timeout].map(api => typeof api)),
      Array(4).fill('undefined'),
    );
    await eventually('a renewal', async () => (await fetched()) > 1);
    assert.equal(await page.evaluate(cache => window.client.publish(cache, 'old', '1'), CACHE), 'published');
    await eventually('the message', async () => (await heard()).log.length === 1);
    const { gaps, errors } = await heard();
    assert.deepEqual({ gaps, errors }, { gaps: [], errors: [] });
  });
});
