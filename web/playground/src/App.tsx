import { useEffect, useState } from 'react';
import { Ask } from './Ask';
import type { Attempt } from './attempt';
import { Code } from './Code';
import { Events } from './Events';
import type { Asked, Caller, Settings, Wish } from './machine';
import { explain, fetchSettings, headers, vend } from './machine';
import { Mark } from '../../theme/Mark';
import { Reasons } from './Reasons';
import { remember } from './remembered';
import { signIn } from '../../sign-in/return';
import type { OidcClient, SignedIn } from '../../sign-in/return';
import { Ticket } from './Ticket';
import { Trial } from './Trial';

/** The parts of the page. A narrow screen shows one at a time. */
const PARTS = ['Request', 'Answer', 'Code', 'Try', 'Log'] as const;
type Part = (typeof PARTS)[number];

/** `first` is the user whom an issuer sent back to the page, and `fault` a sign-in that failed. */
export function App({ first, fault = '' }: { first?: SignedIn | undefined; fault?: string | undefined }) {
  const [settings, setSettings] = useState<Settings>();
  const [failure, setFailure] = useState(fault);
  const [user, setUser] = useState(first);
  const [asked, setAsked] = useState<Asked>();
  const [busy, setBusy] = useState(false);
  const [last, setLast] = useState<Attempt>();
  const [part, setPart] = useState<Part>('Request');

  useEffect(() => {
    fetchSettings().then(setSettings, (error: unknown) => setFailure(String(error instanceof Error ? error.message : error)));
  }, []);

  async function ask(caller: Caller, wish: Wish) {
    if (settings === undefined || busy) {
      return;
    }
    setBusy(true);
    setPart('Answer');
    remember(caller, wish);
    const number = (asked?.number ?? 0) + 1;
    // The answer to another request must not stay under this one.
    setAsked({ number, caller, wish, pending: true });
    setLast(undefined);
    try {
      const shown = await headers(caller);
      const answer = caller.kind === 'simulated' ? undefined : await vend(settings.url, wish, shown);
      const explanation = settings.local ? await explain(wish, shown) : undefined;
      setAsked({ number, caller, wish, ...(answer && { answer }), ...(explanation && { explanation }) });
    } catch (error) {
      setAsked({ number, caller, wish, failure: error instanceof Error ? error.message : String(error) });
    } finally {
      setBusy(false);
    }
  }

  async function leave(client: OidcClient, wish: Wish) {
    setBusy(true);
    setFailure('');
    remember({ kind: 'signed-in' }, wish);
    try {
      await signIn(client, location.search);
    } catch (error) {
      setBusy(false);
      setFailure(error instanceof Error ? error.message : String(error));
    }
  }

  return (
    <>
      <header className="top">
        <a className="skip" href="#result">
          Skip to the result
        </a>
        <Mark />
        <h1>Playground</h1>
        <nav aria-label="Pages">
          {settings?.local && <a href="/">Start</a>}
          <a href="../chat/">Chat</a>
        </nav>
      </header>
      <main data-part={part}>
        {failure !== '' && (
          <p className="notice bad" role="alert">
            {failure}
          </p>
        )}
        {settings && (
          <>
            <nav className="parts" aria-label="Parts of this page">
              {PARTS.filter(one => one !== 'Log' || settings.local).map(one => (
                <button type="button" key={one} aria-current={one === part} onClick={() => setPart(one)}>
                  {one}
                </button>
              ))}
            </nav>
            <Ask settings={settings} busy={busy} user={user} onAsk={ask} onSignIn={leave} onSignOut={() => setUser(undefined)} />
            <div className="told" id="result" tabIndex={-1}>
              <Ticket asked={asked} local={settings.local} onAgain={() => asked && void ask(asked.caller, asked.wish)} />
              {asked?.explanation && <Reasons explanation={asked.explanation} answer={asked.answer} />}
              <Code settings={settings} asked={asked} last={last} />
              <Trial key={asked?.number} token={asked?.answer?.token} settings={settings} onTry={setLast} />
              {settings.local && <Events />}
            </div>
          </>
        )}
      </main>
    </>
  );
}
