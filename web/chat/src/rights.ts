/** The permissions of a token on one topic, parsed from their text form. */
export interface Rights {
  readonly publish: boolean;
  readonly subscribe: boolean;
}

const FIELD = / ([a-z-]+)=("(?:[^"\\]|\\.)*"|[^ ]+)/g;

export function rightsIn(permissions: readonly string[], cache: string, topic: string): Rights {
  let publish = false;
  let subscribe = false;
  for (const permission of permissions) {
    const role = permission.split(' ', 1)[0];
    const fields = new Map([...permission.matchAll(FIELD)].map(([, name, value]) => [name!, value!]));
    if (covers(fields, 'cache', cache) && covers(fields, 'topic', topic)) {
      publish ||= role === 'PublishSubscribe' || role === 'PublishOnly';
      subscribe ||= role === 'PublishSubscribe' || role === 'SubscribeOnly';
    }
  }
  return { publish, subscribe };
}

function covers(fields: ReadonlyMap<string, string>, field: string, name: string): boolean {
  const exact = fields.get(field);
  const prefix = fields.get(`${field}-prefix`);
  return (
    exact === 'all' || (exact !== undefined && text(exact) === name) || (prefix !== undefined && name.startsWith(text(prefix)))
  );
}

function text(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
}
