import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bars } from '../support/bars.mjs';
import { milliseconds } from '../support/load.mjs';
import { judge } from '../support/targets.mjs';

const met = (figures, name) => judge(figures).find(target => target.name === name).met;

test('a figure on the bound of its target meets it, and one beyond misses it', () => {
  assert.equal(met({ reuseHit: { ofLimit: 0.85 } }, 'reuseHit.ofLimit'), 'met');
  assert.equal(met({ reuseHit: { ofLimit: 0.849 } }, 'reuseHit.ofLimit'), 'missed');
  assert.equal(met({ memory: { idleMb: 125 } }, 'memory.idleMb'), 'met');
  assert.equal(met({ memory: { idleMb: 125.1 } }, 'memory.idleMb'), 'missed');
});

test('a figure that is not there, or is no number, is neither met nor missed', () => {
  for (const figures of [{}, { mint: {} }, { mint: { timesPeer: null } }, { mint: { timesPeer: Number.NaN } }]) {
    assert.equal(met(figures, 'mint.timesPeer'), 'not measured');
  }
});

test('every way in which wrk writes a time is read', () => {
  assert.deepEqual(['500.00us', '1.25ms', '1.50s', '2.00m'].map(milliseconds), [0.5, 1.25, 1500, 120_000]);
});

test('bars are as long as their values, and what is written on them is escaped', () => {
  const svg = bars({ title: 'a < b', unit: '/s', rows: [['one', 10], ['two', 20]] });
  const widths = [...svg.matchAll(/<rect x="\d+" y="\d+" width="([\d.]+)"/g)].map(match => Number(match[1]));
  assert.equal(widths[1], 2 * widths[0]);
  assert.match(svg, /a &lt; b/);
});
