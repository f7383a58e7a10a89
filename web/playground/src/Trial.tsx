import { useEffect, useRef, useState } from 'react';
import type { FormEvent } from 'react';
import type { Attempt, Call, Listening, Outcome } from './attempt';
import { attempt, listen } from './attempt';
import { resource } from './code';
import type { Settings, Token } from './machine';
import { allowed } from './permission';

interface Line {
  readonly number: number;
  readonly what: string;
  readonly kind: Outcome['kind'] | 'received';
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
  const tryButton = useRef<HTMLButtonElement>(null);
  const running = useRef<Listening>(undefined);
  useEffect(() => () => running.current?.stop(), []);

  const onTopic = call === 'publish' || call === 'subscribe';
  const begin = resource(onTopic ? 'topics' : 'items', token, settings);

  function note(what: string, kind: Line['kind'], text: string) {
    const line = { number: ++number.current, what, kind, text };
    setLines(before => [line, ...before].slice(0, LINES));
  }

  function stop() {
    running.current?.stop();
    running.current = undefined;
    setOpen(undefined);
  }

  /** A refusal says what the token allows instead. */
  const explained = (outcome: Outcome, call: Call) =>
    outcome.kind === 'refused' && token !== undefined ? `${allowed(token.permissions, call)} ${outcome.text}` : outcome.text;

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (token === undefined || busy) {
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
          said => note(what, 'received', said),
          outcome => {
            note(what, outcome.kind, explained(outcome, call));
            setOpen(undefined);
          },
        );
        note(what, outcome.kind, explained(outcome, call));
        if (listening) {
          running.current = listening;
          setOpen({ what, listening });
        }
      } else {
        const outcome = await attempt(token, tried);
        note(what, outcome.kind, explained(outcome, call));
      }
    } catch (error) {
      note(what, 'failed', error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <section className="card part-try" aria-labelledby="try">
      <h2 id="try">Try it</h2>
      <form onSubmit={event => void submit(event)}>
        <fieldset className="choice" disabled={token === undefined}>
          <legend>Operation</legend>
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
          <legend className="hidden">Resource</legend>
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
          <button className="main" aria-disabled={busy || undefined} ref={tryButton}>
            Try
          </button>
        </fieldset>
      </form>
      {token === undefined && <p className="empty">Vend a token first.</p>}
      {open && (
        <p className="line">
          <span className="live" aria-hidden="true" /> <span>Subscribed: {open.what}</span>
          <button
            type="button"
            onClick={() => {
              stop();
              // This button goes away, and the focus must not go with it.
              tryButton.current?.focus();
            }}
          >
            Stop
          </button>
        </p>
      )}
      <ol className="log" aria-label="Results" aria-live="polite">
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

const CLASS: Readonly<Record<Line['kind'], string>> = { allowed: 'good', refused: 'bad', failed: 'warn', received: '' };
