// What ./tvm test counts, and when it fails.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { complaints, countSurefire, countTap, countVitest, none } from '../support/counts.mjs';

let folder;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tvm-counts-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const file = text => {
  const path = join(folder, 'report');
  writeFileSync(path, text);
  return path;
};

test('a report of Surefire counts errors as failures and names them', () => {
  const report = file(`<?xml version="1.0"?>
<testsuite name="a.BTest" time="1" tests="4" errors="1" skipped="1" failures="1">
  <testcase name="good" classname="a.BTest" time="1"/>
  <testcase name="bad" classname="a.BTest" time="1"><failure message="no,&#10;  never"/></testcase>
  <testcase name="broken" classname="a.BTest"><error/></testcase>
  <testcase name="left_out" classname="a.BTest"><skipped/></testcase>
</testsuite>`);
  assert.deepEqual(countSurefire(report), { ...none(), run: 4, failed: 2, skipped: 1, failures: ['a.BTest.bad: no, never', 'a.BTest.broken'] });
});

test('a test that passed when it was run again did not fail, and is named', () => {
  const report = file(`<testsuite name="a.BTest" tests="2" errors="0" skipped="0" failures="1">
  <testcase name="late" classname="a.BTest"><flakyFailure message="too late"/></testcase>
  <testcase name="bad" classname="a.BTest"><failure message="no"/><rerunFailure message="no"/></testcase>
</testsuite>`);
  assert.deepEqual(countSurefire(report), { ...none(), run: 2, failed: 1, failures: ['a.BTest.bad: no'], flaky: ['a.BTest.late: too late'] });
});

test('a report that cannot be read is a failure', () => {
  assert.equal(countSurefire(file('<testsuite name="half')).failed, 1);
});

test("a report of Node's test runner counts what was cancelled, and to do", () => {
  const report = file('TAP version 13\nnot ok 1 - outer\n    not ok 1 - inner\n# tests 9\n# suites 0\n# pass 5\n# fail 1\n# cancelled 1\n# skipped 1\n# todo 1\n');
  assert.deepEqual(countTap(report), { ...none(), run: 9, failed: 2, skipped: 2, failures: ['outer', 'inner'] });
});

/** Runs a test that fails in each of its first runs, up to this number. */
function runTest(failing) {
  const runs = join(folder, 'runs');
  const flaky = join(folder, 'flaky.test.mjs');
  writeFileSync(
    flaky,
    `import { appendFileSync, readFileSync } from 'node:fs';
    import { test } from 'node:test';
    test('good', () => {});
    test('late', () => {
      appendFileSync(${JSON.stringify(runs)}, '.');
      if (readFileSync(${JSON.stringify(runs)}).length <= ${failing}) throw new Error('too late');
    });`,
  );
  const report = join(folder, 'report');
  // Else the inner runner reports to the outer one.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status } = spawnSync(process.execPath, [new URL('../support/stories.mjs', import.meta.url).pathname, '1', report, flaky], { env });
  return { status, counts: countTap(report) };
}

test('a file with a failure is run once more', () => {
  assert.deepEqual(runTest(0), { status: 0, counts: { ...none(), run: 2 } });
  rmSync(join(folder, 'runs'));
  assert.deepEqual(runTest(1), { status: 0, counts: { ...none(), run: 2, flaky: ['late'] } });
});

test('a test that fails twice has failed', () => {
  assert.deepEqual(runTest(2), { status: 1, counts: { ...none(), run: 2, failed: 1, failures: ['late'] } });
});

test('a report of Vitest names what failed', () => {
  const assertionResults = [{ status: 'failed', fullName: 'a b' }, { status: 'passed', fullName: 'c' }];
  const report = file(JSON.stringify({ numTotalTests: 5, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1, testResults: [{ assertionResults }] }));
  assert.deepEqual(countVitest(report), { ...none(), run: 5, failed: 1, skipped: 3, failures: ['a b'] });
});

test('no report is a kind of which no test ran', () => {
  for (const count of [countTap, countVitest]) assert.deepEqual(count(join(folder, 'nowhere')), none());
});

test('all is well only where every kind ran, and nothing failed or was skipped', () => {
  const good = { title: 'good', ...none(), run: 3 };
  assert.deepEqual(complaints([good, good]), []);
  assert.deepEqual(complaints([good, { title: 'empty', ...none() }]), ['no test ran of the kind: empty']);
  assert.deepEqual(complaints([good, { ...good, failed: 1, failures: ['one'] }]), ['failed: one', '1 failed']);
  assert.deepEqual(complaints([good, { ...good, skipped: 2 }]), ['2 skipped']);
});
