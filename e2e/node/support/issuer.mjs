// An identity provider's key set, and JWTs that it signs.
import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

/** `keys` is the address of its key set; sign() returns a JWT with the claims, valid for an hour by default. */
export async function issuer(iss) {
  const kid = randomUUID();
  const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keySet = JSON.stringify({ keys: [{ ...own.publicKey.export({ format: 'jwk' }), kid, use: 'sig' }] });
  const server = createServer((_, response) => response.setHeader('content-type', 'application/json').end(keySet));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    keys: `http://127.0.0.1:${server.address().port}/keys`,
    sign(claims, { forged = false } = {}) {
      const now = Math.floor(Date.now() / 1000);
      const part = value => Buffer.from(JSON.stringify(value)).toString('base64url');
      const signed = `${part({ alg: 'RS256', kid, typ: 'JWT' })}.${part({ iss, iat: now, exp: now + 3600, ...claims })}`;
      return `${signed}.${createSign('sha256').update(signed).sign((forged ? other : own).privateKey, 'base64url')}`;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
