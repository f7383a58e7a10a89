import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { call, connections, now } from '../support/callers.mjs';

const TOKEN = { status: 200, body: '{"authToken":"x"}' };
const later = seconds => ({ status: 503, body: '', headers: seconds === undefined ? {} : { 'retry-after': seconds } });

/** One caller before a server that gives the answers one after the other, the last one for ever. */
async function called(answers, patience = {}) {
  const asked = [];
  const server = createServer((request, response) => {
    const { status, headers, body } = answers[Math.min(asked.length, answers.length - 1)];
    asked.push(now());
    response.writeHead(status, headers);
    response.end(body);
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const agent = connections(1);
  const begin = now();
  const url = `http://127.0.0.1:${server.address().port}/`;
  const result = await call({ arrival: begin + 50, headers: {} }, () => url, agent, { asks: 3, end: begin + 10_000, ...patience });
  agent.destroy();
  server.close();
  return { ...result, asked: asked.map(time => time - begin) };
}

test('a caller comes when his time has come, and is served', async () => {
  const { served, asks, asked, errors } = await called([TOKEN]);
  assert.deepEqual([served, asks, errors], [true, 1, []]);
  assert.ok(asked[0] >= 50);
});

test('a caller who is rejected comes back at Retry-After, and not before', async () => {
  const { served, asks, rejections, asked, errors } = await called([later('1'), TOKEN]);
  assert.deepEqual([served, asks, rejections, errors], [true, 2, 1, []]);
  assert.ok(asked[1] - asked[0] >= 999, String(asked));
});

test('a 503 that does not say when, or says nonsense, is an error', async () => {
  for (const value of [undefined, '0', '-1', '1.5', 'soon']) {
    const { served, rejections, errors } = await called([later(value)]);
    assert.deepEqual([served, rejections, errors], [false, 0, ['503']], String(value));
  }
});

test('a success without a token in it is an error', async () => {
  for (const body of ['', '{}', '{"authToken":""}', 'null', '<html>']) {
    assert.deepEqual((await called([{ status: 200, body }])).errors, ['200'], body);
  }
});

test('every other status is an error', async () => {
  for (const status of [401, 429, 500, 502]) {
    assert.deepEqual((await called([{ status, body: '', headers: { 'retry-after': '1' } }])).errors, [String(status)]);
  }
});

test('a caller gives up after so many asks', async () => {
  const { served, asks, asked, errors } = await called([{ status: 500, body: '' }], { withoutRetryAfter: 10 });
  assert.deepEqual([served, asks, asked.length, errors], [false, 3, 3, ['500', '500', '500']]);
});

test('a caller gives up when the time is over, and does not sleep past it', async () => {
  const begin = now();
  const { served, asks } = await called([later('3600')], { end: begin + 2000 });
  assert.deepEqual([served, asks], [false, 1]);
  assert.ok(now() - begin < 60_000);
});

test('no answer is an error', async () => {
  const agent = connections(1);
  const result = await call({ arrival: now(), headers: {} }, () => 'http://127.0.0.1:1/', agent, { asks: 1, end: now() + 1000 });
  assert.equal(result.served, false);
  assert.match(result.errors[0], /ECONNREFUSED/);
});
