// How a page looks, sounds and takes the keyboard: pictures, axe-core, the tree that a screen reader gets, and the focus.
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

const OUTLINE = /^ *- '?((?:navigation|heading|region|form|group|radio|textbox|searchbox|button|link|term|img|meter|status|alert|log|list|listitem|columnheader)\b(?: "[^"]*")?(?: \[(?:disabled|checked|pressed)\])*)/;

/** What a screen reader finds in a part of a page, in the order in which it reads: the roles, names and states. */
export async function outline(part) {
  const tree = await part.ariaSnapshot();
  return tree.split('\n').flatMap(line => OUTLINE.exec(line)?.[1] ?? []);
}

/** Presses Tab to the end of the page. Returns the name of each element that gets the focus; each must show that it has it. */
export async function tabThrough(page) {
  const reached = [];
  for (;;) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const { activeElement: element, body } = document;
      if (element === body) return undefined;
      // The pill of a radio button shows its focus.
      const shown = [element, element.nextElementSibling].some(one => one && getComputedStyle(one).outlineStyle !== 'none');
      return { name: (element.ariaLabel ?? element.labels?.[0]?.innerText ?? element.innerText).trim(), shown };
    });
    if (at === undefined) return reached;
    assert.ok(at.shown, `${at.name} does not show the focus`);
    reached.push(at.name);
    assert.ok(reached.length < 100, `the focus never leaves: ${reached}`);
  }
}

/** Returns a function that returns what a screen reader has announced since: each text that came into a live region. */
export async function announcements(page) {
  await page.evaluate(() => {
    window.announced = [];
    const LIVE = '[role=alert], [role=status], [role=log], [aria-live=polite]';
    new MutationObserver(changes => {
      for (const { target, addedNodes } of changes) {
        const added = target.nodeType === Node.TEXT_NODE ? [target] : [...addedNodes];
        for (const node of added) {
          const element = node instanceof Element ? node : node.parentElement;
          const live = element?.closest(LIVE) ?? element?.querySelector('[role=alert]');
          // All of a status or an alert is announced, and of others what is new.
          if (live) window.announced.push((live.matches('[role=status], [role=alert]') ? live : node).textContent);
        }
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => window.announced);
}
