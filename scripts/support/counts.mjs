// Reads the reports of test runners as {run, failed, skipped, failures, flaky}: the names of the tests that failed, and of
// those that failed and then passed.
import { existsSync, readFileSync } from 'node:fs';

export const none = () => ({ run: 0, failed: 0, skipped: 0, failures: [], flaky: [] });

export const sum = counts =>
  counts.reduce(
    (all, one) => ({
      run: all.run + one.run,
      failed: all.failed + one.failed,
      skipped: all.skipped + one.skipped,
      failures: [...all.failures, ...one.failures],
      flaky: [...all.flaky, ...one.flaky],
    }),
    none(),
  );

/** Reads a Surefire report: one XML file for each test class. */
export function countSurefire(file) {
  const xml = readFileSync(file, 'utf8');
  const suite = /<testsuite [^>]*>/.exec(xml)?.[0] ?? '';
  const number = name => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  if (!/ tests="\d+"/.test(suite)) return { ...none(), failed: 1, failures: [`${file} cannot be read`] };
  const cases = xml.split('<testcase ').slice(1);
  const attribute = (text, name) => new RegExp(` ${name}="([^"]*)"`).exec(` ${text}`)?.[1];
  const because = text => (/ message="([^"]*)"/.exec(text)?.[1] ?? '').replace(/^(?=.)/, ': ').replace(/(&#10;|\s)+/g, ' ').slice(0, 300);
  const name = text => `${attribute(text, 'classname')}.${attribute(text, 'name')}${because(text)}`;
  const names = element => cases.filter(text => element.test(text)).map(name);
  return {
    run: number('tests'),
    failed: number('failures') + number('errors'),
    skipped: number('skipped'),
    failures: names(/<(failure|error)\b/),
    flaky: names(/<flaky(Failure|Error)\b/),
  };
}

/**
 * Reads the TAP output of Node's test runner, and that of the second run of what failed, if there was one. A missing report has
 * run nothing.
 */
export function countTap(file, again = `${file}.again`) {
  if (!existsSync(file)) return none();
  const tap = readFileSync(file, 'utf8');
  const number = name => Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(tap)?.[1] ?? 0);
  const failures = [...tap.matchAll(/^ *not ok \d+ - (.*)$/gm)].map(([, name]) => name);
  const first = { run: number('tests'), failed: number('fail') + number('cancelled'), skipped: number('skipped') + number('todo'), failures, flaky: [] };
  if (!existsSync(again)) return first;
  const second = countTap(again, '');
  return { ...first, failed: second.failed, failures: second.failures, flaky: failures.filter(name => !second.failures.includes(name)) };
}

/** Reads a JSON report of Vitest. */
export function countVitest(file) {
  if (!existsSync(file)) return none();
  const report = JSON.parse(readFileSync(file, 'utf8'));
  const failures = report.testResults.flatMap(({ assertionResults }) => assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName));
  return { ...none(), run: report.numTotalTests, failed: report.numFailedTests, skipped: report.numPendingTests + report.numTodoTests, failures };
}

/** Returns the problems of all kinds as texts; empty if every kind ran and nothing failed or was skipped. */
export function complaints(kinds) {
  const all = sum(kinds);
  return [
    ...kinds.filter(({ run }) => run === 0).map(({ title }) => `no test ran of the kind: ${title}`),
    ...all.failures.map(name => `failed: ${name}`),
    ...(all.failed > 0 ? [`${all.failed} failed`] : []),
    ...(all.skipped > 0 ? [`${all.skipped} skipped`] : []),
  ];
}
