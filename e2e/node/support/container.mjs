// Containers by unshare, mount and chroot: with a root that cannot be written, another user, and a cgroup with a memory limit. Not by
// a container runtime: crun rejects machines with cgroups of both versions, and others need a daemon.
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { eventually } from './waiting.mjs';

/** Why no container can run here, or undefined. */
export const noContainers = () =>
  process.platform === 'linux' && process.getuid() === 0 && spawnSync('unshare', ['--mount', '--pid', '--fork', 'true']).status === 0
    ? undefined
    : 'only root can make namespaces and mounts here';

/** The folder in which a cgroup with a memory limit can be made, and the file of the limit: of version 1 or 2. Undefined where none can. */
const CGROUPS = [['/sys/fs/cgroup/memory', 'memory.limit_in_bytes'], ['/sys/fs/cgroup', 'memory.max']].find(([folder, file]) => {
  try {
    accessSync(folder, constants.W_OK);
    return file !== 'memory.max' || readFileSync(join(folder, 'cgroup.subtree_control'), 'utf8').includes('memory');
  } catch {
    return false;
  }
});

const JOIN = '[ -z "$1" ] || echo $$ >"$1/cgroup.procs"; shift; exec "$@"';

/** As a container runtime does. Arguments: root, user, cgroup or nothing, pairs of a path and its place in the container, --, command. */
const SETUP = `
root=$1 user=$2 cgroup=$3; shift 3
[ -z "$cgroup" ] || echo $$ >"$cgroup/cgroup.procs"
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
while [ "$1" != -- ]; do mount --rbind "$1" "$root$2"; mount -o remount,bind,ro "$root$2"; shift 2; done
shift
mount -o remount,bind,ro "$root"
exec setpriv --no-new-privs chroot --userspec="$user" "$root" "$@"`;

/** Removes a cgroup, unless a process that was killed is still in it. */
function removed(cgroup) {
  try {
    rmdirSync(cgroup);
    return true;
  } catch {
    return false;
  }
}

/** Runs a container on this machine's network, with at most `memory` bytes. It ends when its program does. */
export function container({ rootfs, user, args, env, memory, mounts = [] }) {
  const all = CGROUPS ? [['/sys/fs/cgroup', '/sys/fs/cgroup'], ...mounts] : mounts;
  mkdirSync(join(rootfs, 'proc'), { recursive: true });
  for (const [source, target] of all) {
    const folder = statSync(source).isDirectory();
    mkdirSync(join(rootfs, folder ? target : dirname(target)), { recursive: true });
    if (!folder) writeFileSync(join(rootfs, target), '');
  }
  const cgroup = CGROUPS && join(CGROUPS[0], basename(dirname(rootfs)));
  if (cgroup) {
    mkdirSync(cgroup);
    writeFileSync(join(cgroup, CGROUPS[1]), String(memory));
  }
  const environment = { ...Object.fromEntries(env.map(pair => pair.split(/=(.*)/s).slice(0, 2))), PATH: process.env.PATH };
  const namespaces = ['--mount', '--pid', '--fork', '--ipc', '--uts', '--kill-child'];
  const child = spawn('unshare', [...namespaces, 'sh', '-ec', SETUP, 'sh', rootfs, user, cgroup ?? '', ...all.flat(), '--', ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: environment });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (printed += text));
  let over = false;
  const ended = new Promise(resolve =>
    child.once('close', async code => {
      over = true;
      if (cgroup) await eventually('an empty cgroup', () => removed(cgroup));
      resolve(code);
    }),
  );
  const pid = () => Number(spawnSync('pgrep', ['-P', String(child.pid)], { encoding: 'utf8' }).stdout);
  return {
    limited: cgroup !== undefined,
    ended,
    over: () => over,
    printed: () => printed,
    pid,
    /** Runs a program in it. */
    exec: (...command) => spawnSync('sh', ['-ec', JOIN, 'sh', cgroup ?? '', 'nsenter', `--target=${pid()}`, '--mount', '--pid', '--root', '--wd', '--', ...command], { env: environment, encoding: 'utf8' }),
    kill: () => child.kill('SIGKILL'),
  };
}
