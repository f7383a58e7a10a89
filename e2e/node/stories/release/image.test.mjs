// The container image, unpacked from its layers, and the Dockerfile: run without a daemon and a registry.
import assert from 'node:assert/strict';
import { chownSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { container, noContainers } from '../../support/container.mjs';
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
let momento;
let skipped;

before(async () => {
  skipped = noContainers();
  momento = await local('--auth-rate', '1000/s');
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
  writeFileSync(join(work, 'tvm.yaml'), POLICY.replace('SERVICE', momento.url));
  writeFileSync(join(work, 'key'), momento.apiKey, { mode: 0o400 });
});
after(async () => {
  rmSync(work, { recursive: true, force: true });
  await momento.stop();
});

/** Serves in 256 MB as `user` with these arguments until SIGTERM. The command `probe` is its health check, `java` its Java. */
async function serves({ rootfs, user, cwd, env, mounts = [], command, probe, java }) {
  for (const name of ['tvm.yaml', 'key']) chownSync(join(work, name), ...user.split(':').map(Number));
  const files = [[join(work, 'tvm.yaml'), `${cwd}/tvm.yaml`], [join(work, 'key'), '/run/secrets/momento']];
  const one = container({ rootfs, user, env, mounts: [...mounts, ...files], args: [...command, '--port', '0', '--config', `${cwd}/tvm.yaml`], memory: MEMORY });
  try {
    await eventually('ready', () => one.over() || /^ready: /m.test(one.printed()));
    const port = /^ready: http:\S+:(\d+)$/m.exec(one.printed())?.[1];
    assert.ok(port, one.printed());
    const url = `http://127.0.0.1:${port}`;
    const answers = await Promise.all(Array.from({ length: 64 }, (_, i) => fetch(`${url}/?name=caller-${i % 2}`)));
    assert.deepEqual([...new Set(answers.map(answer => answer.status))], [200], one.printed());
    assert.doesNotMatch(one.printed(), /AOT|\[warning\]|\[error\]/);
    const alive = one.exec(...probe, '--url', `${url}/healthz`);
    assert.equal(alive.status, 0, alive.stdout + alive.stderr);
    assert.equal(one.exec(...probe, '--url', 'http://127.0.0.1:1/healthz').status, 1);
    const status = readFileSync(`/proc/${one.pid()}/status`, 'utf8');
    const [uid] = user.split(':');
    for (const line of [`Uid:(\t${uid}){4}`, 'CapEff:\t0+', 'NoNewPrivs:\t1']) assert.match(status, new RegExp(`^${line}$`, 'm'));
    assert.ok(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)[1]) * 1024 < MEMORY, status);
    assert.match(readFileSync(`/proc/${one.pid()}/mountinfo`, 'utf8'), / \/ ro,/);
    if (one.limited) {
      const flags = one.exec(java, '-XX:MaxRAMPercentage=100', '-XX:+PrintFlagsFinal', '-version');
      assert.match(flags.stdout, new RegExp(`MaxHeapSize += ${MEMORY} `), 'the limit that Java finds');
    }
    process.kill(one.pid(), 'SIGTERM');
    assert.equal(await one.ended, 0, one.printed());
    return one;
  } finally {
    if (!one.over()) one.kill();
    await one.ended;
  }
}

test('the image names a user other than root, a probe, a signal and its version', () => {
  const { User, Healthcheck, StopSignal, Labels, Entrypoint } = config.config;
  assert.match(User, /^[1-9]\d*:[1-9]\d*$/);
  assert.deepEqual(Healthcheck.Test, ['CMD', ...Entrypoint, 'health', '--live']);
  assert.equal(StopSignal, 'SIGTERM');
  assert.match(Labels['org.opencontainers.image.version'], /^\d+\.\d+\.\d+$/);
  for (const shell of ['bin/sh', 'bin/bash', 'usr/bin/env', 'bin/busybox']) assert.ok(!existsSync(join(work, 'rootfs', shell)), shell);
  assert.ok(existsSync(join(work, 'rootfs/opt/tvm/sbom')));
});

test('the image serves as that user, in 256 MB, with no file to write to, a mounted policy and a secret in a file, until SIGTERM', async t => {
  if (skipped) return t.skip(skipped);
  const { User, WorkingDir, Env, Entrypoint, Cmd, Healthcheck } = config.config;
  await serves({ rootfs: join(work, 'rootfs'), user: User, cwd: WorkingDir, env: Env, command: [...Entrypoint, ...Cmd], probe: Healthcheck.Test.slice(1), java: Entrypoint[0] });
});

/** The instructions of a Dockerfile by name; lists are parsed. */
function instructions(file) {
  const lines = file.split('\n').map(line => /^([A-Z]+) (.*)$/.exec(line)).filter(Boolean);
  return Object.fromEntries(lines.map(([, name, value]) => [name, /\[.*\]$/.test(value) ? JSON.parse(value.slice(value.indexOf('['))) : value]));
}

test('the Dockerfile makes an image that does the same, on a base with a C library', async t => {
  if (skipped) return t.skip(skipped);
  const { folder, tarball } = release();
  const { ADD, USER, WORKDIR, ENTRYPOINT, CMD, HEALTHCHECK } = instructions(readFileSync(join(folder, 'Dockerfile'), 'utf8'));
  const [source, target] = ADD.split(' ');
  assert.equal(source, basename(tarball));
  const rootfs = join(work, 'built');
  for (const name of ['etc', 'tmp', WORKDIR, target]) mkdirSync(join(rootfs, name), { recursive: true });
  ran('tar', ['-xf', tarball, '-C', join(rootfs, target)]);
  // In place of a base image, this machine's programs and libraries.
  const mounts = [['/usr', '/usr'], ['/dev', '/dev']];
  for (const name of ['bin', 'lib', 'lib64'].filter(name => existsSync(`/${name}`))) {
    if (lstatSync(`/${name}`).isSymbolicLink()) symlinkSync(readlinkSync(`/${name}`), join(rootfs, name));
    else mounts.push([`/${name}`, `/${name}`]);
  }
  await serves({ rootfs, mounts, user: USER, cwd: WORKDIR, env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'], command: [...ENTRYPOINT, ...CMD], probe: HEALTHCHECK, java: join(dirname(ENTRYPOINT[0]), '../runtime/bin/java') });
});
