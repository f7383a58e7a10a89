// deploy/systemd: the unit as systemd reads it, and an upgrade, a rotation of the log and a roll-back with a real server.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { debian, text } from '../../support/deploy.mjs';
import { LAUNCHER, local, start } from '../../support/process.mjs';

const UNIT = text('systemd/tvm.service');
const LINUX = process.platform === 'linux' ? false : 'systemd and logrotate run on Linux alone';
/** 1.1 by systemd 252; another version can rate more. */
const BOUND = 1.5;

/** A root folder with two releases in /opt/tvm, of which `current` names one, and the files of this folder in their places. */
function host(momento) {
  const root = mkdtempSync(join(tmpdir(), 'tvm-host-'));
  const folder = name => (mkdirSync(join(root, name), { recursive: true }), join(root, name));
  const places = content => content.replaceAll(/(?<=[\s:"=])\/(?=opt\/tvm|etc\/tvm|var\/log\/tvm|run\/credentials)/g, `${root}/`);
  for (const version of ['tvm-1', 'tvm-2']) {
    const tvm = join(folder(`opt/tvm/${version}/bin`), 'tvm');
    writeFileSync(tvm, `#!/bin/sh\nRELEASE=${version} exec '${LAUNCHER}' "$@"\n`);
    chmodSync(tvm, 0o755);
  }
  folder('var/log/tvm');
  writeFileSync(join(folder('run/credentials/tvm.service'), 'momento-api-key'), momento.apiKey);
  const policy = places(text('systemd/tvm.yaml'))
    .replace(/- oidc: .*/, '- open: {}')
    .replace('momento:\n', `momento:\n  token-service: ${momento.url}\n`)
    .replace('port: 8080', 'port: 0')
    .replace(/ {2}management-port: .*\n/, '');
  writeFileSync(join(folder('etc/tvm'), 'tvm.yaml'), policy);
  return {
    root,
    places,
    logs: () => readdirSync(join(root, 'var/log/tvm')).sort(),
    lines: name => readFileSync(join(root, 'var/log/tvm', name), 'utf8').trim().split('\n').length,
    /** As `ln -sfn` and `mv -T`: there is no moment without it. */
    use(version) {
      symlinkSync(version, join(root, 'opt/tvm/next'));
      renameSync(join(root, 'opt/tvm/next'), join(root, 'opt/tvm/current'));
    },
    /** As the unit does, and not as its user. */
    start() {
      const [command, ...args] = places(/^ExecStart=(.*)$/m.exec(UNIT)[0]).replace('ExecStart=', '').split(' ');
      return start(args, mkdtempSync(join(tmpdir(), 'tvm-unit-')), {}, command);
    },
  };
}

const vend = async server => assert.equal((await fetch(server.url)).status, 200, server.errors());

/** The release that a process was started from. */
const released = pid => /(?:^|\0)RELEASE=([^\0]*)/.exec(readFileSync(`/proc/${pid}/environ`, 'utf8'))[1];

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

test('an upgrade, a rotated log and a roll-back lose no audit event', { skip: LINUX }, async t => {
  const momento = await local();
  const machine = host(momento);
  try {
    const serving = async (version, between = () => {}) => {
      machine.use(version);
      const server = await machine.start();
      try {
        assert.equal(released(server.pid), version);
        await vend(server);
        await between(server);
      } finally {
        await server.stop();
      }
    };
    await serving('tvm-1');
    await serving('tvm-2', async server => {
      const logrotate = debian('logrotate', ['logrotate', 'libpopt0']);
      if (!logrotate) return t.diagnostic('logrotate is not installed, and Debian has no packages here: the log was not rotated');
      const file = join(machine.root, 'logrotate.conf');
      // Without its user, who is not on this machine.
      writeFileSync(file, machine.places(text('systemd/tvm.logrotate')).replace(/^ +su tvm tvm\n/m, ''));
      const rotated = logrotate('--force', '--state', join(machine.root, 'logrotate.state'), file);
      assert.equal(rotated.status, 0, rotated.output);
      const [old] = machine.logs();
      assert.match(old, /^audit\.jsonl-\d{8}-\d+$/);
      assert.equal(machine.lines(old), 2);
      await vend(server);
      assert.equal(machine.lines('audit.jsonl'), 1);
    });
    await serving('tvm-1');
    assert.equal(machine.logs().map(machine.lines).reduce((sum, lines) => sum + lines), existsSync(join(machine.root, 'logrotate.state')) ? 4 : 3);
  } finally {
    await momento.stop();
    rmSync(machine.root, { recursive: true });
  }
});
