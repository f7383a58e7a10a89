// cognito-local, an emulator of Cognito, with a user pool, two groups and two users.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../node_modules/.bin/cognito-local', import.meta.url));
/** The password of every user. */
export const PASSWORD = 'Correct-Horse-7';

/** Starts it, with the users ann (ReadWriteUserGroup) and bob (ReadOnlyUserGroup). */
export async function cognito() {
  const folder = await mkdtemp(join(tmpdir(), 'tvm-cognito-'));
  await mkdir(join(folder, '.cognito'));
  // Otherwise every user name must be an e-mail address.
  await writeFile(join(folder, '.cognito/config.json'), '{"UserPoolDefaults":{"UsernameAttributes":[]}}');
  // It writes its configured port into tokens, so that must be the real one.
  const child = spawn(process.execPath, [PROGRAM], { cwd: folder, env: { ...process.env, HOST: '127.0.0.1', PORT: String(await freePort()) } });
  const address = await listening(child);
  const call = (action, body) => ask(address, action, body);

  const { UserPool: { Id: pool } } = await call('CreateUserPool', { PoolName: 'chat' });
  const { UserPoolClient: { ClientId: client } } = await call('CreateUserPoolClient', { UserPoolId: pool, ClientName: 'web' });
  for (const [user, group] of [['ann', 'ReadWriteUserGroup'], ['bob', 'ReadOnlyUserGroup']]) {
    await call('CreateGroup', { UserPoolId: pool, GroupName: group });
    await call('AdminCreateUser', { UserPoolId: pool, Username: user, MessageAction: 'SUPPRESS', TemporaryPassword: 'Temp-0-x' });
    await call('AdminSetUserPassword', { UserPoolId: pool, Username: user, Permanent: true, Password: PASSWORD });
    await call('AdminAddUserToGroup', { UserPoolId: pool, Username: user, GroupName: group });
  }
  return {
    pool,
    client,
    /** The endpoint of InitiateAuth. */
    endpoint: `${address}/`,
    issuer: `${address}/${pool}`,
    keys: `${address}/${pool}/.well-known/jwks.json`,
    /** Signs a user in with their password: { IdToken, AccessToken, RefreshToken }. */
    async signIn(user) {
      const answer = await call('InitiateAuth', {
        AuthFlow: 'USER_PASSWORD_AUTH',
        ClientId: client,
        AuthParameters: { USERNAME: user, PASSWORD },
      });
      return answer.AuthenticationResult;
    },
    async stop() {
      const ended = new Promise(resolve => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function listening(child) {
  return new Promise((resolve, reject) => {
    let text = '';
    const read = chunk => {
      text += chunk;
      const found = /running on (http:\/\/127\.0\.0\.1:\d+)/.exec(text);
      if (found) resolve(found[1]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', code => reject(new Error(`cognito-local ended with ${code}:\n${text}`)));
  });
}

async function ask(address, action, body) {
  const response = await fetch(address, {
    method: 'POST',
    headers: {
      'x-amz-target': `AWSCognitoIdentityProviderService.${action}`,
      'content-type': 'application/x-amz-json-1.1',
      authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/local/cognito-idp/aws4_request',
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  assert.equal(response.status, 200, `${action}: ${text}`);
  return text === '' ? {} : JSON.parse(text);
}
