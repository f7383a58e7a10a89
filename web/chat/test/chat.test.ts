import { describe, expect, test } from 'vitest';
import { rightsIn } from '../src/rights';
import { read } from '../src/session';
import { fromVariables, topicOf } from '../src/settings';

describe('rights', () => {
  test.each<[string, boolean, boolean]>([
    ['PublishSubscribe cache=chat topic=room-1', true, true],
    ['SubscribeOnly cache=chat topic=room-1', false, true],
    ['PublishOnly cache=chat topic=room-1', true, false],
    ['PublishSubscribe cache=all topic=all', true, true],
    ['PublishSubscribe cache=chat topic-prefix=room-', true, true],
    ['PublishSubscribe cache=chat topic-prefix=hall-', false, false],
    ['PublishSubscribe cache=other topic=room-1', false, false],
    ['PublishSubscribe cache=chat topic=room-12', false, false],
    ['PublishSubscribe cache=chat topic="room-1"', true, true],
    ['ReadWrite cache=chat', false, false],
  ])('%s', (permission, publish, subscribe) => {
    expect(rightsIn([permission], 'chat', 'room-1')).toEqual({ publish, subscribe });
  });

  test('a topic that is really called "all" is not every topic', () => {
    expect(rightsIn(['PublishSubscribe cache=chat topic="all"'], 'chat', 'room-1').publish).toBe(false);
    expect(rightsIn(['PublishSubscribe cache=chat topic="all"'], 'chat', 'all').publish).toBe(true);
  });

  test('a quoted name may hold quotes', () => {
    expect(rightsIn([String.raw`SubscribeOnly cache=chat topic="a \"b\" \\ c"`], 'chat', String.raw`a "b" \ c`).subscribe).toBe(true);
  });
});

describe('messages', () => {
  test('of this chat', () => {
    const body = { kind: 'joined', name: 'ann', text: '' };
    expect(read(JSON.stringify(body))).toEqual(body);
  });

  test.each(['hello', '{"a":1}', 'null', '[1]', '42'])('of another program are shown as they are: %s', text => {
    expect(read(text)).toEqual({ kind: 'message', name: 'unknown', text });
  });

  test('in bytes', () => {
    expect(read(new TextEncoder().encode('grüß'))).toMatchObject({ text: 'grüß' });
  });

  test('with an unknown kind are messages', () => {
    expect(read('{"kind":"<b>","name":7,"text":"x"}')).toEqual({ kind: 'message', name: 'unknown', text: 'x' });
  });
});

describe('settings', () => {
  const page = 'https://chat.example.com/chat/';

  test('without variables are those of the built-in file', () => {
    expect(fromVariables({}, page)).toMatchObject({
      url: 'https://chat.example.com/',
      authenticationMethods: [{ kind: 'open' }],
      cache: 'default-cache',
    });
  });

  test('from variables', () => {
    const settings = fromVariables(
      { VITE_TVM_URL: 'https://tvm.example.com/', VITE_AUTH: 'cognito, oidc', VITE_COGNITO_CLIENT_ID: 'c', VITE_TOPIC_PREFIX: 'room-' },
      page,
    );
    expect(settings.url).toBe('https://tvm.example.com/');
    expect(settings.authenticationMethods).toEqual([
      { kind: 'cognito', clientId: 'c', endpoint: 'https://cognito-idp.us-west-2.amazonaws.com/' },
      { kind: 'oidc' },
    ]);
    expect(topicOf(settings.topic, 'a')).toBe('room-a');
  });

  test('with an unknown authentication method are rejected', () => {
    expect(() => fromVariables({ VITE_AUTH: 'kerberos' }, page)).toThrow('kerberos');
  });
});
