import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { arrivals, quantile, random } from '../support/figures.mjs';
import { simulate } from '../support/simulation.mjs';

const HERD = fileURLToPath(new URL('../herd.mjs', import.meta.url));
const SEED = 3;
// Forty callers: small enough for every run of the tests, and eight seconds of waiting.
const SCALE = 0.04;
// Retry-After is in whole seconds, and both runs round to a second's worth of places.
const TOLERANCE_S = 2;

async function measured(...args) {
  const folder = await mkdtemp(join(tmpdir(), 'tvm-herd-'));
  try {
    const child = spawn(process.execPath, [HERD, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (text += chunk));
    await new Promise(resolve => child.once('close', resolve));
    try {
      return JSON.parse(await readFile(join(folder, 'herd.json'), 'utf8'));
    } catch {
      throw new Error(`the herd left no figures:\n${text}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('a small herd waits as long as was computed, and the account refuses nothing', { timeout: 120_000 }, async () => {
  const { caller } = await measured('caller', '--scale', String(SCALE), '--seed', String(SEED));
  assert.equal(caller.served, 40);
  assert.equal(caller.upstreamRefusals, 0);
  assert.equal(caller.otherErrors, 0);
  assert.equal(caller.upstreamCalls, 40);

  const times = arrivals(40, 0, 6 * SCALE, random(SEED));
  const { waits } = simulate({ arrivals: times, life: 3600, reuse: 'caller', duration: 60 });
  for (const part of [0.1, 0.25, 0.5, 0.75, 1]) {
    const found = quantile(caller.samples.waits, part) / 1000;
    const computed = quantile(waits, part);
    assert.ok(Math.abs(found - computed) <= TOLERANCE_S, `of ${part}: measured ${found} s, computed ${computed} s`);
  }
});
