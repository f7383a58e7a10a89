// node stories.mjs AT_ONCE REPORT FILE…: runs test files in this order, AT_ONCE of them at a time, and writes a TAP report.
// `node --test` sorts its files by name, so that the longest may start last and run alone.
import { createWriteStream } from 'node:fs';
import { run } from 'node:test';
import { spec, tap } from 'node:test/reporters';

const [atOnce, report, ...files] = process.argv.slice(2);
// None may hang forever.
const tests = run({ files, concurrency: Number(atOnce), timeout: 600_000 });
tests.on('test:fail', () => (process.exitCode = 1));
tests.compose(tap).pipe(createWriteStream(report));
tests.compose(new spec()).pipe(process.stdout);
