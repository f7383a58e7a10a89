// Builds the pages for browsers from web/ into a folder, which appears whole or not at all:
//
//   node scripts/pages.mjs target/pages/FINGERPRINT
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { ROOT, TARGET, callWithLog, installNpmPackages, run, say, withLock } from './support/run.mjs';

const WEEK_MS = 7 * 24 * 3_600_000;

/** Writes each text file in Brotli and gzip beside it, as the server sends it. */
function compress(folder) {
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
  for (const { name, parentPath } of readdirSync(folder, { recursive: true, withFileTypes: true }).filter(({ name }) => /\.(html|js|css|svg)$/.test(name))) {
    const file = join(parentPath, name);
    const bytes = readFileSync(file);
    writeFileSync(`${file}.br`, brotliCompressSync(bytes, quality));
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
  }
}

async function build(pages) {
  const started = Date.now();
  const making = join(dirname(pages), '.making');
  const log = join(TARGET, 'pages.log');
  await installNpmPackages(join(ROOT, 'web'));
  say(`building the pages (the log is in ${log})`);
  rmSync(making, { recursive: true, force: true });
  rmSync(log, { force: true });
  mkdirSync(making, { recursive: true });
  // The library first, because the pages use it.
  for (const name of ['client', 'chat', 'playground'].filter(part => existsSync(join(ROOT, 'web', part, 'src')))) {
    const cwd = join(ROOT, 'web', name);
    await callWithLog('npm', ['run', 'build'], { cwd, log, what: 'the pages could not be built' });
    if (name !== 'client') cpSync(join(cwd, 'dist'), join(making, name), { recursive: true });
  }
  compress(making);
  renameSync(making, pages);
  for (const other of readdirSync(dirname(pages)).map(name => join(dirname(pages), name))) {
    if (Date.now() - statSync(other).mtimeMs > WEEK_MS) rmSync(other, { recursive: true });
  }
  say(`built the pages in ${Math.round((Date.now() - started) / 1000)} s`);
}

await run(async ([pages]) => {
  if (!existsSync(pages)) await withLock('pages', () => (existsSync(pages) ? undefined : build(pages)));
});
