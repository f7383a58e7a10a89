import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cognito, password, RefusedError, UnavailableError } from '../src/index.js';

interface Asked {
  AuthFlow: string;
  ClientId: string;
  AuthParameters: Record<string, string>;
}
let asked: { url: string; init: RequestInit; body: Asked }[];
let answers: { status: number; body: unknown }[];

const signedIn = (id: string, refresh?: string) => ({
  status: 200,
  body: { AuthenticationResult: { IdToken: id, RefreshToken: refresh, ExpiresIn: 3600 } },
});
const refused = (type: string) => ({ status: 400, body: { __type: type, message: 'text from elsewhere' } });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout'] });
  asked = [];
  answers = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    asked.push({ url, init, body: JSON.parse(String(init.body)) as Asked });
    const { status, body } = answers.shift()!;
    return new Response(JSON.stringify(body), { status });
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const signIn = () => cognito({ clientId: 'client', region: 'us-west-2', user: 'ann', password: 'secret' });

test('signs in with the password, and asks no more while the ID token is good', async () => {
  answers.push(signedIn('id-1', 'refresh-1'));
  const credentials = signIn();
  expect(await credentials.authorization()).toBe('Bearer id-1');
  vi.advanceTimersByTime(3_500_000);
  expect(await credentials.authorization()).toBe('Bearer id-1');
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({
    url: 'https://cognito-idp.us-west-2.amazonaws.com/',
    body: {
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: 'client',
      AuthParameters: { USERNAME: 'ann', PASSWORD: 'secret' },
    },
  });
});

test('goes on with the refresh token before the ID token ends', async () => {
  answers.push(signedIn('id-1', 'refresh-1'), signedIn('id-2'), signedIn('id-3'));
  const credentials = signIn();
  await credentials.authorization();
  vi.advanceTimersByTime(3_545_000);
  expect(await credentials.authorization()).toBe('Bearer id-2');
  vi.advanceTimersByTime(3_545_000);
  expect(await credentials.authorization()).toBe('Bearer id-3');
  for (const { body } of asked.slice(1)) {
    expect(body).toMatchObject({ AuthFlow: 'REFRESH_TOKEN_AUTH', AuthParameters: { REFRESH_TOKEN: 'refresh-1' } });
  }
});

test('signs in anew when the refresh token is over', async () => {
  answers.push(signedIn('id-1', 'refresh-1'), refused('NotAuthorizedException'), signedIn('id-2', 'refresh-2'));
  const credentials = signIn();
  await credentials.authorization();
  vi.advanceTimersByTime(3_600_000);
  expect(await credentials.authorization()).toBe('Bearer id-2');
});

test('a wrong password is refused once, in words of ours', async () => {
  answers.push(refused('com.amazonaws#NotAuthorizedException'));
  const error = await signIn().authorization().catch((error: unknown) => error);
  expect(error).toBeInstanceOf(RefusedError);
  expect(error).toMatchObject({ status: 401, detail: 'The user name or the password is wrong.' });
  expect(asked).toHaveLength(1);
});

test('a challenge that nobody answers is refused', async () => {
  answers.push({ status: 200, body: { ChallengeName: 'NEW_PASSWORD_REQUIRED' } });
  await expect(signIn().authorization()).rejects.toThrow('NEW_PASSWORD_REQUIRED');
});

test.each([
  { status: 503, body: {} },
  { status: 400, body: { __type: 'TooManyRequestsException' } },
])('an overloaded Cognito is a passing fault: $status', async answer => {
  answers.push(answer);
  await expect(signIn().authorization()).rejects.toBeInstanceOf(UnavailableError);
});

test('the endpoint can be another one', async () => {
  answers.push(signedIn('id-1'));
  await cognito({ clientId: 'c', endpoint: 'http://127.0.0.1:9229/', user: 'ann', password: 's' }).authorization();
  expect(asked[0]!.url).toBe('http://127.0.0.1:9229/');
});

test('a user name with a colon is refused: it would name another user', () => {
  expect(() => password('ann:x', 'y')).toThrow(TypeError);
});
