import { strict as assert } from 'node:assert';
import { after, test } from 'node:test';
import { EVENT, runtimeApi } from '../support/functions.mjs';

const api = await runtimeApi(2);
after(() => api.close());
const url = path => `http://${api.authority}/2018-06-01/runtime/${path}`;
const post = (path, body) => fetch(url(path), { method: 'POST', body });

test('a function is handed its events one after the other, and what it answers is timed', async () => {
  const life = api.begin();
  const seen = [];
  for (const answer of ['first', 'second']) {
    const event = await fetch(url('invocation/next'));
    seen.push(await event.text());
    await post(`invocation/${event.headers.get('lambda-runtime-aws-request-id')}/response`, answer);
  }
  const answers = await Promise.all(life.answers);
  assert.deepEqual(seen, [EVENT, EVENT]);
  assert.deepEqual(answers.map(answer => answer.body), ['first', 'second']);
  assert.ok((await life.asked) < answers[0].at && answers[0].at < answers[1].at);
});

test('a function that says an error ends the run', async () => {
  const life = api.begin();
  await post('init/error', 'no such class');
  await assert.rejects(life.answers[0], /init\/error: no such class/);
});

test('a function in its snapshot waits until it is let go on', async () => {
  const life = api.begin();
  let restored = false;
  const waiting = fetch(url('restore/next')).then(() => (restored = true));
  await life.restorable;
  // An answer to the one who waits would be here before the answer to who came later.
  await fetch(url('invocation/next'));
  assert.equal(restored, false);
  life.restore();
  await waiting;
});
