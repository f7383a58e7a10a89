// How a page looks, and whether axe-core finds barriers in it: at two sizes, light and dark.
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const SCREENSHOTS = fileURLToPath(new URL('../../../target/screenshots/', import.meta.url));
const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

/** Asserts that axe-core finds nothing; `what` is in the message. */
export async function assertAccessible(page, what) {
  // Past the policy of the page, as a tester's own tool: nothing of the page may do so.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }));
  assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(node => node.html)]), [], what);
}

/**
 * Takes screenshots of a state of a page, on a desktop and on a phone, and asserts that it is accessible and not too wide.
 * `show` is called once the page has the size of a phone.
 */
export async function look(page, name, { fullPage = false, show = () => {} } = {}) {
  await mkdir(SCREENSHOTS, { recursive: true });
  for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
    await page.setViewportSize(viewport);
    if (viewport === PHONE) await show();
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      const form = `${name}-${size}-${colorScheme}`;
      await page.screenshot({ path: `${SCREENSHOTS}${form}.png`, fullPage });
      await assertAccessible(page, form);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0, `${form} is wider than the screen`);
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(DESKTOP);
}
