// The package as others get it: packed, in a project that knows nothing of this repository.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import * as esbuild from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import * as vite from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const CLIENT = fileURLToPath(new URL('..', import.meta.url));
const WEB = join(CLIENT, '..');
const KIB = 1024;

let project, tarball, files;

async function run(program, values, cwd = project) {
  try {
    return (await promisify(execFile)(program, values, { cwd })).stdout;
  } catch (error) {
    throw new Error(`${program} ${values.join(' ')}\n${error.stdout}\n${error.stderr}`);
  }
}

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'tvm-package-'));
  const packed = JSON.parse(await run('npm', ['pack', '--json', '--silent', '--pack-destination', project], CLIENT));
  files = packed[0].files.map(({ path }) => path);
  tarball = join(project, packed[0].filename);
  const library = join(project, 'node_modules/tokenvending-client');
  await mkdir(library, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', library, '--strip-components=1']);
  await mkdir(join(project, 'node_modules/@types'));
  for (const name of ['@gomomento', 'react', 'react-dom', '@types/react', '@types/node', '@types/google-protobuf', 'csstype']) {
    await symlink(join(WEB, 'node_modules', name), join(project, 'node_modules', name));
  }
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
});
afterAll(() => rm(project, { recursive: true, force: true }));

test('it has its license and README, and no tests', () => {
  expect(files.filter(path => !path.startsWith('dist/')).toSorted()).toEqual(['LICENSE', 'README.md', 'package.json']);
  expect(files.filter(path => !/^dist\/(cjs\/)?([\w-]+\.(js|d\.ts)|package\.json)$/.test(path) && path.startsWith('dist/'))).toEqual([]);
});

test('the documentation explains each code of an error', async () => {
  const declared = await readFile(join(CLIENT, 'src/errors.ts'), 'utf8');
  const union = name => new RegExp(`type ${name} =([^;]*);`).exec(declared)[1];
  const codes = [...`${union('ErrorCode')}${union('SetupErrorCode')}`.matchAll(/'(\w+)'/g)].map(([, code]) => code);
  const page = await readFile(join(CLIENT, '../../docs/guides/browser-errors.md'), 'utf8');
  expect([...page.matchAll(/^### (\w+)$/gm)].map(([, code]) => code).toSorted()).toEqual(codes.toSorted());
});

test('publint finds nothing', async () => {
  const { messages, pkg } = await publint({ pkgDir: join(project, 'node_modules/tokenvending-client'), strict: true, pack: false });
  expect(messages.map(message => formatMessage(message, pkg))).toEqual([]);
});

test('Are the types wrong? finds nothing', async () => {
  const { problems } = await checkPackage(createPackageFromTarballData(new Uint8Array(await readFile(tarball))));
  // The resolution of Node.js 10 knows no `exports`.
  expect(problems.filter(({ resolutionKind }) => resolutionKind !== 'node10')).toEqual([]);
});

describe('types', () => {
  const source = `
    import { cognito, jwt, none, password, SetupError, TokenSource, TokenVendingError } from 'tokenvending-client';
    import type { ErrorCode, TokenState } from 'tokenvending-client';
    import { credentialProvider, TopicsClient } from 'tokenvending-client/topics';
    import * as node from 'tokenvending-client/node';
    import { TokenProvider, useToken, useTopic } from 'tokenvending-client/react';
    import { FakeMomento } from 'tokenvending-client/testing';
    export const source: TokenSource = TokenSource.custom(async () => ({ authToken: 'a', expiresIn: 60 }));
    export const topics: TopicsClient = new TopicsClient(source, { connect: new FakeMomento().connect });
    export const nodeTopics: node.TopicsClient = new node.TopicsClient(source);
    export const state: TokenState['status'] = source.state.status;
    export const code: ErrorCode = 'CLOSED';
    export { cognito, credentialProvider, jwt, none, password, SetupError, TokenProvider, TokenVendingError, useToken, useTopic };
  `;

  test.each([
    ['bundler', 'esnext', 'all.ts'],
    ['node16', 'node16', 'all.mts'],
    ['node16', 'node16', 'all.cts'],
    ['nodenext', 'nodenext', 'all.mts'],
  ])('check under moduleResolution %s, module %s, in %s, those of dependencies included', async (resolution, module, name) => {
    await writeFile(join(project, name), source);
    const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false', '--target', 'es2022'];
    await run(join(WEB, 'node_modules/.bin/tsc'), [...options, '--types', '', '--module', module, '--moduleResolution', resolution, name]);
  });
});

describe('Node.js', () => {
  const names = ['TokenSource', 'TopicsClient', 'credentialProvider'];

  test.each([
    ['imports', all => `Promise.all([${all}].map(name => import(name)))`],
    ['requires', all => `Promise.all([${all}].map(name => require(name)))`],
  ])('%s every entry point, without a window', async (_, load) => {
    const entries = ['', '/topics', '/react', '/node', '/testing'].map(path => `'tokenvending-client${path}'`).join();
    const script = `${load(entries)}.then(all => console.log(Object.keys(Object.assign({}, ...all)).join()))`;
    const found = await run(process.execPath, ['--input-type=commonjs', '-e', script]);
    for (const name of [...names, 'useTopic', 'FakeMomento']) expect(found).toContain(name);
  });
});

describe('size, minified and compressed', () => {
  const bundlers = {
    async Vite(code) {
      await writeFile(join(project, 'entry.js'), code);
      const result = await vite.build({
        configFile: false,
        root: project,
        logLevel: 'silent',
        build: { write: false, target: 'es2022', minify: true, rollupOptions: { input: join(project, 'entry.js'), external: /^react/, preserveEntrySignatures: 'strict' } },
      });
      const { output } = Array.isArray(result) ? result[0] : result;
      return output.filter(chunk => chunk.isEntry).map(chunk => chunk.code);
    },
    async esbuild(code) {
      const { outputFiles } = await esbuild.build({
        stdin: { contents: code, resolveDir: project },
        bundle: true,
        minify: true,
        splitting: true,
        format: 'esm',
        target: 'es2022',
        outdir: join(project, 'out'),
        external: ['react'],
        define: { global: 'globalThis' },
        write: false,
        logLevel: 'silent',
      });
      return outputFiles.filter(({ path }) => path.endsWith('stdin.js')).map(({ text }) => text);
    },
  };

  const pages = [
    ['the core and one credential', "export { none, TokenSource } from 'tokenvending-client';", 4],
    ['and topics', "export { none, TokenSource } from 'tokenvending-client'; export { TopicsClient } from 'tokenvending-client/topics';", 8],
    ['and hooks', "export { none, TokenSource } from 'tokenvending-client'; export * from 'tokenvending-client/react';", 9],
  ];

  test.each(Object.entries(bundlers).flatMap(([name, bundle]) => pages.map(page => [name, ...page, bundle])))(
    '%s: %s, without the SDK',
    async (name, what, code, limit, bundle) => {
      const bytes = gzipSync((await bundle(code)).join('')).length;
      console.info(`${name}: ${what}: ${bytes} bytes`);
      expect(bytes).toBeGreaterThan(KIB);
      expect(bytes).toBeLessThanOrEqual(limit * KIB);
    },
  );
});
