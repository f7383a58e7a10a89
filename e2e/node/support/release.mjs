// The release, built once for all stories: `const { tarball, image } = await release()`.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Runs a program to its end, and asserts that it ended well; returns what it printed. */
export function ran(command, args, options = {}) {
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26, ...options });
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${error ?? signal ?? ''}\n${stdout}\n${stderr}`);
  return stdout;
}

/** Builds target/release where it is missing or older than the sources. */
export function release() {
  const folder = process.env.TVM_RELEASE ?? join(ROOT, 'target/release');
  if (!process.env.TVM_RELEASE) ran(join(ROOT, 'tvm'), ['release', '--uncommitted']);
  const named = (ending, begin = 'tvm-') => join(folder, readdirSync(folder).find(name => name.startsWith(begin) && name.endsWith(ending)));
  const npm = { client: named('.tgz', 'tokenvending-client'), starter: named('.tgz', 'tokenvending-momento-local') };
  return { folder, tarball: named('.tar.gz'), image: named('.oci.tar'), functions: named('-function.zip'), ...npm };
}

/** The tarball's folder, in a folder of its own whose name is not plain. */
export function extracted(tarball) {
  const folder = mkdtempSync(join(tmpdir(), 'tvm release Søren '));
  ran('tar', ['-xf', tarball, '-C', folder]);
  return join(folder, readdirSync(folder)[0]);
}
