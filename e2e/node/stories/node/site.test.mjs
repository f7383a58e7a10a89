// The documentation as a site: it builds, its links lead to its pages, it can be searched, and it loads nothing from elsewhere.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT } from '../../support/guide.mjs';

let site;
let files;
before(() => {
  site = mkdtempSync(join(tmpdir(), 'tvm-site-'));
  // VitePress reports a link to a page that does not exist, and fails.
  const built = spawnSync('npx', ['vitepress', 'build', '--outDir', site], { cwd: join(ROOT, 'docs'), encoding: 'utf8' });
  assert.equal(built.status, 0, `${built.stdout}\n${built.stderr}`);
  files = readdirSync(site, { recursive: true }).map(String);
});
after(() => rmSync(site, { recursive: true, force: true }));

const pages = () => files.filter(file => file.endsWith('.html'));
const read = file => readFileSync(join(site, file), 'utf8');

test('every page of the documentation is there', () => {
  for (const page of ['index', 'guides/get-started', 'guides/identity/auth0', 'configuration', 'reference/cli', 'adr/index', 'adr/0001-one-transport', 'threat-model']) {
    assert.ok(existsSync(join(site, `${page}.html`)), page);
  }
});

test('every link and picture leads to a file of the site', () => {
  const broken = [];
  for (const page of pages()) {
    for (const [, target] of read(page).matchAll(/(?:href|src)="([^"#?]+)[^"]*"/g)) {
      if (/^([a-z]+:|\/\/)/.test(target)) continue;
      const at = target.startsWith('/') ? join(site, target) : resolve(site, dirname(page), target);
      if (!['', '.html', 'index.html', '/index.html'].some(end => existsSync(`${at}${end}`))) broken.push(`${page}: ${target}`);
    }
  }
  assert.deepEqual(broken, []);
});

test('nothing is loaded from elsewhere', () => {
  const loaded = [];
  for (const page of pages()) {
    for (const [tag, name, target] of read(page).matchAll(/<(script|link|img|iframe|source|video|audio)\b[^>]*?(?:src|href)="((?:https?:)?\/\/[^"]+)"/g)) loaded.push(`${page}: ${tag} ${name} ${target}`);
  }
  for (const style of files.filter(file => file.endsWith('.css'))) {
    for (const [address] of read(style).matchAll(/(?:url\(|@import )["']?(?:https?:)?\/\/[^)"']+/g)) loaded.push(`${style}: ${address}`);
  }
  assert.deepEqual(loaded, []);
  assert.deepEqual(files.filter(file => /\.(woff2?|ttf|otf)$/.test(file)), [], 'fonts are those of the reader');
});

test('the site has an index for its own search', () => {
  const index = files.find(file => /localSearchIndex/i.test(file));
  assert.ok(index, relative(ROOT, site));
  assert.match(read(index), /momento-local/);
});
