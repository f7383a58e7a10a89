// The Node client puts its 5-second request deadline on the whole of a first subscription, drops it then and makes
// another. What is published meanwhile must neither be lost nor come twice.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serve } from '../../support/process.mjs';
import { vend } from '../../support/vending.mjs';
import { eventually, pause } from '../../support/waiting.mjs';
import { Clients, assertDone, subscribe } from '../../support/node-sdk.mjs';

let server, clients;
before(async () => {
  server = await serve();
  const answer = await vend(server.url);
  clients = new Clients(answer.authToken, answer.webEndpoint);
});
after(async () => {
  clients?.close();
  await server?.stop();
});

test('30 messages at 200 ms arrive once each, in order, despite the 5 s client deadline', async () => {
  const heard = await subscribe(clients.topics, 'default-cache', 'ticks');
  const sent = [];
  const began = Date.now();
  for (let i = 0; i < 30; i++) {
    await pause(Math.max(0, began + 200 * i - Date.now()));
    sent.push(`tick ${i}`);
    assertDone(await clients.topics.publish('default-cache', 'ticks', `tick ${i}`), 'publish');
  }
  await eventually('30 messages', () => heard.items.length >= 30);
  // One that came twice would come late.
  await pause(1_000);
  assert.deepEqual(heard.items.map(item => item.valueString()), sent);
  assert.deepEqual(heard.items.map(item => item.sequenceNumber()), sent.map((_, i) => i + 1));
  assert.ok(Date.now() - began > 5_500);
  // Otherwise the client has changed, and this story tests nothing any more.
  assert.ok(heard.lost >= 1, 'the client did not make its subscription anew');
  assert.deepEqual(heard.errors, []);
  assert.ok(!heard.events.includes('discontinuity'));
  assert.equal(heard.subscription.isSubscribed, true);
  heard.subscription.unsubscribe();
});
