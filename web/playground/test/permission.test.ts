import { expect, test } from 'vitest';
import { parsePermission } from '../src/permission';

const exact = (name: string) => ({ all: false, name, prefix: false });
const prefix = (name: string) => ({ all: false, name, prefix: true });

test('a permission without a target is for all items', () => {
  expect(parsePermission('ReadWrite cache=chat')).toEqual({
    role: 'ReadWrite',
    cache: exact('chat'),
    kind: 'items',
    target: { all: true },
    may: ['get', 'set'],
  });
});

test('every kind of target is told apart', () => {
  expect(parsePermission('ReadOnly cache=chat key=a').target).toEqual(exact('a'));
  expect(parsePermission('ReadOnly cache=chat key-prefix=a-').target).toEqual(prefix('a-'));
  expect(parsePermission('SubscribeOnly cache=all topic=all')).toMatchObject({
    cache: { all: true },
    kind: 'topics',
    target: { all: true },
  });
  expect(parsePermission('PublishOnly cache=chat topic-prefix=room-').target).toEqual(prefix('room-'));
  expect(parsePermission('Invoke cache=chat function=f')).toMatchObject({ kind: 'functions', target: exact('f') });
});

test('a name in quotes is a name, whatever it says', () => {
  expect(parsePermission('ReadOnly cache="all"').cache).toEqual(exact('all'));
  expect(parsePermission('PublishOnly cache="my \\"chat\\" \\\\" topic="a=b c"')).toMatchObject({
    cache: exact('my "chat" \\'),
    target: exact('a=b c'),
  });
});

test('a key that is called all is one key', () => {
  expect(parsePermission('ReadOnly cache=chat key=all').target).toEqual(exact('all'));
});
