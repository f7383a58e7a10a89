// node stories.mjs AT_ONCE REPORT FILE…: runs test files in this order, AT_ONCE of them at a time, and writes a TAP report.
// `node --test` sorts its files by name, so that the longest may start last and run alone. The files with a failure are then run
// once more, one after the other; REPORT.again says how that ended.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { run } from 'node:test';
import { spec, tap } from 'node:test/reporters';

/** Returns the files with a failure, in their order. */
async function failing(files, atOnce, report) {
  const failed = new Set();
  // None may hang forever.
  const tests = run({ files, concurrency: atOnce, timeout: 600_000 });
  tests.on('test:fail', ({ file, name }) => failed.add(file ?? name));
  tests.compose(new spec()).pipe(process.stdout, { end: false });
  await once(tests.compose(tap).pipe(createWriteStream(report)), 'finish');
  return files.filter(file => failed.has(file));
}

const [atOnce, report, ...files] = process.argv.slice(2);
const failed = await failing(files, Number(atOnce), report);
if (failed.length > 0 && (await failing(failed, 1, `${report}.again`)).length > 0) process.exitCode = 1;
