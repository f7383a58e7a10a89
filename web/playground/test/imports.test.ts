import { expect, test } from 'vitest';

const sources = import.meta.glob<string>('../../*/src/**/*.{ts,tsx}', { query: '?raw', import: 'default', eager: true });

/** The files that a file imports, types included. */
function imports(file: string): string[] {
  const folder = file.slice(0, file.lastIndexOf('/') + 1);
  return [...sources[file]!.matchAll(/\bfrom '(\.{1,2}\/[^']+)'/g)].flatMap(([, path]) => {
    const target = new URL(path!, `file:///a/b/${folder}`).pathname.replace(/\.js$/, '');
    return Object.keys(sources).filter(
      other => new URL(other, 'file:///a/b/').pathname.replace(/\.tsx?$/, '') === target,
    );
  });
}

function cycle(file: string, path: readonly string[]): readonly string[] | undefined {
  const at = path.indexOf(file);
  if (at >= 0) {
    return [...path.slice(at), file];
  }
  for (const next of imports(file)) {
    const found = cycle(next, [...path, file]);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

test.each(Object.keys(sources))('%s is in no import cycle', file => {
  expect(cycle(file, [])).toBeUndefined();
});

test('imports between files are found', () => {
  expect(Object.keys(sources).flatMap(imports).length).toBeGreaterThan(20);
});
