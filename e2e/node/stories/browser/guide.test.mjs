// The guide to a page in a browser: its page, bundled as it says, shows what it says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch } from '../../support/browser.mjs';
import { follow } from '../../support/guide.mjs';

test('the page of the guide shows the message that it published', () =>
  follow('guides/browser-app.md', async ports => {
    const browser = await launch();
    try {
      const page = await browser.newPage();
      const log = [];
      page.on('console', message => log.push(message.text()));
      page.on('pageerror', error => log.push(String(error)));
      await page.goto(`http://127.0.0.1:${ports[3000]}/`);
      const messages = page.locator('#messages', { hasText: 'Taylor: hello, world' });
      await messages.waitFor({ timeout: 60_000 }).catch(async error => {
        throw new Error(`the page shows "${await page.textContent('#messages')}", and its console "${log.join('\n')}"`, { cause: error });
      });
      assert.equal(await messages.textContent(), 'Taylor: hello, world\n');
    } finally {
      await browser.close();
    }
  }));
