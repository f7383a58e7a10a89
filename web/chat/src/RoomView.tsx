import { memo, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { FormEvent } from 'react';
import type { Entry, Session, View } from './session';
import { sentence } from './session';

export function RoomView({
  session,
  view,
  verifiedNames,
  onLeave,
}: {
  session: Session;
  view: View;
  verifiedNames: boolean;
  onLeave: () => void;
}) {
  return (
    <main className="room">
      <header>
        <h1>{session.wish.room}</h1>
        <Status session={session} view={view} />
        <button type="button" className="quiet" onClick={onLeave}>
          Leave
        </button>
      </header>
      <Conversation entries={view.entries} verifiedNames={verifiedNames} />
      <Trouble view={view} />
      <Composer session={session} view={view} />
    </main>
  );
}

/** Shows whether messages arrive, and how long the token lives. */
function Status({ session, view }: { session: Session; view: View }) {
  const now = useNow();
  const { token, status } = view;
  const left = session.remaining();
  const life = token.token === undefined ? 0 : (token.token.expiresAt - token.token.serverTime) * 1000;
  return (
    <div className="status">
      <span className={`dot ${status}`} aria-hidden="true" />
      <span role="status">{{ connecting: 'Connecting', live: 'Connected', closed: 'Disconnected' }[status]}</span>
      {life > 0 && (
        <span className="life">
          <meter aria-label="Life of the token" min={0} max={life} value={left} /> token: {duration(left)}
        </span>
      )}
      {token.status === 'waiting' && token.retryAt !== undefined && (
        <span className="life">next attempt in {duration(Math.max(0, token.retryAt - now))}</span>
      )}
    </div>
  );
}

function Trouble({ view }: { view: View }) {
  const { token, trouble } = view;
  const text =
    trouble ??
    (token.status === 'refused' ? sentence(token.error) : undefined) ??
    (token.status === 'waiting' ? token.error?.message : undefined);
  return (
    <div role="alert" className={text === undefined ? 'no-alert' : 'alert'}>
      {text}
    </div>
  );
}

const Conversation = memo(function Conversation({
  entries,
  verifiedNames,
}: {
  entries: readonly Entry[];
  verifiedNames: boolean;
}) {
  const list = useRef<HTMLOListElement>(null);
  const follows = useRef(true);
  useLayoutEffect(() => {
    if (follows.current && list.current !== null) {
      list.current.scrollTop = list.current.scrollHeight;
    }
  }, [entries]);
  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = list.current!;
    // Do not scroll for a person who scrolled back to read.
    follows.current = scrollHeight - scrollTop - clientHeight < 40;
  };
  return (
    <div className="conversation" role="log" aria-label="Conversation" aria-live="polite">
      <ol ref={list} onScroll={onScroll} tabIndex={0} aria-label="What was said">
        {entries.map(entry => (
          <Line key={entry.id} entry={entry} verifiedNames={verifiedNames} />
        ))}
      </ol>
      {entries.length === 0 && <p className="empty">No messages yet.</p>}
    </div>
  );
});

const Line = memo(function Line({ entry, verifiedNames }: { entry: Entry; verifiedNames: boolean }) {
  if (entry.kind === 'gap') {
    return <li className="gap">Some messages may be missing here.</li>;
  }
  const verified = verifiedNames && entry.fromToken;
  const who = (
    <>
      <b title={verified ? 'vouched for by the token service' : 'not verified'}>{entry.name}</b>
      {verified && (
        <span className="verified">
          <span aria-hidden="true">✓</span>
          <span className="unseen"> verified</span>
        </span>
      )}
    </>
  );
  const time = <time dateTime={entry.at.toISOString()}>{entry.at.toLocaleTimeString([], { timeStyle: 'short' })}</time>;
  return entry.kind === 'message' ? (
    <li className={entry.own ? 'message own' : 'message'}>
      <div className="by">
        {who} {time}
      </div>
      <p>{entry.text}</p>
    </li>
  ) : (
    <li className="event">
      {who} {entry.kind} {time}
    </li>
  );
});

function Composer({ session, view }: { session: Session; view: View }) {
  const [text, setText] = useState('');
  const [sending, setSending] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const readOnly = view.rights !== undefined && !view.rights.publish;
  const closed = view.status === 'closed' || view.rights === undefined;
  const usable = !readOnly && !closed;

  useEffect(() => {
    if (usable) {
      input.current?.focus();
    }
  }, [usable]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const message = text.trim();
    if (message === '' || sending) {
      return;
    }
    setSending(true);
    // Cleared only after it was sent, so that no text is lost.
    if (await session.send(message)) {
      setText(current => (current.trim() === message ? '' : current));
    }
    setSending(false);
    input.current?.focus();
  };

  return (
    <form className="composer" onSubmit={event => void submit(event)}>
      <label className="unseen" htmlFor="message">
        Message
      </label>
      <input
        id="message"
        ref={input}
        value={text}
        onChange={event => setText(event.target.value)}
        disabled={!usable}
        maxLength={1000}
        autoComplete="off"
        placeholder={readOnly ? 'Read only' : 'Say something'}
        {...(readOnly && { 'aria-describedby': 'why-not' })}
      />
      <button type="submit" disabled={!usable || text.trim() === ''}>
        Send
      </button>
      {readOnly && (
        <p className="hint" id="why-not">
          You can read along, but your token does not allow you to write in this room.
        </p>
      )}
    </form>
  );
}

function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

function duration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  if (seconds < 100) {
    return `${seconds} s`;
  }
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
