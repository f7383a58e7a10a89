/** The permissions of a token on topics, parsed from their text form. */
import type { Settings } from './settings';

/** What a token allows on one topic. */
export interface Rights {
  readonly publish: boolean;
  readonly subscribe: boolean;
}

/** The topic of a room. */
export interface Place {
  readonly cache: string;
  readonly topic: string;
  /** The name to show. */
  readonly room: string;
}

type Selector =
  | { readonly kind: 'all' }
  | { readonly kind: 'exact'; readonly name: string }
  | { readonly kind: 'prefix'; readonly name: string };

interface Permission {
  readonly role: string;
  readonly cache: Selector;
  readonly topic: Selector | undefined;
  readonly item: Selector;
}

const FIELD = / ([a-z-]+)=("(?:[^"\\]|\\.)*"|[^ ]+)/g;

function parse(text: string): Permission {
  const fields = new Map([...text.matchAll(FIELD)].map(([, name, value]) => [name!, value!]));
  const selector = (field: string): Selector | undefined => {
    const exact = fields.get(field);
    const prefix = fields.get(`${field}-prefix`);
    if (exact !== undefined) {
      // A key named "all" is one key.
      return exact === 'all' && field !== 'key' ? { kind: 'all' } : { kind: 'exact', name: unquoted(exact) };
    }
    return prefix === undefined ? undefined : { kind: 'prefix', name: unquoted(prefix) };
  };
  return {
    role: text.split(' ', 1)[0]!,
    cache: selector('cache') ?? { kind: 'all' },
    topic: selector('topic'),
    item: selector('key') ?? { kind: 'all' },
  };
}

function unquoted(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
}

function covers(selector: Selector, name: string): boolean {
  return selector.kind === 'all' || (selector.kind === 'exact' ? selector.name === name : name.startsWith(selector.name));
}

export function rightsIn(permissions: readonly string[], cache: string, topic: string): Rights {
  const roles = permissions
    .map(parse)
    .filter(one => one.topic !== undefined && covers(one.cache, cache) && covers(one.topic, topic))
    .map(({ role }) => role);
  return {
    publish: roles.some(role => role === 'PublishSubscribe' || role === 'PublishOnly'),
    subscribe: roles.some(role => role === 'PublishSubscribe' || role === 'SubscribeOnly'),
  };
}

/** What a token allows on one key of a cache. */
export function keyRights(permissions: readonly string[], cache: string, key: string): { read: boolean; write: boolean } {
  const roles = permissions
    .map(parse)
    .filter(one => one.topic === undefined && covers(one.cache, cache) && covers(one.item, key))
    .map(({ role }) => role);
  return {
    read: roles.some(role => role === 'ReadWrite' || role === 'ReadOnly'),
    write: roles.includes('ReadWrite'),
  };
}

/**
 * Returns the topic of a room, among those that the token allows: named as the settings do if possible, so that callers
 * of different rules meet in it. Undefined if the token allows none.
 */
export function placeOf(permissions: readonly string[], { cache, topic }: Pick<Settings, 'cache' | 'topic'>, room: string): Place | undefined {
  const prefixed = (prefix: string) => (room.startsWith(prefix) ? room : prefix + room);
  const usual = topic !== null && 'prefix' in topic ? prefixed(topic.prefix) : room;
  const candidates: Place[] = [{ cache, topic: usual, room }];
  const named: Place[] = [];
  for (const permission of permissions.map(parse)) {
    const place = { cache: permission.cache.kind === 'exact' ? permission.cache.name : cache, room };
    switch (permission.topic?.kind) {
      case 'prefix':
        candidates.push({ ...place, topic: prefixed(permission.topic.name) });
        break;
      case 'exact': {
        const { name } = permission.topic;
        named.push({ ...place, topic: name, room: name });
        if (isEnd(name, room)) {
          candidates.push({ ...place, topic: name });
        }
        break;
      }
      case 'all':
        candidates.push({ ...place, topic: usual });
        break;
      case undefined:
        break;
    }
  }
  if (new Set(named.map(one => one.topic)).size === 1) {
    candidates.push(named[0]!);
  }
  const rights = candidates.map(one => rightsIn(permissions, one.cache, one.topic));
  const readable = rights.findIndex(({ subscribe }) => subscribe);
  return candidates[readable >= 0 ? readable : rights.findIndex(({ publish }) => publish)];
}

/** Whether a topic such as `room-kitchen` is that of the room `kitchen`. */
function isEnd(topic: string, room: string): boolean {
  return topic.endsWith(room) && !/[\p{L}\p{N}]$/u.test(topic.slice(0, topic.length - room.length));
}

/** Returns the topics that the token allows, in words. */
export function topicsIn(permissions: readonly string[]): string[] {
  return permissions.map(parse).flatMap(({ topic }) => {
    switch (topic?.kind) {
      case 'exact':
        return [topic.name];
      case 'prefix':
        return [`${topic.name}…`];
      default:
        return [];
    }
  });
}
