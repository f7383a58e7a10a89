// An OpenID Connect issuer on this machine: a key set over HTTP, and JWTs of any claims.
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { promisify } from 'node:util';

const signAsync = promisify(sign);
const part = value => Buffer.from(JSON.stringify(value)).toString('base64url');
const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 });

/**
 * Starts the issuer. `name` is its `iss` claim, by default its address; `keys` is the address of its key set. `sign` returns
 * a JWT with the claims, RS256 as Cognito does, valid for an hour by default; `forged` signs with another key. All JWTs differ.
 */
export async function startIssuer(name) {
  const kid = randomUUID();
  const own = rsa();
  let other;
  const keySet = JSON.stringify({ keys: [{ ...own.publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }] });
  const server = createServer((_, response) => response.setHeader('content-type', 'application/json').end(keySet));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${server.address().port}`;
  const iss = name ?? address;
  let issued = 0;
  return {
    name: iss,
    keys: `${address}/keys`,
    async sign(claims, { forged = false } = {}) {
      const iat = Math.floor(Date.now() / 1000);
      const head = part({ alg: 'RS256', kid, typ: 'JWT' });
      const signed = `${head}.${part({ iss, iat, exp: iat + 3600, jti: String(issued++), ...claims })}`;
      const key = forged ? (other ??= rsa()) : own;
      return `${signed}.${(await signAsync('sha256', Buffer.from(signed), key.privateKey)).toString('base64url')}`;
    },
    /** Signs JWTs of these subjects in advance, on all cores, valid for four hours. */
    tokens(aud, subjects) {
      const exp = Math.floor(Date.now() / 1000) + 4 * 3600;
      return Promise.all(subjects.map(sub => this.sign({ aud, sub, exp })));
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
