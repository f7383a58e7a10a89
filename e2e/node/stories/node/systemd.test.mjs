// deploy/systemd: the unit as systemd reads it; stories/release/systemd.test.mjs runs it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { debian, text } from '../../support/deploy.mjs';

const UNIT = text('systemd/tvm.service');
const LINUX = process.platform === 'linux' ? false : 'systemd and logrotate run on Linux alone';
/** 1.1 by systemd 252; another version can rate more. */
const BOUND = 1.5;

test(`systemd accepts the unit, and rates its exposure below ${BOUND} of 10`, { skip: LINUX }, t => {
  const analyze = debian('systemd-analyze', ['systemd', 'libsystemd-shared']);
  if (!analyze) return t.skip('systemd-analyze is not installed, and Debian has no packages here');
  const folder = mkdtempSync(join(tmpdir(), 'tvm-unit-'));
  const unit = join(folder, 'tvm.service');
  // It looks for the programs, which this machine need not have.
  writeFileSync(unit, UNIT.replace('/opt/tvm/current/bin/tvm', '/bin/sh').replace('/bin/kill', '/bin/sh').replace(/^Documentation=.*\n/m, ''));
  const verified = analyze('verify', '--man=no', unit);
  // Other units of this machine can have faults of their own.
  assert.deepEqual(verified.output.split('\n').filter(line => line.includes('tvm.service')), []);
  writeFileSync(unit, `${UNIT}\nProtectSytem=strict\n`);
  assert.match(analyze('verify', '--man=no', unit).output, /ProtectSytem/, 'a misspelled key is found');
  writeFileSync(unit, UNIT);
  const rated = analyze('security', '--offline=true', '--no-pager', `--threshold=${BOUND * 10}`, unit);
  assert.equal(rated.status, 0, rated.output);
  t.diagnostic(/Overall exposure.*/.exec(rated.output)[0]);
  rmSync(folder, { recursive: true });
});
