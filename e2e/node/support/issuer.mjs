// An OpenID Connect issuer on this machine: oidc-provider, with its own pages for sign-in and consent.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

/**
 * Starts it, with the public client `web` for pages at these paths of 127.0.0.1, at any port (RFC 8252 §7.3). ID tokens
 * are valid for `life` seconds. `requested` has the authorization requests, and `granted` the grant types of tokens.
 */
export async function issuer(paths, life) {
  let answer;
  const server = createServer((request, response) => answer(request, response));
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  const [requested, granted] = [[], []];
  const provider = new Provider(url, {
    clients: [
      {
        client_id: 'web',
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        redirect_uris: paths.map(path => `http://127.0.0.1${path}`),
        grant_types: ['authorization_code', 'refresh_token'],
      },
    ],
    pkce: { required: () => true },
    clientBasedCORS: () => true,
    ttl: { IdToken: life, AccessToken: 600, AuthorizationCode: 60, RefreshToken: 600, Grant: 600, Session: 600, Interaction: 600 },
    cookies: { keys: ['story'] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  });
  provider.on('authorization.accepted', context => requested.push({ ...context.oidc.params }));
  provider.on('grant.success', context => granted.push(context.oidc.params.grant_type));
  answer = provider.callback();
  return {
    url,
    requested,
    granted,
    stop() {
      server.closeAllConnections();
      return new Promise(resolve => server.close(resolve));
    },
  };
}
