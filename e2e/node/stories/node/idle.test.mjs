// The SDK pings every 5 seconds, also when it has nothing to ask. Servers that find this rude hang up on it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serve } from '../../support/process.mjs';
import { vend } from '../../support/vending.mjs';
import { pause } from '../../support/waiting.mjs';
import { relay } from '../../support/wire.mjs';
import { Clients, assertDone } from '../../support/node-sdk.mjs';

let server, wire, clients;
before(async () => {
  server = await serve();
  const answer = await vend(server.url);
  wire = await relay(answer.webEndpoint);
  clients = new Clients(answer.authToken, wire.url);
});
after(async () => {
  clients?.close();
  wire?.close();
  await server?.stop();
});

test('an idle Node TopicClient kept open 60 s gets no GOAWAY', async () => {
  assertDone(await clients.topics.publish('default-cache', 'talk', 'before'), 'publish');
  const { seen } = wire;
  const callsBefore = seen.fromClient.HEADERS;
  const pingsBefore = seen.fromClient.PING ?? 0;
  await pause(60_000);
  assert.equal(seen.fromClient.HEADERS, callsBefore, 'it made calls while it should be idle');
  const pings = (seen.fromClient.PING ?? 0) - pingsBefore;
  assert.ok(pings >= 8, `only ${pings} pings: the client has changed, and this story tests nothing`);
  assert.equal(seen.fromServer.GOAWAY ?? 0, 0);
  assertDone(await clients.topics.publish('default-cache', 'talk', 'after'), 'publish');
  assert.equal(seen.closed, 0, 'a connection was closed');
});
