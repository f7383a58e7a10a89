// Real audit events, of every kind that one server can cause, against the JSON Schema of the reference.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../support/guide.mjs';
import { hashOf, serveIn } from '../../support/process.mjs';

const SCHEMA = JSON.parse(readFileSync(join(ROOT, 'docs/reference/audit-event.schema.json'), 'utf8'));

const POLICY = `
authentication:
  - password: { users: file:users.yaml }
rules:
  - id: members
    when: { groups: [members] }
    reuse: caller
    permissions: [{ role: SubscribeOnly, cache: chat, topic: news }]
audit: { to: file:audit.jsonl }
`;

/** What of a value is not as the schema says; only the words of JSON Schema that ours uses. */
function faults(schema, value, at = '') {
  const type = Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;
  if (schema.type && schema.type !== type) return [`${at}: ${type}, not ${schema.type}`];
  const found = [];
  if (schema.enum && !schema.enum.includes(value)) found.push(`${at}: ${value}`);
  if (schema.pattern && !new RegExp(schema.pattern).test(value)) found.push(`${at}: ${value}`);
  if (schema.items) value.forEach((item, index) => found.push(...faults(schema.items, item, `${at}[${index}]`)));
  if (schema.properties) {
    for (const name of schema.required ?? []) if (!Object.hasOwn(value, name)) found.push(`${at}.${name}: missing`);
    for (const [name, member] of Object.entries(value)) {
      if (Object.hasOwn(schema.properties, name)) found.push(...faults(schema.properties[name], member, `${at}.${name}`));
      else if (schema.additionalProperties === false) found.push(`${at}.${name}: not in the schema`);
    }
  }
  return found;
}

test('every audit event is as the schema says, and a changed one is not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tvm-audit-'));
  const hash = await hashOf('right');
  writeFileSync(join(folder, 'tvm.yaml'), POLICY);
  writeFileSync(join(folder, 'users.yaml'), `ann: { hash: "${hash}", groups: [members] }\nbob: { hash: "${hash}" }\n`);
  const server = await serveIn(folder);
  const ask = (user, path = '/', options = {}) =>
    fetch(`${server.url}${path}`, { ...options, headers: user ? { authorization: `Basic ${Buffer.from(user).toString('base64')}` } : {} });
  for (const user of ['ann:right', 'ann:right', 'bob:right', 'ann:wrong', undefined]) await ask(user);
  await ask('ann:right', '/?undeclared=1');
  await ask('ann:right', '/nowhere');
  await ask('ann:right', '/', { method: 'DELETE' });
  const events = () => readFileSync(join(folder, 'audit.jsonl'), 'utf8').trimEnd().split('\n').map(line => JSON.parse(line));
  try {
    const outcomes = new Set();
    for (const event of events()) {
      assert.deepEqual(faults(SCHEMA, event), [], JSON.stringify(event));
      outcomes.add(event.outcome);
    }
    assert.deepEqual([...outcomes].sort(), ['malformed-request', 'not-found', 'not-permitted', 'unauthenticated', 'vended']);
    assert.ok(events().some(event => event.reused === true));

    const [event] = events();
    assert.notDeepEqual(faults(SCHEMA, { ...event, authToken: 'x' }), []);
    assert.notDeepEqual(faults(SCHEMA, { ...event, time: 'now' }), []);
    assert.notDeepEqual(faults(SCHEMA, { ...event, outcome: undefined }), []);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
