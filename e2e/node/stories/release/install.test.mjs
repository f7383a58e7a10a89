// docs/install.md with the tarball, in folders that have nothing else, without a JDK on the PATH.
import assert from 'node:assert/strict';
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { VERSION } from '../../support/deploy.mjs';
import { blocks, follow, read } from '../../support/guide.mjs';
import { ran, release } from '../../support/release.mjs';

const NO_JAVA = { PATH: '/usr/bin:/bin', JAVA_HOME: '' };
const NO_RELEASE = process.platform !== 'linux' || process.arch !== 'x64' ? 'the page names the tarball for Linux on x64' : false;
const place = folder => symlinkSync(release().tarball, join(folder, `tvm-${VERSION}-linux-x64.tar.gz`));

test('the page Install does what it says about the tarball', { skip: NO_RELEASE }, () =>
  follow('install.md', () => {}, { section: 'Tarball', prepare: folder => (place(folder), NO_JAVA) }));

test('the page Install does what it says about systemd, but for what the service manager does', { skip: NO_RELEASE }, () => {
  const root = mkdtempSync(join(tmpdir(), 'tvm-root-'));
  try {
    place(root);
    for (const folder of ['etc/sysusers.d', 'etc/logrotate.d', 'etc/systemd/system', 'etc/tvm']) mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, 'etc/tvm/momento-api-key'), 'key');
    const script = blocks(read('install.md')).filter(block => block.marks.includes('host')).map(block => block.text).join('\n')
      .replaceAll(/(?<= )\/(?=opt\/|etc\/)/g, `${root}/`).replace(/^system(ctl|d-sysusers).*$/gm, '');
    ran('sh', ['-euc', script], { cwd: root, env: NO_JAVA });
    const unit = readFileSync(join(root, 'etc/systemd/system/tvm.service'), 'utf8');
    const [, command, config] = /^ExecStart=(\S+) serve --config (\S+)$/m.exec(unit);
    assert.equal(ran(join(root, command), ['--version'], { env: NO_JAVA }), `tvm ${VERSION}\n`);
    accessSync(join(root, config), constants.R_OK);
    const [, key] = /^LoadCredential=momento-api-key:(\S+)$/m.exec(unit);
    accessSync(join(root, key), constants.R_OK);
    assert.match(readFileSync(join(root, config), 'utf8'), /file:\/run\/credentials\/tvm\.service\/momento-api-key\n/);
  } finally {
    rmSync(root, { recursive: true });
  }
});
