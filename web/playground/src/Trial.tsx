import { useEffect, useRef, useState } from 'react';
import type { FormEvent } from 'react';
import type { Attempt, Call, Listening, Outcome } from './attempt';
import { attempt, listen } from './attempt';
import type { Settings, Token } from './machine';
import { parsePermission } from './permission';

interface Line {
  readonly number: number;
  readonly what: string;
  readonly kind: Outcome['kind'] | 'heard';
  readonly text: string;
}

const CALLS: readonly Call[] = ['publish', 'subscribe', 'get', 'set'];
const LINES = 50;

/** Tries the token. */
export function Trial({
  token,
  settings,
  onTry,
}: {
  token: Token | undefined;
  settings: Settings;
  onTry: (what: Attempt) => void;
}) {
  const [call, setCall] = useState<Call>('publish');
  const [busy, setBusy] = useState(false);
  const [lines, setLines] = useState<readonly Line[]>([]);
  const [open, setOpen] = useState<{ what: string; listening: Listening }>();
  const number = useRef(0);
  const running = useRef<Listening>(undefined);
  useEffect(() => () => running.current?.stop(), []);

  const onTopic = call === 'publish' || call === 'subscribe';
  const begin = first(onTopic ? 'topics' : 'items', token, settings);

  function note(what: string, kind: Line['kind'], text: string) {
    const line = { number: ++number.current, what, kind, text };
    setLines(before => [line, ...before].slice(0, LINES));
  }

  function stop() {
    running.current?.stop();
    running.current = undefined;
    setOpen(undefined);
  }

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (token === undefined) {
      return;
    }
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '');
    const tried: Attempt = { call, cache: text('cache'), name: text('name'), value: text('value') };
    const what = `${call} ${tried.cache} ${tried.name}`;
    setBusy(true);
    onTry(tried);
    try {
      if (call === 'subscribe') {
        stop();
        const { outcome, listening } = await listen(
          token,
          tried,
          said => note(what, 'heard', said),
          outcome => {
            note(what, outcome.kind, outcome.text);
            setOpen(undefined);
          },
        );
        note(what, outcome.kind, outcome.text);
        if (listening) {
          running.current = listening;
          setOpen({ what, listening });
        }
      } else {
        const outcome = await attempt(token, tried);
        note(what, outcome.kind, outcome.text);
      }
    } catch (error) {
      note(what, 'failed', error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <section className="card" aria-labelledby="try">
      <h2 id="try">Try it</h2>
      <form onSubmit={event => void submit(event)}>
        <fieldset className="choice" disabled={token === undefined}>
          <legend>Do</legend>
          <div>
            {CALLS.map(one => (
              <label key={one}>
                <input type="radio" name="call" checked={call === one} onChange={() => setCall(one)} />
                <span>{one}</span>
              </label>
            ))}
          </div>
        </fieldset>
        <fieldset className="row" disabled={token === undefined}>
          <legend className="hidden">On what</legend>
          <label className="field" key={onTopic ? 'cache of topic' : 'cache of key'}>
            <span>cache</span>
            <input name="cache" required defaultValue={begin.cache} autoComplete="off" />
          </label>
          <label className="field" key={onTopic ? 'topic' : 'key'}>
            <span>{onTopic ? 'topic' : 'key'}</span>
            <input name="name" required defaultValue={begin.name} autoComplete="off" />
          </label>
          {(call === 'publish' || call === 'set') && (
            <label className="field">
              <span>value</span>
              <input name="value" required defaultValue="hello" autoComplete="off" />
            </label>
          )}
          <button className="main" disabled={busy}>
            Try
          </button>
        </fieldset>
      </form>
      {token === undefined && <p className="empty">It takes a token.</p>}
      {open && (
        <p className="line">
          <span className="live" aria-hidden="true" /> <span>Listening: {open.what}</span>
          <button type="button" onClick={stop}>
            Stop
          </button>
        </p>
      )}
      <ol className="log" aria-label="What came of it" aria-live="polite">
        {lines.map(line => (
          <li key={line.number}>
            <span className={`badge ${CLASS[line.kind]}`}>{line.kind}</span>
            <code>{line.what}</code>
            <span>{line.text}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

const CLASS: Readonly<Record<Line['kind'], string>> = { allowed: 'good', refused: 'bad', failed: 'warn', heard: '' };

/** Returns a resource that the token can use, or one that the file names. */
function first(kind: 'items' | 'topics', token: Token | undefined, settings: Settings) {
  const all = (token?.permissions ?? []).map(parsePermission).filter(one => one.kind === kind);
  const usual = kind === 'topics' ? 'hello' : 'greeting';
  const permission = all[0];
  if (permission === undefined) {
    return { cache: settings.cache, name: usual };
  }
  const { cache, target } = permission;
  return {
    cache: cache.all ? settings.cache : cache.name,
    name: target.all ? usual : target.prefix ? target.name + usual : target.name,
  };
}
