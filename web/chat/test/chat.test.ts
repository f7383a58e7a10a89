import { describe, expect, test } from 'vitest';
import { parseHistory } from '../src/history';
import { invisibleIn } from '../src/names';
import { keyRights, placeOf, rightsIn } from '../src/rights';
import { read } from '../src/session';
import { fromVariables } from '../src/settings';
import type { TopicForm } from '../src/settings';

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

describe('the topic of a room', () => {
  const settings = (topic: TopicForm | null) => ({ cache: 'default-cache', topic });
  test.each<[string, string[], TopicForm | null, string, string | undefined]>([
    ['is in the cache that the token allows', ['PublishSubscribe cache=chat topic=all'], { prefix: 'room-' }, 'one', 'chat/room-one'],
    ['is what the settings say', ['PublishSubscribe cache=all topic=all'], { prefix: 'room-' }, 'one', 'default-cache/room-one'],
    ['has the prefix that the token allows', ['SubscribeOnly cache=chat topic-prefix=room-'], { prefix: 'hall-' }, 'one', 'chat/room-one'],
    ['has no prefix twice', ['SubscribeOnly cache=chat topic-prefix=room-'], null, 'room-one', 'chat/room-one'],
    ['is the one that ends like it', ['SubscribeOnly cache=chat topic=a', 'SubscribeOnly cache=chat topic=hall/one'], null, 'one', 'chat/hall/one'],
    ['is not one that ends in the middle of a word', ['SubscribeOnly cache=chat topic=alone', 'SubscribeOnly cache=chat topic=b'], null, 'one', undefined],
    ['is the only one that the token allows', ['SubscribeOnly cache=chat topic=news'], { name: 'lobby' }, 'one', 'chat/news'],
    ['is the first that can be read', ['PublishOnly cache=chat topic-prefix=in-', 'SubscribeOnly cache=chat topic-prefix=out-'], null, 'one', 'chat/out-one'],
    ['is none without a permission on topics', ['ReadWrite cache=chat'], null, 'one', undefined],
  ])('%s', (_, permissions, form, room, expected) => {
    const place = placeOf(permissions, settings(form), room);
    expect(place && `${place.cache}/${place.topic}`).toBe(expected);
  });

  test('a key is not a topic', () => {
    const permissions = ['ReadWrite cache=chat key-prefix=history-', 'ReadOnly cache=news', 'PublishSubscribe cache=other topic=all'];
    expect(keyRights(permissions, 'chat', 'history-one')).toEqual({ read: true, write: true });
    expect(keyRights(permissions, 'chat', 'other')).toEqual({ read: false, write: false });
    expect(keyRights(permissions, 'news', 'history-one')).toEqual({ read: true, write: false });
    expect(keyRights(permissions, 'other', 'history-one')).toEqual({ read: false, write: false });
  });
});

describe('names', () => {
  test('with joiners are left to the server, and with other invisible characters not sent', () => {
    expect(['Ann', 'می\u200cخواهم', '👨\u200d👩\u200d👧', 'क्\u200dष', '❤\ufe0f'].filter(invisibleIn)).toEqual([]);
    const invisible = ['a\u200bb', '\u202eAnn', 'a\tb', 'a\u2028b', '\ufeffAnn'];
    expect(invisible.filter(invisibleIn)).toEqual(invisible);
  });
});

describe('a history', () => {
  test('that anybody wrote is read as far as it is one', () => {
    const good = { id: '1', name: 'Ann', text: 'x', at: 1 };
    expect(parseHistory(JSON.stringify([good, null, 'x', { ...good, at: 'now' }, { ...good, text: 1 }]))).toEqual([good]);
    expect(parseHistory('{}')).toEqual([]);
    expect(parseHistory('no JSON')).toEqual([]);
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
    expect(settings.topic).toEqual({ prefix: 'room-' });
  });

  test('with an unknown authentication method are rejected', () => {
    expect(() => fromVariables({ VITE_AUTH: 'kerberos' }, page)).toThrow('kerberos');
  });
});
