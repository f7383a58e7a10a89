// The peer: a token vending machine as one writes it in an afternoon with Momento's SDK, a handler that forwards every call.
//
//   MOMENTO_API_KEY=… node benchmarks/node/peer.mjs UPSTREAM [tls]
//
// UPSTREAM is the address of a token service on this machine, in clear text unless it says tls. Prints `ready: URL`.
import { createServer } from 'node:http';
import { AuthClient, CredentialProvider, DisposableTokenScopes, ExpiresIn, GenerateDisposableTokenResponse } from '@gomomento/sdk';
import { endWithStarter } from '../support/processes.mjs';

endWithStarter();
const upstream = process.argv[2];
const momento = new AuthClient({
  credentialProvider: CredentialProvider.fromEnvironmentVariable({
    environmentVariableName: 'MOMENTO_API_KEY',
    endpointOverrides: { cacheEndpoint: upstream, controlEndpoint: upstream, tokenEndpoint: upstream, secureConnection: process.argv[3] === 'tls' },
  }),
});

const server = createServer((request, response) => {
  void vend(new URL(request.url, 'http://localhost').searchParams.get('name') ?? '').then(({ status, body }) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
});

async function vend(name) {
  const answer = await momento.generateDisposableToken(
    DisposableTokenScopes.topicPublishSubscribe('chat', 'room-1'),
    ExpiresIn.hours(1),
    { tokenId: name },
  );
  return answer.type === GenerateDisposableTokenResponse.Success
    ? { status: 200, body: { authToken: answer.authToken, expiresAt: answer.expiresAt.epoch() } }
    : { status: 500, body: { error: answer.errorCode() } };
}

server.listen(0, '127.0.0.1', () => console.log(`ready: http://127.0.0.1:${server.address().port}`));
