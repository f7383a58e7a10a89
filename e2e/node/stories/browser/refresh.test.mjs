// What the client library is for: chats that outlive their tokens, with the SDK for browsers and a real service.
import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { after, before, describe, test } from 'node:test';
import { launch } from '../../support/browser.mjs';
import { cable } from '../../support/cable.mjs';
import { local, serve } from '../../support/process.mjs';
import { publisher } from '../../support/publisher.mjs';
import { clientSite } from '../../support/site.mjs';
import { assertOneGap, assertWhole, talk } from '../../support/talk.mjs';
import { vend } from '../../support/vending.mjs';
import { eventually, pause } from '../../support/waiting.mjs';

const CACHE = 'default-cache';
/** Ten minutes with refreshes once a minute, squeezed into one: a token lives ten seconds. */
const CHAT = Number(process.env.CHAT ?? 60_000);
const EVERY = 20;

let momento, machine, site, browser, publish;

/** A machine that vends from `momento`, as in production: with a key, and pages listed by origin. */
function vendingFrom(momento, port = 0) {
  const config = `
token: { ttl: 1h }
authentication:
  - open: {}
parameters:
  name: { max-length: 64 }
rules:
  - id: everyone
    token-id: "\${request.name}"
    permissions:
      - { role: PublishSubscribe, cache: ${CACHE}, topic: all }
momento:
  api-key: file:key
  token-service: ${momento.url}
cors:
  allow-origins: ["${site.url}"]
`;
  return serve(config, { files: { key: momento.apiKey }, port });
}

before(async () => {
  site = await clientSite();
  [momento, browser] = await Promise.all([local(), launch()]);
  machine = await vendingFrom(momento);
  publish = publisher((await vend(machine.url, 'publisher')).authToken, momento.url, CACHE);
});
after(async () => {
  await browser?.close();
  await machine?.stop();
  await momento?.stop();
  await site?.close();
});

/** Opens the story's page in a browser of its own making, as far as the page can tell. */
async function open(inBrowser, options) {
  const context = await inBrowser.newContext();
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', error => complaints.push(String(error)));
  const vends = [];
  page.on('request', request => {
    if (request.method() === 'GET' && request.url().startsWith(options.url)) vends.push(Date.now());
  });
  if (options.clock) {
    await page.addInitScript(shift => {
      const Real = Date;
      globalThis.Date = class extends Real {
        constructor(...values) {
          super(...(values.length === 0 ? [Real.now() + shift] : values));
        }
        static now() {
          return Real.now() + shift;
        }
      };
    }, options.clock);
  }
  await page.goto(site.url);
  await page.evaluate(options => window.client.start(options), { parameters: { name: 'Ann' }, cache: CACHE, ...options });
  return {
    page,
    complaints,
    vends,
    heard: () => page.evaluate(() => window.client.heard()),
    close: () => context.close(),
  };
}

const SHORT = 10;

describe('fifty messages a second for a minute', { concurrency: true }, () => {
  let talking, talked, spare, wire, clock;
  const pages = {};
  before(async () => {
    spare = await vendingFrom(momento);
    wire = await cable(momento.url);
    const topic = 'squeeze';
    for (const [name, options] of [
      ['plain', { url: machine.url, ttl: SHORT }],
      ['fast', { url: machine.url, ttl: SHORT, clock: 3_600_000 }],
      ['slow', { url: machine.url, ttl: SHORT, clock: -3_600_000 }],
      ['cut', { url: machine.url, ttl: 120, through: wire.url }],
      ['restart', { url: spare.url, ttl: 60 }],
    ]) {
      pages[name] = await open(browser, { topic, ...options });
    }
    clock = monitorEventLoopDelay({ resolution: 20 });
    clock.enable();
    const began = Date.now();
    talking = talk(publish, topic, 1, EVERY);
    await Promise.all([
      pause(CHAT),
      pause(5000)
        .then(() => wire.cut())
        .then(() => pause(20_000))
        .then(() => wire.mend()),
      restartSpare(),
    ]);
    const last = await talking.stop();
    talked = { began, ended: Date.now() };
    // How many of the fifty a second a loaded machine gets out is not what is judged here; that they were many is.
    console.log(`${last} messages in ${CHAT / 1000} s`);
    assert.ok(last > (CHAT / EVERY) * 0.3, `only ${last} messages`);
    for (const page of Object.values(pages)) {
      await eventually('the last message', async () => (await page.heard()).log.at(-1) === last, 20_000).catch(() => {});
    }
  });
  after(async () => {
    await spare?.stop();
    wire?.close();
  });

  async function restartSpare() {
    const { port } = new URL(spare.url);
    // Right after a refresh, when the token has its whole life before it.
    const { vends } = pages.restart;
    const before = vends.length;
    await eventually('a refresh', () => vends.length > before, 70_000);
    await pause(500);
    await spare.stop();
    spare = await vendingFrom(momento, Number(port));
  }

  const whole = name => async () => {
    const page = pages[name];
    const heard = await page.heard();
    assertWhole(heard, talking.last(), Math.max(heard.stoodStill, clock.max / 1e6));
    assert.deepEqual(page.complaints, []);
  };

  test('with short tokens nothing is lost and nothing doubled', async () => {
    await whole('plain')();
    const { began, ended } = talked;
    const fetched = pages.plain.vends.filter(time => time >= began && time <= ended).length;
    const life = SHORT * 1000;
    assert.ok(fetched >= CHAT / life - 1 && fetched <= (ended - began) / (life / 2) + 1, `${fetched} tokens in ${ended - began} ms`);
  });
  test('with the clock of the browser an hour fast', whole('fast'));
  test('with the clock of the browser an hour slow', whole('slow'));
  test('with the network cut for twenty seconds', whole('cut'));
  test('with the machine restarted in the middle', async () => {
    await whole('restart')();
    assert.ok(pages.restart.vends.length >= 2);
  });
});

describe('where no subscription can live', { concurrency: true }, () => {
  test('asleep past the end of the token: one gap, and the chat goes on', async () => {
    const sleeper = await launch();
    try {
      const page = await open(sleeper, { url: machine.url, ttl: 10, topic: 'asleep' });
      const talking = talk(publish, 'asleep', 1, 100);
      await eventually('messages', async () => (await page.heard()).log.length > 20);
      const { processInfo } = await (await sleeper.newBrowserCDPSession()).send('SystemInfo.getProcessInfo');
      const pids = processInfo.map(({ id }) => id);
      pids.forEach(pid => process.kill(pid, 'SIGSTOP'));
      await pause(15_000);
      pids.forEach(pid => process.kill(pid, 'SIGCONT'));
      const awake = talking.last();
      await eventually('the chat after it', async () => (await page.heard()).log.filter(n => n > awake).length > 30);
      const last = await talking.stop();
      await eventually('the last message', async () => (await page.heard()).log.at(-1) === last);
      assertOneGap(await page.heard(), last);
    } finally {
      await sleeper.close();
    }
  });

  test('the network away for longer than the token lives: one gap, and the chat goes on', async () => {
    const wire = await cable(momento.url);
    try {
      const page = await open(browser, { url: machine.url, ttl: 10, topic: 'away', through: wire.url });
      const talking = talk(publish, 'away', 1, 100);
      await eventually('messages', async () => (await page.heard()).log.length > 20);
      wire.cut();
      await pause(15_000);
      wire.mend();
      const mended = talking.last();
      await eventually('the chat after it', async () => (await page.heard()).log.filter(n => n > mended).length > 30);
      const last = await talking.stop();
      await eventually('the last message', async () => (await page.heard()).log.at(-1) === last);
      assertOneGap(await page.heard(), last);
    } finally {
      wire.close();
    }
  });

  test('the service restarted: one gap, and the chat goes on', async () => {
    let brief = await local();
    const vending = await vendingFrom(brief);
    try {
      const { port } = new URL(brief.url);
      const raw = JSON.parse(Buffer.from(brief.apiKey, 'base64').toString()).api_key;
      const say = async () => publisher((await vend(vending.url, 'publisher')).authToken, brief.url, CACHE);
      const page = await open(browser, { url: vending.url, topic: 'restarted' });
      const first = talk(await say(), 'restarted', 1, 100);
      await eventually('messages', async () => (await page.heard()).log.length > 20);
      const before = await first.stop();
      await eventually('the last message before', async () => (await page.heard()).log.at(-1) === before);
      await brief.stop();
      await pause(2000);
      brief = await local('--port', port, '--api-key', raw);
      const second = talk(await say(), 'restarted', before + 1, 100);
      await eventually('the chat after it', async () => (await page.heard()).log.filter(n => n > before).length > 30);
      const last = await second.stop();
      await eventually('the last message', async () => (await page.heard()).log.at(-1) === last);
      assertOneGap(await page.heard(), last);
    } finally {
      await vending.stop();
      await brief.stop();
    }
  });
});
