import { useEffect, useState } from 'react';
import { Ask } from './Ask';
import type { Attempt } from './attempt';
import { Code } from './Code';
import { Events } from './Events';
import type { Asked, Caller, Settings, Wish } from './machine';
import { explain, fetchSettings, headers, vend } from './machine';
import { Reasons } from './Reasons';
import { Ticket } from './Ticket';
import { Trial } from './Trial';

export function App() {
  const [settings, setSettings] = useState<Settings>();
  const [failure, setFailure] = useState('');
  const [asked, setAsked] = useState<Asked>();
  const [busy, setBusy] = useState(false);
  const [last, setLast] = useState<Attempt>();

  useEffect(() => {
    fetchSettings().then(setSettings, (error: unknown) => setFailure(String(error instanceof Error ? error.message : error)));
  }, []);

  async function ask(caller: Caller, wish: Wish) {
    if (settings === undefined) {
      return;
    }
    setBusy(true);
    const number = (asked?.number ?? 0) + 1;
    try {
      const shown = await headers(caller);
      const answer = caller.kind === 'imagined' ? undefined : await vend(settings.url, wish, shown);
      const explanation = settings.local ? await explain(wish, shown) : undefined;
      setAsked({ number, caller, wish, ...(answer && { answer }), ...(explanation && { explanation }) });
    } catch (error) {
      setAsked({ number, caller, wish, failure: error instanceof Error ? error.message : String(error) });
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <header className="top">
        <a className="skip" href="#result">
          Skip to the result
        </a>
        <h1>Playground</h1>
        <nav aria-label="Pages">
          {settings?.local && <a href="/">Start</a>}
          <a href="../chat/">Chat</a>
        </nav>
      </header>
      <main>
        {failure !== '' && (
          <p className="notice bad" role="alert">
            {failure}
          </p>
        )}
        {settings && (
          <>
            <div className="asking">
              <Ask settings={settings} busy={busy} onAsk={ask} />
              <Code
                caller={asked?.caller ?? { kind: 'nobody' }}
                wish={asked?.wish}
                overridden={asked?.answer?.token === undefined ? settings.local : asked.answer.token.webEndpoint !== undefined}
                last={last ?? { call: 'subscribe', cache: settings.cache, name: settings.topic?.name ?? 'hello', value: '' }}
              />
            </div>
            <div className="told" id="result" tabIndex={-1}>
              <Ticket asked={asked} local={settings.local} />
              {asked?.explanation && <Reasons explanation={asked.explanation} />}
              <Trial key={asked?.number} token={asked?.answer?.token} settings={settings} onTry={setLast} />
              {settings.local && <Events />}
            </div>
          </>
        )}
      </main>
    </>
  );
}
