// The SDK pings every 5 seconds, also when it has nothing to ask. Servers that find this rude hang up on it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serve } from '../../support/process.mjs';
import { vend } from '../../support/vending.mjs';
import { pause } from '../../support/waiting.mjs';
import { relay, total } from '../../support/wire.mjs';
import { Clients, assertDone } from '../../support/node-sdk.mjs';

let server;
before(async () => {
  server = await serve();
});
after(async () => {
  await server?.stop();
});

test('an idle Node TopicClient kept open 60 s gets no GOAWAY', async () => {
  // The client hangs up by itself where an answer to its ping takes a second, as on a machine that starts other
  // servers at the same time. That says nothing about ours, so it gets another chance; a GOAWAY never does.
  for (let attempt = 1; attempt <= 3; attempt++) {
    if (await staysIdle()) {
      return;
    }
  }
  assert.fail('the client hung up three times: pings are not answered within its second');
});

/** Whether a new client was idle for 60 seconds; false where it hung up. Fails where the server did. */
async function staysIdle() {
  const answer = await vend(server.url);
  const wire = await relay(answer.webEndpoint);
  const clients = new Clients(answer.authToken, wire.url);
  try {
    const { seen } = wire;
    assertDone(await clients.topics.publish('default-cache', 'talk', 'before'), 'publish');
    const callsBefore = total(seen.fromClient, 'HEADERS');
    const end = Date.now() + 60_000;
    while (Date.now() < end && seen.hungUp.client + seen.hungUp.server === 0) {
      await pause(100);
    }
    assert.equal(total(seen.fromServer, 'GOAWAY'), 0);
    assert.equal(seen.hungUp.server, 0, 'the server closed a connection');
    if (seen.hungUp.client > 0) {
      return false;
    }
    assert.equal(total(seen.fromClient, 'HEADERS'), callsBefore, 'it made calls while it should be idle');
    const pings = seen.fromClient.map(counts => counts.PING ?? 0);
    // A server with gRPC's usual patience hangs up on the third; where no connection saw more, nothing was tested.
    assert.ok(Math.max(...pings) >= 4, `the connections saw ${pings} pings`);
    assertDone(await clients.topics.publish('default-cache', 'talk', 'after'), 'publish');
    assert.deepEqual(seen.hungUp, { client: 0, server: 0 });
    return true;
  } finally {
    clients.close();
    wire.close();
  }
}
