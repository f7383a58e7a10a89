// Numbers that are published to a topic, and what a page must have received of them.
import assert from 'node:assert/strict';
import { pause } from './waiting.mjs';

/** A token of ten seconds is replaced four before its end; a machine that stands still for that long loses it. */
const STILL = 2000;

/** Publishes numbers from `first` on until `stop()`, which resolves to the last one. */
export function talk(publish, topic, first, every) {
  let going = true;
  let last = first - 1;
  const end = (async () => {
    const began = Date.now();
    while (going) {
      const due = first + Math.floor((Date.now() - began) / every);
      while (last < due && going) {
        // One after the other, so that the numbers are in order in the topic too.
        await publish(topic, String(last + 1));
        last++;
      }
      await pause(every / 2);
    }
    return last;
  })();
  // `stop()` reports its failure; until then it must not end the process.
  end.catch(() => {});
  return {
    last: () => last,
    stop() {
      going = false;
      return end;
    },
  };
}

/** Every message once and in order; what is missing, where anything may be, is missing at a gap that was reported. */
export function assertWhole(heard, last, stoodStill) {
  assert.deepEqual(heard.errors, []);
  const untold = [];
  let expected = 1;
  let told = false;
  for (const entry of heard.log) {
    if (entry === 'gap') {
      told = true;
      continue;
    }
    if (entry < expected || (entry > expected && !told)) untold.push([expected, entry]);
    expected = entry + 1;
    told = false;
  }
  assert.deepEqual(untold, [], 'lost, doubled or out of order, with no word');
  assert.equal(expected, last + 1, 'the end is missing');
  if (stoodStill < STILL) {
    assert.equal(heard.gaps.length, 0, `a gap was told, though nothing stood still for more than ${Math.round(stoodStill)} ms`);
  } else if (heard.gaps.length > 0) {
    console.log(`${heard.gaps.length} gaps, all told: this machine stood still for ${Math.round(stoodStill)} ms`);
  }
}

/** One gap, nothing doubled, in order, and each message before and after the gap. */
export function assertOneGap(heard, last) {
  assert.equal(heard.gaps.length, 1, `gaps: ${heard.gaps.length}, of ${heard.log.length} entries`);
  assert.deepEqual(heard.errors, []);
  const at = heard.log.indexOf('gap');
  const [earlier, later] = [heard.log.slice(0, at), heard.log.slice(at + 1)];
  assert.deepEqual(earlier, Array.from(earlier, (_, i) => i + 1), 'before the gap');
  assert.ok(later.length > 10, `the chat did not go on: ${later.length}`);
  assert.deepEqual(later, Array.from(later, (_, i) => last - later.length + 1 + i), 'after the gap');
  assert.ok(later[0] > (earlier.at(-1) ?? 0), 'doubled');
}
