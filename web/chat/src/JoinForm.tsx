import { useState } from 'react';
import type { FormEvent } from 'react';
import { cognito, jwt, none, password } from 'tokenvending-client';
import type { Credentials } from 'tokenvending-client';
import { Mark } from '../../theme/Mark';
import { invisibleIn } from './names';
import { hostOf, signIn } from '../../sign-in/return';
import type { OidcClient } from '../../sign-in/return';
import type { Destination, Entrance } from './session';
import type { Settings, AuthenticationMethod } from './settings';

/** A method of the file, or a sign-in at an issuer. */
type Method = AuthenticationMethod | ({ readonly kind: 'sign-in' } & OidcClient);

/** Where an issuer can sign the user in, that comes first; a pasted token is for developers. */
function methods(settings: Settings): readonly Method[] {
  return settings.authenticationMethods.flatMap((method): Method[] =>
    method.kind === 'oidc' && method.issuer !== undefined && method.clientId !== undefined
      ? [{ kind: 'sign-in', issuer: method.issuer, clientId: method.clientId }, method]
      : [method],
  );
}

function title(method: Method): string {
  switch (method.kind) {
    case 'open':
      return 'Name only';
    case 'password':
      return 'Name and password';
    case 'cognito':
      return 'Sign in with Cognito';
    case 'sign-in':
      return `Sign in at ${hostOf(method.issuer)}`;
    case 'oidc':
      return method.clientId === undefined ? 'Token of an identity provider' : `Paste a token of ${hostOf(method.issuer!)}`;
  }
}

export function JoinForm({
  settings,
  trouble,
  room: proposed,
  name: previous,
  onJoin,
}: {
  settings: Settings;
  trouble: string | undefined;
  room: string | undefined;
  name: string | undefined;
  onJoin: (entrance: Entrance) => void;
}) {
  const [chosen, setChosen] = useState(0);
  const [fault, setFault] = useState<string>();
  const [leaving, setLeaving] = useState(false);
  const all = methods(settings);
  const method: Method = all[chosen] ?? { kind: 'open' };
  const usual = settings.topic !== null && 'name' in settings.topic ? settings.topic.name : 'lobby';
  const roomParameter = settings.topic !== null && 'prefix' in settings.topic ? settings.topic.parameter : undefined;
  const others = settings.parameters.filter(({ name, required }) => required && name !== 'name' && name !== roomParameter);
  const longest = (parameter: string | undefined) => settings.parameters.find(({ name }) => name === parameter)?.maxLength ?? 64;
  const takesName = settings.parameters.some(({ name }) => name === 'name');
  const asksName = (method.kind !== 'oidc' && method.kind !== 'sign-in') || takesName;

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const value = (name: string) => String(form.get(name) ?? '').trim();
    const room = value('room');
    const name = value('name');
    const invisible = invisibleIn(room) ? 'room' : invisibleIn(name) ? 'name' : undefined;
    if (invisible !== undefined) {
      setFault(`The ${invisible} contains an invisible character. Type it anew.`);
      return;
    }
    const parameters: Record<string, string> = {};
    if (takesName && name !== '') {
      parameters['name'] = name;
    }
    if (roomParameter !== undefined) {
      parameters[roomParameter] = room;
    }
    for (const parameter of others) {
      parameters[parameter.name] = value(`parameter-${parameter.name}`);
    }
    if (leaving) {
      return;
    }
    const destination: Destination = { parameters, room, name };
    if (method.kind === 'sign-in') {
      setFault(undefined);
      setLeaving(true);
      signIn({ issuer: method.issuer, clientId: method.clientId }, destination).catch((error: unknown) => {
        setLeaving(false);
        setFault(error instanceof Error ? error.message : String(error));
      });
      return;
    }
    onJoin({ ...destination, url: settings.url, credentials: credentials(method, name, String(form.get('secret') ?? '')), settings });
  };

  return (
    <main className="entrance">
      <form className="card" onSubmit={submit}>
        <h1>
          <Mark /> Chat
        </h1>
        <p className="lead">Choose a room and join. The token that you get decides what you can do there.</p>
        {(fault ?? trouble) !== undefined && (
          <p className="alert" role="alert">
            {fault ?? trouble}
          </p>
        )}
        {all.length > 1 && (
          <div className="field">
            <label htmlFor="method">Sign-in method</label>
            <select id="method" value={chosen} onChange={event => setChosen(Number(event.target.value))}>
              {all.map((one, index) => (
                <option key={index} value={index}>
                  {title(one)}
                </option>
              ))}
            </select>
          </div>
        )}
        <label>
          Room
          <input name="room" defaultValue={proposed ?? usual} required maxLength={longest(roomParameter)} />
        </label>
        {asksName && (
          <label>
            Name
            <input name="name" defaultValue={previous} required maxLength={longest('name')} autoComplete="username" autoFocus />
          </label>
        )}
        {(method.kind === 'password' || method.kind === 'cognito') && (
          <label key={method.kind}>
            Password
            <input name="secret" type="password" required autoComplete="current-password" />
          </label>
        )}
        {method.kind === 'oidc' && (
          <div className="field">
            <label htmlFor="token">Token</label>
            <textarea id="token" name="secret" required rows={4} spellCheck={false} autoComplete="off" aria-describedby="token-hint" />
            <span className="hint" id="token-hint">
              A JWT{method.issuer === undefined ? '' : ` of ${method.issuer}`}. It stays in this tab.
            </span>
          </div>
        )}
        {others.map(({ name, maxLength }) => (
          <label key={name}>
            {name.charAt(0).toUpperCase() + name.slice(1)}
            <input name={`parameter-${name}`} required maxLength={maxLength} />
          </label>
        ))}
        {/* Not disabled while it leaves, which would take the focus away. */}
        <button type="submit" aria-disabled={leaving || undefined}>
          {method.kind === 'sign-in' ? 'Sign in and join' : 'Join'}
        </button>
      </form>
    </main>
  );
}

function credentials(method: Exclude<Method, { kind: 'sign-in' }>, name: string, secret: string): Credentials {
  switch (method.kind) {
    case 'open':
      return none();
    case 'password':
      return password(name, secret);
    case 'cognito':
      return cognito({ clientId: method.clientId, endpoint: method.endpoint, user: name, password: secret });
    case 'oidc':
      return jwt(() => secret.trim());
  }
}
