// A real sign-in at a Cognito that we did not write: its tokens are believed, and its groups decide.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cognito } from '../../support/cognito.mjs';
import { serve } from '../../support/process.mjs';

let users;
let server;

before(async () => {
  users = await cognito();
  server = await serve(`
authentication:
  - cognito:
      region: us-west-2
      user-pool-id: ${users.pool}
      client-id: "${users.client}"
      issuer: ${users.issuer}
      jwks-uri: ${users.keys}
rules:
  - id: writers
    when: { groups: [ReadWriteUserGroup] }
    permissions:
      - { role: PublishSubscribe, cache: default-cache, topic: all }
  - id: readers
    when: { groups: [ReadOnlyUserGroup] }
    permissions:
      - { role: SubscribeOnly, cache: default-cache, topic: all }
`);
});

after(async () => {
  await server?.stop();
  await users?.stop();
});

/** The status and the body of the answer to somebody who shows this JWT, and perhaps other headers. */
async function ask(jwt, headers = {}) {
  const response = await fetch(server.url, {
    headers: { ...headers, ...(jwt === undefined ? {} : { authorization: `Bearer ${jwt}` }) },
    signal: AbortSignal.timeout(30_000),
  });
  return { status: response.status, challenge: response.headers.get('www-authenticate'), body: await response.json() };
}

test('groups decide, for the ID token and the access token of one sign-in', async () => {
  for (const [user, role] of [['ann', 'PublishSubscribe'], ['bob', 'SubscribeOnly']]) {
    const { IdToken, AccessToken } = await users.signIn(user);
    const answers = [await ask(IdToken), await ask(AccessToken)];
    for (const { status, body } of answers) {
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual(body.permissions, [`${role} cache=default-cache topic=all`]);
    }
    assert.equal(answers[0].body.tokenId, answers[1].body.tokenId, 'both name the same user');
  }
});

test('a group in a header of the caller’s own grants nothing', async () => {
  const { IdToken } = await users.signIn('bob');
  const { body } = await ask(IdToken, { usergroup: 'ReadWriteUserGroup', cachename: 'other' });
  assert.deepEqual(body.permissions, ['SubscribeOnly cache=default-cache topic=all']);
});

test('a refresh token, a changed token and no token are 401 with a challenge', async () => {
  const { IdToken, RefreshToken } = await users.signIn('ann');
  const signature = IdToken.lastIndexOf('.') + 1;
  const other = IdToken[signature] === 'A' ? 'B' : 'A';
  const changed = IdToken.slice(0, signature) + other + IdToken.slice(signature + 1);
  for (const jwt of [RefreshToken, changed, undefined]) {
    const { status, challenge, body } = await ask(jwt);
    assert.equal(status, 401, JSON.stringify(body));
    assert.match(challenge, /^Bearer/);
  }
});
