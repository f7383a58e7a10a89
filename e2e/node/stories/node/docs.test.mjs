// The documentation: its links lead somewhere, its references are what the program is made of, and its words are standard.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { commands, PAGES } from '../../../../docs/reference.mjs';
import { blocks, ROOT } from '../../support/guide.mjs';
import { LAUNCHER } from '../../support/process.mjs';

const BUILT = new Set(['node_modules', 'target', 'dist', '.git']);

function filesIn(folder) {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).filter(({ name }) => !BUILT.has(name) && join(folder, name) !== 'docs/.vitepress/cache')
    .flatMap(entry => (entry.isDirectory() ? filesIn(join(folder, entry.name)) : [join(folder, entry.name)]));
}

const FILES = filesIn('');
const PAGE_FILES = FILES.filter(file => file.endsWith('.md'));
const { words: WORDS, pages: LEFT, identifiers: IDENTIFIERS } = JSON.parse(readFileSync(join(ROOT, 'docs/test/words.json'), 'utf8'));
const text = file => readFileSync(join(ROOT, file), 'utf8');

/** What GitHub and VitePress call a heading's anchor. */
const slug = heading => heading.toLowerCase().replace(/`/g, '').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[^\p{L}\p{N} _-]/gu, '').trim().replaceAll(' ', '-');

function anchors(page) {
  const outside = page.replace(/^```[\s\S]*?^```/gm, '');
  return new Set([...[...outside.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => slug(heading)), ...[...outside.matchAll(/<a id="([^"]+)"/g)].map(([, id]) => id)]);
}

test('every link between pages, sources and pictures leads somewhere', () => {
  const broken = [];
  for (const file of PAGE_FILES) {
    const page = text(file).replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`]*`/g, '');
    for (const [, target] of page.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path, anchor] = target.split('#');
      const to = path === '' ? file : relative(ROOT, join(ROOT, dirname(file), path));
      if (!existsSync(join(ROOT, to))) broken.push(`${file}: ${target}`);
      else if (anchor && statSync(join(ROOT, to)).isFile() && !anchors(text(to)).has(anchor)) broken.push(`${file}: ${target} (no such heading)`);
    }
  }
  assert.deepEqual(broken, []);
});

for (const [name, make] of Object.entries(PAGES)) {
  test(`docs/reference/${name} is what the program is made of; else run: node docs/reference.mjs`, () =>
    assert.equal(text(`docs/reference/${name}`), make()));
}

test('docs/reference/cli.md is what --help prints; else run: node docs/reference.mjs cli', () =>
  assert.equal(text('docs/reference/cli.md'), commands(LAUNCHER)));

test('docs/http-api.md has the routes and the members of a response that openapi.yaml has', () => {
  const api = text('docs/openapi.yaml');
  const page = text('docs/http-api.md');
  const routes = [...api.matchAll(/^ {2}(\/[^:]*):$/gm)].map(([, path]) => path);
  assert.ok(routes.length > 5);
  for (const route of routes) assert.match(page, new RegExp(`\`(?:[A-Z]+ )?${route.replaceAll('/', '\\/')}[\`?]`), route);
  const token = /^ {4}Token:\n([\s\S]*?)^ {4}\w/m.exec(api)[1];
  const members = [...token.matchAll(/^ {8}(\w+):/gm)].map(([, name]) => name);
  assert.deepEqual([...page.split('## Response')[1].split('## Errors')[0].matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name).sort(), members.sort());
});

test('every problem type leads to a section of the page that helps', () => {
  const types = new Set([...text('docs/reference/errors.md').matchAll(/\[`([a-z-]+)`\]/g)].map(([, kind]) => kind));
  assert.ok(types.size > 5);
  const page = text('docs/guides/troubleshoot.md');
  for (const kind of types) {
    assert.ok(anchors(page).has(kind), kind);
    assert.ok(page.includes(`\`urn:problem-type:tokenvending:${kind}\``), kind);
  }
});

test('every test that a page names exists', () => {
  const there = new Set(FILES.map(file => /([^/]+)\.(java|mjs|ts)$/.exec(file)?.[1]));
  const missing = PAGE_FILES.flatMap(file => [...text(file).matchAll(/`([A-Z]\w+(?:Test|Contract)|[\w-]+\.test(?=\.mjs))/g)].filter(([, name]) => !there.has(name)).map(([, name]) => `${file}: ${name}`));
  assert.deepEqual(missing, []);
});

test('every type that a recipe names exists', () => {
  const there = new Set(FILES.map(file => /([^/]+)\.java$/.exec(file)?.[1]));
  const recipes = text('CONTRIBUTING.md').split('## Recipes')[1];
  const missing = [...recipes.matchAll(/`([A-Z][a-z]\w+)`/g)].map(([, name]) => name).filter(name => !there.has(name));
  assert.deepEqual(missing, []);
});

test('every name in the column "In code" of the glossary exists', () => {
  const code = FILES.filter(file => /src\/main\/.*\.java$/.test(file)).map(text).join('');
  const cells = text('docs/glossary.md').split('\n').filter(line => line.startsWith('| ')).map(line => line.split('|').at(-2));
  const names = cells.flatMap(cell => [...cell.matchAll(/`([A-Za-z.]+)`/g)].flatMap(([, name]) => name.split('.')));
  assert.ok(names.length > 30);
  assert.deepEqual(names.filter(name => !new RegExp(`\\b${name}\\b`).test(code)), []);
});

test('the README has at most 120 lines', () => assert.ok(text('README.md').split('\n').length <= 121));

/** The sentences of a page's prose: no code, no tables' rules, no addresses. */
function sentences(page) {
  const prose = page.replace(/^---\n[\s\S]*?\n---\n/, '').replace(/^( *)```[\s\S]*?^\1```/gm, '\n\n').replace(/<!--[\s\S]*?-->/g, '\n').replace(/<[^>]+>/g, '')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/`[^`\n]*`/g, 'code');
  const pieces = prose.split('\n').flatMap(line => {
    if (/^\s*\|?[\s|:-]*$/.test(line)) return ['\n'];
    if (line.startsWith('|')) return line.split('|').flatMap(cell => [cell, '\n']);
    return /^(#|\s*([-*]|\d+\.)\s)/.test(line) ? ['\n', line.replace(/^(#+|\s*([-*]|\d+\.))\s/, ''), line.startsWith('#') ? '\n' : ''] : [line];
  });
  return pieces.join(' ').split(/\n|(?<=[.!?:;])\s+/).map(sentence => sentence.trim().replace(/[*_]/g, '')).filter(sentence => /\p{L}/u.test(sentence));
}

const CHECKED = PAGE_FILES.filter(file => !Object.hasOwn(LEFT, file));

test('sentences are short: none over 40 words, at most 20 on average in a page', () => {
  const long = [];
  for (const file of CHECKED) {
    const found = sentences(text(file));
    const lengths = found.map(sentence => sentence.split(/\s+/).length);
    found.forEach((sentence, index) => lengths[index] > 40 && long.push(`${file}: ${lengths[index]} words: ${sentence}`));
    const average = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
    if (average > 20) long.push(`${file}: ${average.toFixed(1)} words on average`);
  }
  assert.deepEqual(long, []);
});

test('pages use the standard words', () => {
  const found = [];
  for (const file of CHECKED) {
    sentences(text(file)).forEach(sentence => {
      for (const [word, instead] of Object.entries(WORDS)) {
        const hit = new RegExp(`(?<![\\w-])(?:${word})(?![\\w-])`, 'i').exec(sentence);
        if (hit) found.push(`${file}: "${hit[0]}" (use: ${instead}): ${sentence}`);
      }
    });
  }
  assert.deepEqual(found, []);
});

test('texts in code use the standard words', () => {
  const found = [];
  for (const file of FILES.filter(name => /src\/main\/.*\.java$/.test(name) && !name.startsWith('testing/'))) {
    for (const [, block, string] of text(file).matchAll(/\/\*[\s\S]*?\*\/|\/\/.*$|"""([\s\S]*?)"""|"((?:\\.|[^"\\\n])*)"|'(?:\\.|[^'\\])+'/gm)) {
      for (const [word, instead] of Object.entries(WORDS)) {
        const hit = new RegExp(`(?<![\\w-])(?:${word})(?![\\w-])`, 'i').exec(block ?? string ?? '');
        if (hit) found.push(`${file}: "${hit[0]}" (use: ${instead}): ${block ?? string}`);
      }
    }
  }
  assert.deepEqual(found, []);
});

test('pages that are left out of these checks exist, and say why', () => {
  for (const [file, reason] of Object.entries(LEFT)) assert.ok(reason.length > 5, file);
});

const MAIN_JAVA = FILES.filter(name => /src\/main\/.*\.java$/.test(name));

test('names in code use the standard words', () => {
  const words = new Set(IDENTIFIERS.split(' '));
  const found = new Map();
  for (const file of MAIN_JAVA) {
    const code = text(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*$|"{3}[\s\S]*?"{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\])'/gm, '');
    for (const [name] of code.matchAll(/[A-Za-z_]\w*/g)) {
      // Names of tests are sentences.
      const isTest = /[a-z]_[a-z]/.test(name);
      if (!isTest && name.split(/_|(?<=[a-z0-9])(?=[A-Z])/).some(word => words.has(word.toLowerCase()))) found.set(name, file);
    }
  }
  assert.deepEqual([...found], []);
});

test('comments in code use the standard words', () => {
  const words = Object.keys(WORDS).map(word => new RegExp(`(?<![\\w-])(?:${word})(?![\\w-])`, 'i'));
  const found = [];
  const programs = FILES.filter(name => /^(scripts|benchmarks|docs|e2e\/node\/support)\/.*\.mjs$|^web\/\w+\/src\/.*\.tsx?$/.test(name) && !name.includes('/test/'));
  for (const file of [...MAIN_JAVA, ...programs]) {
    for (const [comment] of text(file).matchAll(/\/\*\*?\s[\s\S]*?\*\/|(?<=^|\s)\/\/ .*$/gm)) {
      const hit = words.map(word => word.exec(comment.replace(/\s*\n\s*(\*|\/\/)/g, ''))).find(Boolean);
      if (hit) found.push(`${file}: "${hit[0]}": ${comment}`);
    }
  }
  assert.deepEqual(found, []);
});

test('every public type has a doc comment', () => {
  const bare = MAIN_JAVA.filter(file => {
    const type = /^(?:@\w+(?:\([^)]*\))?\s+)*public (?:(?:abstract|final|sealed|non-sealed) )*(?:class|interface|record|enum|@interface) /m.exec(text(file));
    return type && !/\*\/\s*$/.test(text(file).slice(0, type.index));
  });
  assert.deepEqual(bare, []);
});

test('every fenced block of a guide has a mark that says what it is', () => {
  for (const file of PAGE_FILES.filter(name => name.startsWith('docs/guides/'))) {
    for (const { language, marks, line } of blocks(text(file))) {
      assert.ok(marks.length > 0 || language === 'text', `${file}:${line}`);
    }
  }
});
