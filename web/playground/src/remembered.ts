import type { Caller, Wish } from './machine';

/** The values of the last request, kept in the address of the page. It has no secret. */
export interface Remembered {
  readonly kind: string | null;
  /** The value of a field of the form, if there is one. */
  value(field: string): string | undefined;
}

/** The fields of callers that are no secret. */
const FIELDS = ['user', 'subject', 'groups', 'claims'] as const;

export function remember(caller: Caller | { readonly kind: 'signed-in' }, wish: Wish): void {
  const query = new URLSearchParams({ as: caller.kind });
  for (const field of FIELDS) {
    if (field in caller) {
      query.set(field, (caller as unknown as Record<string, string>)[field]!);
    }
  }
  for (const [name, value] of Object.entries(wish.parameters)) {
    query.set(`parameter ${name}`, value);
  }
  if (wish.ttl !== '') {
    query.set('ttl', wish.ttl);
  }
  if (wish.permissions.length > 0) {
    query.set('permissions', wish.permissions.join('\n'));
  }
  history.replaceState(null, '', `?${query}`);
}

export function recall(address: string): Remembered {
  const query = new URLSearchParams(address);
  return { kind: query.get('as'), value: field => query.get(field) ?? undefined };
}
