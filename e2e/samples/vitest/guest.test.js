import { AuthClient, CacheClient, Configurations, CredentialProvider, ExpiresIn, MomentoErrorCode } from '@gomomento/sdk';
import { startMomentoLocal } from 'tokenvending-momento-local';
import { expect, test } from 'vitest';

const clients = credentialProvider => CacheClient.create({ configuration: Configurations.Laptop.latest(), credentialProvider, defaultTtlSeconds: 60 });

test('a guest reads what the application wrote, and cannot write', async () => {
  const port = Number(process.env.MOMENTO_LOCAL_PORT);
  const credentialProvider = CredentialProvider.forMomentoLocal({ port });
  const application = await clients(credentialProvider);
  await application.set('default-cache', 'key', 'value');

  const permissions = [{ role: 'readonly', cache: 'default-cache' }];
  const { authToken } = await new AuthClient({ credentialProvider }).generateDisposableToken({ permissions }, ExpiresIn.minutes(1));
  const at = `127.0.0.1:${port}`;
  const endpointOverrides = { cacheEndpoint: at, controlEndpoint: at, tokenEndpoint: at, secureConnection: false };
  const guest = await clients(CredentialProvider.fromDisposableToken({ apiKey: authToken, endpointOverrides }));
  expect((await guest.get('default-cache', 'key')).value()).toBe('value');
  expect((await guest.set('default-cache', 'key', 'x')).errorCode()).toBe(MomentoErrorCode.PERMISSION_ERROR);
  application.close();
  guest.close();
});

test('a momento-local of its own runs with an installed Java, and its clock can be set', async () => {
  const momento = await startMomentoLocal({ java: process.env.JAVA, caches: ['chat'], keyless: false });
  const get = () => fetch(`${momento.url}/cache/chat?key=a`, { headers: { authorization: momento.apiKey } });
  await momento.seed({ caches: { chat: [{ key: 'a', value: 'text' }] } });
  expect(await (await get()).text()).toBe('text');
  await momento.advance(24 * 60 * 60 * 1000);
  expect((await get()).status).toBe(404);
  await expect(momento.seed({})).rejects.toThrow('caches is missing');
  await momento.reset();
  expect((await fetch(`${momento.url}/cache/chat?key=a`)).status).toBe(401);
  await momento.stop();
  await expect(fetch(momento.url)).rejects.toThrow();
});
