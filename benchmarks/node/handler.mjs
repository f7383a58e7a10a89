// The peer as a Lambda function: a simple handler with Momento's SDK and AWS's.
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AuthClient, CredentialProvider, DisposableTokenScopes, ExpiresIn, GenerateDisposableTokenResponse } from '@gomomento/sdk';

const secrets = new SecretsManagerClient({});
let momento;

async function connect() {
  const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: process.env.MOMENTO_API_KEY_SECRET }));
  const upstream = process.env.TOKEN_SERVICE;
  return new AuthClient({
    credentialProvider: CredentialProvider.fromString({
      apiKey: SecretString,
      endpointOverrides: { cacheEndpoint: upstream, controlEndpoint: upstream, tokenEndpoint: upstream, secureConnection: true },
    }),
  });
}

export async function handler(event) {
  momento ??= await connect();
  const answer = await momento.generateDisposableToken(
    DisposableTokenScopes.topicPublishSubscribe('chat', 'room-1'),
    ExpiresIn.hours(1),
    { tokenId: event.queryStringParameters?.name ?? '' },
  );
  return answer.type === GenerateDisposableTokenResponse.Success
    ? { statusCode: 200, body: JSON.stringify({ authToken: answer.authToken, expiresAt: answer.expiresAt.epoch() }) }
    : { statusCode: 500, body: JSON.stringify({ error: answer.errorCode() }) };
}
