/** One permission, parsed from its text form. */
export interface Permission {
  readonly role: string;
  readonly cache: Selector;
  readonly kind: 'items' | 'topics' | 'functions';
  readonly target: Selector;
  /** What the role allows, in words. */
  readonly may: readonly string[];
}

export type Selector =
  | { readonly all: true }
  | { readonly all: false; readonly name: string; readonly prefix: boolean };

const MAY: Readonly<Record<string, readonly string[]>> = {
  ReadWrite: ['get', 'set'],
  ReadOnly: ['get'],
  WriteOnly: ['set'],
  PublishSubscribe: ['publish', 'subscribe'],
  PublishOnly: ['publish'],
  SubscribeOnly: ['subscribe'],
  Invoke: ['invoke'],
};

const FIELD = /([a-z-]+)=("(?:[^"\\]|\\.)*"|\S*)/g;

/** Parses a permission such as `SubscribeOnly cache=chat topic-prefix=room-`. */
export function parsePermission(text: string): Permission {
  const role = text.split(' ', 1)[0] ?? '';
  const fields = new Map<string, Selector>();
  for (const [, word = '', value = ''] of text.matchAll(FIELD)) {
    fields.set(word, selector(word, value));
  }
  const topic = fields.get('topic') ?? fields.get('topic-prefix');
  const callable = fields.get('function') ?? fields.get('function-prefix');
  const item = fields.get('key') ?? fields.get('key-prefix');
  return {
    role,
    cache: fields.get('cache') ?? { all: true },
    kind: topic ? 'topics' : callable ? 'functions' : 'items',
    target: topic ?? callable ?? item ?? { all: true },
    may: MAY[role] ?? [],
  };
}

function selector(word: string, value: string): Selector {
  const quoted = value.startsWith('"');
  const name = quoted ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
  // An unquoted `all` means everything; a cache with the name "all" is quoted.
  return name === 'all' && !quoted && !word.startsWith('key')
    ? { all: true }
    : { all: false, name, prefix: word.endsWith('-prefix') };
}

/** Returns where the token allows an operation, as a sentence: only subscribe to topics that begin with `room-`. */
export function allowed(permissions: readonly string[], call: string): string {
  const places = permissions
    .map(parsePermission)
    .filter(one => one.may.includes(call))
    .map(({ cache, kind, target }) => {
      const one = { items: 'the key', topics: 'the topic', functions: 'the function' }[kind];
      const many = { items: 'keys', topics: 'topics', functions: 'functions' }[kind];
      const what = target.all ? `all ${many}` : target.prefix ? `${many} that begin with ${target.name}` : `${one} ${target.name}`;
      return `${what} in ${cache.all ? 'every cache' : `the cache ${cache.name}`}`;
    });
  return places.length === 0 ? `The token does not allow ${call}.` : `The token allows ${call} only on ${places.join(', and on ')}.`;
}
