// Files of a release, of which two builds of one commit make the same bytes.
import { createHash } from 'node:crypto';
import { lstatSync, lutimesSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, call } from '../scripts/support/run.mjs';

export const digest = bytes => createHash('sha256').update(bytes).digest('hex');

/** What a program prints, without the last line break. */
export async function printed(command, args, options = {}) {
  const lines = [];
  const code = await call(command, args, { stdio: ['ignore', 'pipe', 'inherit'], onLine: line => lines.push(line), ...options });
  if (code !== 0) throw new Failure(`${command} ${args.join(' ')} failed with exit code ${code}`);
  return lines.join('\n');
}

export async function must(command, args, options = {}) {
  const code = await call(command, args, { stdio: ['ignore', 2, 2], ...options });
  if (code !== 0) throw new Failure(`${command} failed with exit code ${code}: ${args.join(' ')}`);
}

/** Sets the time of everything in a folder, in seconds since 1970. */
export function setTimes(path, seconds) {
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) setTimes(join(path, name), seconds);
  lutimesSync(path, seconds, seconds);
}

/** A tar archive of `names` in `folder`: sorted, owned by root, readable by all, with the files' own times. */
export async function tar(file, folder, names, more = []) {
  const same = ['--sort=name', '--format=gnu', '--owner=0', '--group=0', '--numeric-owner', '--mode=u+rw,go=rX'];
  await must('tar', ['--create', `--file=${file}`, `--directory=${folder}`, ...same, ...more, ...names]);
}
