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

// Both parts in one run: one machine, and three with one Redis.
const parts = measured('caller', 'caller3', '--scale', String(SCALE), '--seed', String(SEED));

for (const [name, instances] of [['caller', 1], ['caller3', 3]]) {
  test(`a small herd before ${instances} waits as long as was computed, and the account refuses nothing`, { timeout: 240_000 }, async () => {
    const part = (await parts)[name];
    assert.equal(part.instances, instances);
    assert.equal(part.served, 40);
    assert.equal(part.upstreamRefusals, 0);
    assert.equal(part.otherErrors, 0);
    assert.equal(part.upstreamCalls, 40);

    const times = arrivals(40, 0, 6 * SCALE, random(SEED));
    const { waits } = simulate({ arrivals: times, life: 3600, reuse: 'caller', duration: 60, instances, store: 'shared' });
    for (const share of [0.1, 0.25, 0.5, 0.75, 1]) {
      const found = quantile(part.samples.waits, share) / 1000;
      const computed = quantile(waits, share);
      assert.ok(Math.abs(found - computed) <= TOLERANCE_S, `of ${share}: measured ${found} s, computed ${computed} s`);
    }
  });
}
