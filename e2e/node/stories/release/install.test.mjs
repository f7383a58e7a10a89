// docs/install.md with the tarball, in folders that have nothing else, without a JDK on the PATH.
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { VERSION } from '../../support/deploy.mjs';
import { follow } from '../../support/guide.mjs';
import { release } from '../../support/release.mjs';

const NO_JAVA = { PATH: '/usr/bin:/bin', JAVA_HOME: '' };
const NO_RELEASE = process.platform !== 'linux' || process.arch !== 'x64' ? 'the page names the tarball for Linux on x64' : false;
const place = folder => symlinkSync(release().tarball, join(folder, `tvm-${VERSION}-linux-x64.tar.gz`));

test('the page Install does what it says about the tarball', { skip: NO_RELEASE }, () =>
  follow('install.md', () => {}, { section: 'Tarball', prepare: folder => (place(folder), NO_JAVA) }));
