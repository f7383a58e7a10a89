// The container image: an OCI layout in a tar archive, which `docker load` and `podman load` read.
//
// Written here because the tools that build images without a daemon (Jib, umoci, Buildah in its OCI format) drop the health probe,
// which is no part of OCI's configuration, and since it is a few JSON files beside tar archives. Layers: the C library, Java, the
// jars, the AOT cache.
import { cpSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ROOT, find, say } from '../scripts/support/run.mjs';
import { digest, printed, setTimes, tar } from './files.mjs';

const HOME = '/opt/tvm';
const USER = '65532:65532';
const JAVA = [`${HOME}/runtime/bin/java`, `@${HOME}/lib/image.options`];
const SECOND = 1_000_000_000;

/** Java's C library as this machine has it, with the package's record, by which scanners recognize it. */
async function cLibrary(root, runtime) {
  const files = (await printed('ldd', [join(runtime, 'bin/java'), join(runtime, 'lib/server/libjvm.so')])).matchAll(/(?:=> |^\s*)((?:\/usr)?\/lib\S*) \(0x/gm);
  for (const [, file] of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    cpSync(realpathSync(file), join(root, file));
  }
  if (!find('dpkg-query')) return;
  mkdirSync(join(root, 'var/lib/dpkg/status.d'), { recursive: true });
  writeFileSync(join(root, 'var/lib/dpkg/status.d/libc6'), `${await printed('dpkg-query', ['--status', 'libc6'])}\n`);
  mkdirSync(join(root, 'usr/share/doc/libc6'), { recursive: true });
  cpSync(realpathSync('/usr/share/doc/libc6/copyright'), join(root, 'usr/share/doc/libc6/copyright'));
}

export async function image(build) {
  say('making the container image');
  const work = join(build.making, '.image');
  const blobs = join(work, 'layout/blobs/sha256');
  const root = join(work, 'root');
  for (const name of ['etc/tvm', 'tmp', 'opt/tvm/lib']) mkdirSync(join(root, name), { recursive: true });
  mkdirSync(blobs, { recursive: true });
  writeFileSync(join(root, 'etc/passwd'), `root:x:0:0:root:/:/none\ntvm:x:${USER}:tvm:/etc/tvm:/none\n`);
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\ntvm:x:65532:\n');
  writeFileSync(join(root, 'etc/nsswitch.conf'), 'hosts: files dns\n');
  await cLibrary(root, join(build.folder, 'runtime'));
  const options = [
    readFileSync(join(ROOT, 'scripts/server.options'), 'utf8'),
    '# A container has its memory for itself, and perhaps no folder that can be written to.',
    '-XX:MaxRAMPercentage=50 -XX:-UsePerfData',
    `-XX:AOTCache=${HOME}/lib/aot/key`,
    `-cp ${build.classPath(HOME)}`,
    'tokenvending.server.cli.Main\n',
  ];
  writeFileSync(join(root, 'opt/tvm/lib/image.options'), options.join('\n'));
  setTimes(root, build.time);

  const blob = bytes => {
    writeFileSync(join(blobs, digest(bytes)), bytes);
    return { digest: `sha256:${digest(bytes)}`, size: bytes.length };
  };
  const layers = [];
  const layer = async (what, folder, names, more = []) => {
    const file = join(work, 'layer.tar');
    await tar(file, folder, names, more);
    const bytes = readFileSync(file);
    layers.push({ what, diff: `sha256:${digest(bytes)}`, ...blob(gzipSync(bytes)) });
  };
  const product = (what, names) => layer(what, build.folder, names, ['--transform=s,^,opt/tvm/,rSH']);
  await layer('C library, user, folders', root, ['.'], ['--transform=s,^\\./,,rSH']);
  await product('Java', ['runtime']);
  await product('server', ['--exclude=lib/aot', 'lib', 'share/pages', 'sbom', 'LICENSE']);
  await product('AOT cache', ['lib/aot/key']);

  const created = new Date(build.time * 1000).toISOString();
  const probe = { Test: ['CMD', ...JAVA, 'health', '--live'], Interval: 30 * SECOND, Timeout: 10 * SECOND, StartPeriod: 20 * SECOND };
  const config = {
    created, architecture: build.ociArch, os: 'linux',
    config: {
      User: USER, WorkingDir: '/etc/tvm', Env: ['LC_ALL=C.UTF-8', `PATH=${HOME}/runtime/bin`], Entrypoint: JAVA,
      Cmd: ['serve', '--host', '0.0.0.0', '--pages', `${HOME}/share/pages`], ExposedPorts: { '8080/tcp': {} }, StopSignal: 'SIGTERM', Healthcheck: probe,
      Labels: {
        'org.opencontainers.image.title': 'Token vending machine for Momento', 'org.opencontainers.image.version': build.version,
        'org.opencontainers.image.licenses': 'Apache-2.0', 'org.opencontainers.image.created': created,
        ...(build.commit && { 'org.opencontainers.image.revision': build.commit }),
      },
    },
    rootfs: { type: 'layers', diff_ids: layers.map(one => one.diff) },
    history: layers.map(one => ({ created, created_by: one.what })),
  };
  const described = (mediaType, { digest, size }, more = {}) => ({ mediaType: `application/vnd.oci.image.${mediaType}`, digest, size, ...more });
  const json = value => Buffer.from(JSON.stringify(value));
  const configBlob = blob(json(config));
  const manifest = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config: described('config.v1+json', configBlob), layers: layers.map(one => described('layer.v1.tar+gzip', one)) };
  const name = `tvm:${build.version}`;
  const names = { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': build.version };
  const index = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [described('manifest.v1+json', blob(json(manifest)), { annotations: names })] };
  const path = ({ digest }) => `blobs/sha256/${digest.slice('sha256:'.length)}`;
  const layout = join(work, 'layout');
  writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(layout, 'index.json'), json(index));
  // For versions of Docker that read no OCI layout.
  writeFileSync(join(layout, 'manifest.json'), json([{ Config: path(configBlob), RepoTags: [name], Layers: layers.map(path) }]));
  setTimes(layout, build.time);
  await tar(join(build.making, `${build.name}.oci.tar`), layout, ['.'], ['--transform=s,^\\./,,rSH']);
}
