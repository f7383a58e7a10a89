// An OpenID Connect issuer on this machine: a key set over HTTP, and JWTs of any subject.
import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { promisify } from 'node:util';

const signAsync = promisify(sign);
const LIFE_SECONDS = 4 * 3600;

/**
 * Starts the issuer. `tokens(subjects)` signs distinct JWTs in advance, with RS256 as Cognito does, on all cores.
 */
export async function startIssuer(audience) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keys = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'bench', use: 'sig', alg: 'RS256' }] });
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(keys);
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const name = `http://127.0.0.1:${server.address().port}`;
  const part = value => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = part({ alg: 'RS256', kid: 'bench', typ: 'JWT' });
  let issued = 0;
  return {
    name,
    jwksUri: `${name}/keys`,
    tokens(subjects) {
      const now = Math.floor(Date.now() / 1000);
      return Promise.all(
        subjects.map(async sub => {
          const body = `${head}.${part({ iss: name, aud: audience, sub, iat: now, exp: now + LIFE_SECONDS, jti: String(issued++) })}`;
          return `${body}.${(await signAsync('sha256', Buffer.from(body), privateKey)).toString('base64url')}`;
        }),
      );
    },
    stop() {
      server.closeAllConnections();
      return new Promise(resolve => server.close(resolve));
    },
  };
}
