// The page Install on systemd, and an upgrade and a roll-back, in a root folder of its own. What the service manager does is done by
// unshare, mount, chroot and setpriv as the unit says: user, no capabilities, a root that cannot be written, credential, environment.
// Its memory limit and its filters of system calls are not; stories/node/systemd.test.mjs rates the unit.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { debian, text, VERSION } from '../../support/deploy.mjs';
import { blocks, read } from '../../support/guide.mjs';
import { local, start } from '../../support/process.mjs';
import { ran, release } from '../../support/release.mjs';

const UNIT = text('systemd/tvm.service');
const of = key => new RegExp(`^${key}=(.*)$`, 'm').exec(UNIT)[1];
const [CREDENTIAL, KEY] = of('LoadCredential').split(':');
const CREDENTIALS = '/run/credentials/tvm.service';
const NEXT = '0.1.1';

let root;
let momento;
const at = (...names) => join(root, ...names);

const SKIPPED = (() => {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the page names the tarball for Linux on x64';
  if (process.getuid() !== 0 || spawnSync('unshare', ['--mount', 'true']).status !== 0) return 'only root can make namespaces and mounts here';
  return false;
})();

before(async () => {
  if (SKIPPED) return;
  root = mkdtempSync(join(tmpdir(), 'tvm-root-'));
  chmodSync(root, 0o755);
  momento = await local();
  for (const name of ['usr', 'proc', 'dev', 'tmp', 'run', 'root', 'bin-of-the-test', 'etc/sysusers.d', 'etc/logrotate.d', 'etc/systemd/system', 'var/log']) mkdirSync(at(name), { recursive: true });
  // The machine's programs.
  for (const name of ['bin', 'sbin', 'lib', 'lib64'].filter(name => existsSync(join('/', name)))) {
    if (lstatSync(join('/', name)).isSymbolicLink()) symlinkSync(readlinkSync(join('/', name)), at(name));
    else mkdirSync(at(name));
  }
  writeFileSync(at('bin-of-the-test/systemctl'), '#!/bin/sh\necho "$*" >>/run/systemctl\n', { mode: 0o755 });
  // systemd-sysusers below works on this folder.
  symlinkSync('/bin/true', at('bin-of-the-test/systemd-sysusers'));
  cpSync(release().tarball, at('root', `tvm-${VERSION}-linux-x64.tar.gz`), { dereference: true });
});
after(async () => {
  await momento?.stop();
  if (root) rmSync(root, { recursive: true });
});

/** Arguments of unshare: a command in the root folder, after more commands of the shell. */
function inside(more, command) {
  const setup = `
    root=$1; shift
    mount --bind "$root" "$root"
    for name in usr bin sbin lib lib64; do [ -h "/$name" ] || [ ! -d "/$name" ] || mount --rbind "/$name" "$root/$name"; done
    for name in proc dev; do mount --rbind "/$name" "$root/$name"; done
    ${more}
    exec chroot "$root" "$@"`;
  return ['--mount', 'sh', '-ec', setup, 'sh', root, ...command];
}

/** Runs the commands of blocks as the administrator does; returns what systemctl received. */
function administrator(script) {
  rmSync(at('run/systemctl'), { force: true });
  ran('unshare', inside('', ['sh', '-euc', `cd /root\n${script}`]), { env: { PATH: '/bin-of-the-test:/usr/sbin:/usr/bin:/sbin:/bin' } });
  return readFileSync(at('run/systemctl'), 'utf8').trim().split('\n');
}

let vends = 0;
async function vend(server) {
  assert.equal((await fetch(server.url)).status, 200, server.errors());
  vends++;
}

/** Each file of the audit log, without its date, with the number of its lines. */
const logs = () => readdirSync(at('var/log/tvm')).sort().map(name => [name.replace(/\d.*/, ''), readFileSync(at('var/log/tvm', name), 'utf8').trim().split('\n').length]);

const commands = section => blocks(read('install.md')).filter(block => block.marks.includes(section)).map(block => block.text).join('\n');

/** Starts the service as the unit says. */
function startService() {
  const [uid, gid] = readFileSync(at('etc/passwd'), 'utf8').split('\n').find(line => line.startsWith(`${of('User')}:`)).split(':').slice(2, 4);
  const logs = `/var/log/${of('LogsDirectory')}`;
  const setup = `
    mkdir -p "$root${CREDENTIALS}" "$root${logs}"
    mount -t tmpfs -o mode=0500,uid=${uid},gid=${gid} tmpfs "$root${CREDENTIALS}"
    install -m 0400 -o ${uid} -g ${gid} "$root${KEY}" "$root${CREDENTIALS}/${CREDENTIAL}"
    chown ${uid}:${gid} "$root${logs}"; chmod ${of('LogsDirectoryMode')} "$root${logs}"
    mount --bind "$root${logs}" "$root${logs}"
    mount -t tmpfs tmpfs "$root/tmp"
    mount -o remount,bind,ro "$root"
    umask ${of('UMask')}`;
  const user = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs', '--bounding-set=-all', '--inh-caps=-all'];
  const environment = ['env', '-i', 'PATH=/usr/sbin:/usr/bin', `CREDENTIALS_DIRECTORY=${CREDENTIALS}`, of('Environment')];
  return start(inside(setup, [...user, ...environment, ...of('ExecStart').split(' ')]), mkdtempSync(join(tmpdir(), 'tvm-unit-')), {}, 'unshare');
}

test('the page Install does what it says about systemd; an upgrade, a rotated log and a roll-back lose no audit event', { skip: SKIPPED }, async t => {
  const sysusers = debian('systemd-sysusers', ['systemd', 'libsystemd-shared']);
  if (!sysusers) return t.skip('systemd-sysusers is not installed, and Debian has no packages here');
  const [unpack, install, enable] = blocks(read('install.md')).filter(block => block.marks.includes('host')).map(block => block.text);
  assert.deepEqual(administrator(`${unpack}\n${install}`), ['daemon-reload']);
  assert.equal(sysusers(`--root=${root}`).status, 0);
  const policy = readFileSync(at('etc/tvm/tvm.yaml'), 'utf8');
  writeFileSync(at('etc/tvm/tvm.yaml'), policy.replace(/- oidc: .*/, '- open: {}').replace('momento:\n', `momento:\n  token-service: ${momento.url}\n`).replace('port: 8080', 'port: 0').replace(/ {2}management-port: .*\n/, ''));
  writeFileSync(at(KEY), momento.apiKey);
  assert.deepEqual(administrator(enable), ['enable --now tvm']);
  cpSync(at(`opt/tvm/tvm-${VERSION}`), at(`opt/tvm/tvm-${NEXT}`), { recursive: true, preserveTimestamps: true });

  const serving = async (version, during = () => {}) => {
    const server = await startService();
    try {
      assert.match(readlinkSync(`/proc/${server.pid}/exe`), new RegExp(`/tvm-${version}/runtime/bin/java$`));
      const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
      for (const line of [/^Uid:(\t[1-9]\d*){4}$/m, /^CapEff:\t0+$/m, /^CapBnd:\t0+$/m, /^NoNewPrivs:\t1$/m]) assert.match(status, line);
      await vend(server);
      await during(server);
      assert.doesNotMatch(server.errors(), /AOT|\[error\]/);
    } finally {
      await server.stop();
    }
  };
  await serving(VERSION);
  // Upgrade and roll back by the page.
  const upgrade = commands('upgrade');
  assert.deepEqual(administrator(upgrade), ['restart tvm']);
  await serving(NEXT, async server => {
    const logrotate = debian('logrotate', ['logrotate', 'libpopt0']);
    if (!logrotate) return t.diagnostic('logrotate is not installed, and Debian has no packages here: the log was not rotated');
    // Without its user, who is not on this machine.
    writeFileSync(at('logrotate.conf'), text('systemd/tvm.logrotate').replace('/var/log', at('var/log')).replace(/^ +su tvm tvm\n/m, ''));
    const rotated = logrotate('--force', '--state', at('logrotate.state'), at('logrotate.conf'));
    assert.equal(rotated.status, 0, rotated.output);
    assert.deepEqual(logs(), [['audit.jsonl-', 2]]);
    await vend(server);
  });
  assert.deepEqual(administrator(upgrade.replace(NEXT, VERSION)), ['restart tvm']);
  await serving(VERSION);
  assert.equal(logs().reduce((sum, [, lines]) => sum + lines, 0), vends);
});
