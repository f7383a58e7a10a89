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
      await page.goto(`http://127.0.0.1:${ports[3000]}/`);
      const messages = page.locator('#messages', { hasText: 'Taylor: hello, world' });
      await messages.waitFor({ timeout: 60_000 });
      assert.equal(await messages.textContent(), 'Taylor: hello, world\n');
    } finally {
      await browser.close();
    }
  }));
