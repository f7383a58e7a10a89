// The container image, unpacked from its layers and run with namespaces and chroot: no daemon, no registry.
//
// Not by a container runtime, which needs cgroups: instead of a memory limit the resident memory is compared with one.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { local } from '../../support/process.mjs';
import { ran, release } from '../../support/release.mjs';
import { eventually } from '../../support/waiting.mjs';

const POLICY = `authentication: [open: {}]
parameters: { name: { max-length: 40, required: false } }
rules: [{ id: all, token-id: "\${request.name}", permissions: [{ role: SubscribeOnly, cache: chat, topic: all }] }]
momento: { api-key: "file:/run/secrets/momento", token-service: "SERVICE", budget: 1000/s }
audit: { to: stdout }
`;
const MEMORY = 256 * 1024 * 1024;
let work;
let config;
let runtime;

before(() => {
  runtime = process.getuid() === 0 && spawnSync('unshare', ['--mount', '--pid', '--fork', 'true']).status === 0;
  work = mkdtempSync(join(tmpdir(), 'tvm-image-'));
  const layout = join(work, 'layout');
  mkdirSync(layout);
  ran('tar', ['-xf', release().image, '-C', layout]);
  const json = path => JSON.parse(readFileSync(join(layout, path), 'utf8'));
  const blob = ({ digest }) => `blobs/${digest.replace(':', '/')}`;
  const manifest = json(blob(json('index.json').manifests[0]));
  config = json(blob(manifest.config));
  mkdirSync(join(work, 'rootfs'));
  for (const layer of manifest.layers) ran('tar', ['-xpf', join(layout, blob(layer)), '-C', join(work, 'rootfs')]);
  rmSync(layout, { recursive: true });
});
after(() => rmSync(work, { recursive: true, force: true }));

/** What a container runtime does, without its cgroups: namespaces, mounts, a root that cannot be written, the image's user. */
const SETUP = `
root=$1 user=$2 folder=$3; shift 3
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
while [ "$1" != -- ]; do mount --bind "$1" "$root$2"; mount -o remount,bind,ro "$root$2"; shift 2; done
shift
mount -o remount,bind,ro "$root"
exec chroot --userspec="$user" "$root" "$@"`;

function container(args, mounts = []) {
  const root = join(work, 'rootfs');
  mkdirSync(join(root, 'proc'), { recursive: true });
  const [uid, gid] = config.config.User.split(':').map(Number);
  for (const [source, target] of mounts) {
    chownSync(source, uid, gid);
    mkdirSync(join(root, target, '..'), { recursive: true });
    writeFileSync(join(root, target), '');
  }
  const { User, WorkingDir, Entrypoint } = config.config;
  return ['--mount', '--pid', '--fork', '--ipc', '--uts', '--kill-child', 'sh', '-ec', SETUP, 'sh', root, User, WorkingDir, ...mounts.flat(), '--', ...Entrypoint, ...args];
}

/** The environment that the image names. */
const environment = () => Object.fromEntries(config.config.Env.map(pair => pair.split(/=(.*)/s).slice(0, 2)));

test('the image names a user other than root, a probe, a signal and its version', () => {
  const { User, Healthcheck, StopSignal, Labels, Entrypoint } = config.config;
  assert.match(User, /^[1-9]\d*:[1-9]\d*$/);
  assert.deepEqual(Healthcheck.Test, ['CMD', ...Entrypoint, 'health', '--live']);
  assert.equal(StopSignal, 'SIGTERM');
  assert.match(Labels['org.opencontainers.image.version'], /^\d+\.\d+\.\d+$/);
  for (const shell of ['bin/sh', 'bin/bash', 'usr/bin/env', 'bin/busybox']) assert.ok(!existsSync(join(work, 'rootfs', shell)), shell);
  assert.ok(existsSync(join(work, 'rootfs/opt/tvm/sbom')));
});

test('it serves as that user, in 256 MB, with no file to write to, a mounted policy and a secret in a file, until SIGTERM', async t => {
  if (!runtime) return t.skip('only root can make namespaces and mounts here');
  const momento = await local('--auth-rate', '1000/s');
  const [policy, secret] = [join(work, 'tvm.yaml'), join(work, 'key')];
  writeFileSync(policy, POLICY.replace('SERVICE', momento.url));
  writeFileSync(secret, momento.apiKey, { mode: 0o400 });
  const { Cmd, Healthcheck, WorkingDir } = config.config;
  const mounts = [[policy, `${WorkingDir}/tvm.yaml`], [secret, '/run/secrets/momento']];
  const file = `${WorkingDir}/tvm.yaml`;
  try {
    assert.match(ran('unshare', container(['check', file], mounts), { env: { ...environment(), PATH: process.env.PATH } }), /1 rule/);
    const child = spawn('unshare', container([...Cmd, '--port', '0', '--config', file], mounts), { stdio: ['ignore', 'pipe', 'pipe'], env: { ...environment(), PATH: process.env.PATH } });
    const ended = new Promise(resolve => child.once('close', code => resolve(code)));
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (printed += text));
    let gone = false;
    ended.then(() => (gone = true));
    try {
      await eventually('ready', () => gone || /^ready: /m.test(printed), 60_000);
      const port = /^ready: http:\S+:(\d+)$/m.exec(printed)?.[1];
      assert.ok(port, printed);
      const url = `http://127.0.0.1:${port}`;
      for (let i = 0; i < 20; i++) assert.equal((await fetch(`${url}/?name=caller-${i % 2}`)).status, 200, printed);
      assert.doesNotMatch(printed, /AOT|\[warning\]|\[error\]/);
      const java = Number(ran('pgrep', ['-P', String(child.pid)]));
      const probe = address => spawnSync('nsenter', [`--target=${java}`, '--mount', '--pid', '--root', '--wd', '--', ...Healthcheck.Test.slice(1), '--url', address], { env: { ...environment(), PATH: process.env.PATH }, encoding: 'utf8' });
      const alive = probe(`${url}/healthz`);
      assert.equal(alive.status, 0, alive.stdout + alive.stderr);
      assert.equal(probe('http://127.0.0.1:1/healthz').status, 1);
      const status = readFileSync(`/proc/${java}/status`, 'utf8');
      assert.match(status, /^Uid:\t65532\t65532\t65532\t65532$/m);
      assert.match(status, /^CapEff:\t0+$/m);
      assert.ok(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)[1]) * 1024 < MEMORY, status);
      assert.match(readFileSync(`/proc/${java}/mountinfo`, 'utf8'), / \/ ro,/);
      process.kill(java, 'SIGTERM');
      assert.equal(await ended, 0, printed);
    } finally {
      if (!gone) child.kill('SIGKILL');
    }
  } finally {
    await momento.stop();
  }
});
