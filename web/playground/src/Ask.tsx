import { useState } from 'react';
import type { FormEvent } from 'react';
import type { Caller, Settings, Wish } from './machine';
import { hostOf } from '../../sign-in/return';
import type { OidcClient, SignedIn } from '../../sign-in/return';
import { recall } from './remembered';
import type { Remembered } from './remembered';

interface Way {
  readonly kind: Caller['kind'];
  readonly label: string;
}

/** The first issuer at which this page can sign a user in. */
function clientOf(settings: Settings): OidcClient | undefined {
  for (const method of settings.authenticationMethods) {
    if (method.kind === 'oidc' && method.clientId !== undefined) {
      return { issuer: method.issuer, clientId: method.clientId };
    }
  }
  return undefined;
}

function ways(settings: Settings): Way[] {
  const has = (kind: string) => settings.authenticationMethods.some(way => way.kind === kind);
  return [
    { kind: 'nobody', label: 'Anonymous' },
    ...(has('password') ? [{ kind: 'password', label: 'Password' } as const] : []),
    ...(has('cognito') ? [{ kind: 'cognito', label: 'Cognito' } as const] : []),
    ...(clientOf(settings) ? [{ kind: 'signed-in', label: 'Sign in' } as const] : []),
    ...(has('oidc') || has('cognito') ? [{ kind: 'jwt', label: 'JWT' } as const] : []),
    ...(settings.local ? [{ kind: 'simulated', label: 'Simulate' } as const] : []),
  ];
}

/** Returns the kind of the last request, an anonymous caller if the file accepts one, or the first authentication method. */
function first(settings: Settings, all: readonly Way[], last: string | null): Caller['kind'] {
  const before = all.find(way => way.kind === last);
  if (before !== undefined) {
    return before.kind;
  }
  const open = settings.authenticationMethods.some(way => way.kind === 'open');
  return open ? 'nobody' : (all[1]?.kind ?? 'nobody');
}

/** The form for the caller and the request. */
export function Ask({
  settings,
  busy,
  user,
  onAsk,
  onSignIn,
  onSignOut,
}: {
  settings: Settings;
  busy: boolean;
  user: SignedIn | undefined;
  onAsk: (caller: Caller, wish: Wish) => Promise<void>;
  onSignIn: (client: OidcClient, wish: Wish) => Promise<void>;
  onSignOut: () => void;
}) {
  const client = clientOf(settings);
  const all = ways(settings);
  const [last] = useState(() => recall(location.search));
  const [kind, setKind] = useState<Caller['kind']>(first(settings, all, last.kind));

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '');
    const parameters: Record<string, string> = {};
    for (const { name } of settings.parameters) {
      const value = text(`parameter ${name}`);
      if (value !== '') {
        parameters[name] = value;
      }
    }
    if (busy) {
      return;
    }
    const permissions = text('permissions')
      .split('\n')
      .map(line => line.trim())
      .filter(line => line !== '');
    const wish = { parameters, ttl: text('ttl').trim(), permissions };
    if (kind !== 'signed-in') {
      void onAsk(caller(kind, settings, text), wish);
    } else if (user !== undefined) {
      void onAsk({ kind, session: user }, wish);
    } else {
      void onSignIn(client!, wish);
    }
  }

  return (
    <form className="card ask part-request" onSubmit={submit} aria-labelledby="ask">
      <h2 id="ask">Request a token</h2>
      <fieldset className="choice">
        <legend>As</legend>
        <div>
          {all.map(way => (
            <label key={way.kind}>
              <input type="radio" name="kind" checked={kind === way.kind} onChange={() => setKind(way.kind)} />
              <span>{way.label}</span>
            </label>
          ))}
        </div>
      </fieldset>
      {kind === 'signed-in' ? (
        <Session issuer={client!.issuer} user={user} onSignOut={onSignOut} />
      ) : (
        <Credential key={kind} kind={kind} last={last} example={settings.exampleCaller} />
      )}
      {settings.parameters.map(parameter => (
        <label className="field" key={parameter.name}>
          <span>
            {parameter.name} {!parameter.required && <small>optional</small>}
          </span>
          <input
            name={`parameter ${parameter.name}`}
            maxLength={parameter.maxLength}
            required={parameter.required}
            autoComplete="off"
            defaultValue={last.value(`parameter ${parameter.name}`) ?? (parameter.name === 'name' ? 'Taylor' : '')}
          />
        </label>
      ))}
      <details open={last.value('ttl') !== undefined || last.value('permissions') !== undefined}>
        <summary>Request less</summary>
        <label className="field">
          <span>
            A shorter lifetime <small>such as 90s, 15m</small>
          </span>
          <input name="ttl" autoComplete="off" defaultValue={last.value('ttl')} />
        </label>
        <label className="field">
          <span>
            Fewer permissions <small>one a line</small>
          </span>
          <textarea
            name="permissions"
            rows={3}
            spellCheck={false}
            defaultValue={last.value('permissions')}
            placeholder={`SubscribeOnly cache=${settings.cache} topic=news`}
          />
        </label>
      </details>
      {/* Not disabled while it works, which would take the focus away. */}
      <button className="main" aria-disabled={busy || undefined}>
        {kind === 'simulated' ? 'Explain' : kind === 'signed-in' && user === undefined ? 'Sign in' : 'Vend'}
      </button>
    </form>
  );
}

function Session({ issuer, user, onSignOut }: { issuer: string; user: SignedIn | undefined; onSignOut: () => void }) {
  return user === undefined ? (
    <p className="hint">Takes you to {hostOf(issuer)}, and back here.</p>
  ) : (
    <p className="hint">
      Signed in at {hostOf(issuer)} as <strong>{user.subject}</strong>.{' '}
      <button type="button" className="plain" onClick={onSignOut}>
        Sign out here
      </button>
    </p>
  );
}

/** The kinds of caller that the form has fields for. */
type Written = Exclude<Caller['kind'], 'signed-in'>;

function Credential({ kind, last, example = {} }: { kind: Written; last: Remembered; example?: Settings['exampleCaller'] }) {
  const { sub = '', groups = '', ...claims } = example;
  switch (kind) {
    case 'nobody':
      return null;
    case 'password':
    case 'cognito':
      return (
        <>
          <label className="field">
            <span>User</span>
            <input name="user" required autoComplete="off" autoCapitalize="none" spellCheck={false} defaultValue={last.value('user')} />
          </label>
          <label className="field">
            <span>Password</span>
            <input name="password" type="password" required autoComplete="off" />
          </label>
        </>
      );
    case 'jwt':
      return (
        <label className="field">
          <span>JWT</span>
          <textarea name="jwt" rows={4} required spellCheck={false} autoComplete="off" placeholder="eyJ…" />
        </label>
      );
    case 'simulated':
      return (
        <>
          <p className="hint">Explains what such a caller would get. Nothing is vended.</p>
          <label className="field">
            <span>
              Subject <small>empty: anonymous</small>
            </span>
            <input name="subject" autoComplete="off" defaultValue={last.value('subject') ?? sub} />
          </label>
          <label className="field">
            <span>
              Groups <small>with commas</small>
            </span>
            <input name="groups" autoComplete="off" defaultValue={last.value('groups') ?? groups} />
          </label>
          <label className="field">
            <span>
              Other claims <small>name=value, one a line</small>
            </span>
            <textarea
              name="claims"
              rows={2}
              spellCheck={false}
              defaultValue={
                last.value('claims') ??
                Object.entries(claims)
                  .map(([name, value]) => `${name}=${value}`)
                  .join('\n')
              }
            />
          </label>
        </>
      );
  }
}

function caller(kind: Written, settings: Settings, text: (name: string) => string): Caller {
  switch (kind) {
    case 'nobody':
      return { kind };
    case 'password':
      return { kind, user: text('user'), password: text('password') };
    case 'jwt':
      return { kind, jwt: text('jwt') };
    case 'cognito': {
      const pool = settings.authenticationMethods.find(way => way.kind === 'cognito');
      return {
        kind,
        user: text('user'),
        password: text('password'),
        clientId: pool?.clientId ?? '',
        endpoint: pool?.endpoint ?? '',
      };
    }
    case 'simulated':
      return { kind, subject: text('subject').trim(), groups: text('groups'), claims: text('claims') };
  }
}
