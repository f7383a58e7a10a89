// Tests wait for conditions, or set a clock. This finds those that let time pass, and why they do.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDERS = ['testing', 'e2e', 'scripts/test', 'benchmarks/test'];
const SKIPPED = ['node_modules', 'target', '.git'];

/** What sleeps, and where it may. All others call `Await.pass` or `pause`. */
const SLEEPS = /Thread\.sleep|\.sleep\(|parkNanos|new CountDownLatch\(1\)\.await|resolve => setTimeout/;
const SLEEPERS = {
  'testing/src/main/java/tokenvending/testing/Await.java': 'what all others call',
  'e2e/node/support/waiting.mjs': 'what all others call',
  'scripts/test/waits.test.mjs': 'this list',
  // These know nothing of the product's other modules.
  'momento-local/src/test/java/tokenvending/momentolocal/Local.java': 'waits for subscriptions',
  'e2e/src/test/java/tokenvending/story/IdleTest.java': 'being idle is what is tested',
  'e2e/src/test/java/tokenvending/story/Token.java': 'a client that obeys Retry-After',
};

const PASSES = /Await\.pass\(|import .*\bpause\b.* from '.*waiting\.mjs'/;
const WHO_LETS_TIME_PASS = {
  'authentication/src/test/java/tokenvending/authentication/JwksSourceTest.java': 'an issuer that sends a byte now and then',
  'redis/src/test/java/tokenvending/redis/RedisStateTest.java': 'what a real store keeps gets old',
  'redis/src/test/java/tokenvending/redis/Relay.java': 'a slow network',
  'redis/src/test/java/tokenvending/redis/SharedBudgetTest.java': 'how long a real store stands still',
  'redis/src/test/java/tokenvending/redis/SlowStoreTest.java': 'callers come at intervals, and obey Retry-After',
  'redis/src/test/java/tokenvending/redis/StoreAddressTest.java': 'a connection must not come about',
  'redis/src/test/java/tokenvending/redis/UnusableStoreTest.java': 'nothing more is logged while connections fail',
  'server/src/test/java/tokenvending/server/ChangeTest.java': 'the pace of a client',
  'server/src/test/java/tokenvending/server/FramingTest.java': 'a client that sends a byte now and then',
  'server/src/test/java/tokenvending/server/PipeliningTest.java': 'no other request must begin',
  'server/src/test/java/tokenvending/server/ReloadTest.java': 'the pace of clients',
  'server/src/test/java/tokenvending/server/SharedStateTest.java': 'the pace of clients, and how long a server stands still',
  'testing/src/main/java/tokenvending/testing/Instance.java': 'the pace of clients, and of a token service',
  'testing/src/main/java/tokenvending/testing/SharedBudgetContract.java': 'what real stores and callers do within a time',
  'e2e/node/stories/browser/chat.test.mjs': 'a page must not ask again, and hears nothing more',
  'e2e/node/stories/browser/firefox.test.mjs': 'how long a network is unavailable',
  'e2e/node/stories/browser/page.test.mjs': 'errors that come late',
  'e2e/node/stories/browser/refresh.test.mjs': 'how long a network or a server is unavailable',
  'e2e/node/stories/node/exchange.test.mjs': 'a client that obeys temporarily_unavailable',
  'e2e/node/stories/node/idle.test.mjs': 'being idle is what is tested',
  'e2e/node/stories/node/resubscription.test.mjs': 'the pace of a chat, and what comes late',
  'e2e/node/support/talk.mjs': 'the pace of a chat',
  'e2e/node/support/vending.mjs': 'a client that obeys Retry-After',
};

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !SKIPPED.includes(entry.name)) yield* sources(path);
    else if (/\.(java|mjs)$/.test(entry.name)) yield path;
  }
}

function matching(pattern, except) {
  const tests = readdirSync(ROOT).filter(name => !FOLDERS.includes(name)).map(name => `${name}/src/test`);
  return [...FOLDERS, ...tests]
    .flatMap(folder => {
      try {
        return [...sources(join(ROOT, folder))];
      } catch (e) {
        if (['ENOENT', 'ENOTDIR'].includes(e.code)) return [];
        throw e;
      }
    })
    .filter(path => pattern.test(readFileSync(path, 'utf8')))
    .map(path => relative(ROOT, path))
    .filter(path => !(path in except))
    .sort();
}

test('nothing sleeps but what is listed', () => {
  assert.deepEqual(matching(SLEEPS, {}), Object.keys(SLEEPERS).sort());
});

test('only those who are listed let time pass', () => {
  assert.deepEqual(matching(PASSES, SLEEPERS), Object.keys(WHO_LETS_TIME_PASS).sort());
});
