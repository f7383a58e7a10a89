import { memo, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { FormEvent, KeyboardEvent } from 'react';
import { Mark } from '../../theme/Mark';
import type { Connection, Entry, MessageEntry, Session, View } from './session';
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
        <Mark />
        <h1>{view.place?.room ?? session.entrance.room}</h1>
        <Status session={session} view={view} />
        <button type="button" className="quiet" onClick={onLeave}>
          Leave
        </button>
      </header>
      <Conversation session={session} view={view} verifiedNames={verifiedNames} />
      <Trouble view={view} />
      <Composer session={session} view={view} />
    </main>
  );
}

const CONNECTIONS: Readonly<Record<Connection, string>> = {
  connecting: 'Connecting',
  live: 'Connected',
  reconnecting: 'Reconnecting',
  offline: 'Offline',
  closed: 'Disconnected',
};

/** Shows whether messages arrive, when the next attempt is, and how long the token lives. */
function Status({ session, view }: { session: Session; view: View }) {
  const now = useNow();
  const { token, connection, retryAt, canRetry } = view;
  const left = session.remaining();
  const life = token.token === undefined ? 0 : (token.token.expiresAt - token.token.serverTime) * 1000;
  return (
    <div className="status">
      <span className={`dot ${connection}`} aria-hidden="true" />
      <span role="status">{CONNECTIONS[connection]}</span>
      {retryAt !== undefined && <span className="life">next attempt in {duration(Math.max(0, retryAt - now))}</span>}
      {canRetry && connection === 'offline' && (
        <button type="button" className="link" onClick={() => session.reconnect()}>
          Retry now
        </button>
      )}
      {life > 0 && connection !== 'offline' && (
        <span className="life">
          <meter aria-label="Remaining life of the token" min={0} max={life} value={left} /> token: {duration(left)}
        </span>
      )}
    </div>
  );
}

function Trouble({ view }: { view: View }) {
  const { token, trouble, connection } = view;
  const noToken = token.token === undefined && connection !== 'live' && token.status === 'waiting';
  const text =
    trouble ??
    (token.status === 'refused' ? `The token cannot be renewed. ${sentence(token.error)}` : undefined) ??
    (noToken ? token.error?.message : undefined);
  return (
    <div role="alert" className={text === undefined ? 'no-alert' : 'alert'}>
      {text}
    </div>
  );
}

/** Messages of one sender within this time are one group. */
const GROUP = 5 * 60_000;

function continues(entry: Entry, before: Entry | undefined): boolean {
  return (
    entry.kind === 'message' &&
    before?.kind === 'message' &&
    entry.name === before.name &&
    entry.own === before.own &&
    entry.fromToken === before.fromToken &&
    entry.at.getTime() - before.at.getTime() < GROUP
  );
}

function Conversation({ session, view, verifiedNames }: { session: Session; view: View; verifiedNames: boolean }) {
  const { entries, firstUnread, unread } = view;
  const list = useRef<HTMLOListElement>(null);
  // Do not scroll for a person who scrolled back to read.
  const [follows, setFollows] = useState(true);
  useLayoutEffect(() => {
    if (follows && list.current !== null) {
      list.current.scrollTop = list.current.scrollHeight;
    }
  }, [entries, follows]);
  useEffect(() => {
    const attend = () => session.attend(follows && document.visibilityState === 'visible');
    attend();
    document.addEventListener('visibilitychange', attend);
    return () => document.removeEventListener('visibilitychange', attend);
  }, [session, follows]);
  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = list.current!;
    setFollows(scrollHeight - scrollTop - clientHeight < 40);
  };
  const lastOwn = entries.findLast(entry => entry.kind === 'message' && entry.own);
  return (
    <div className="conversation" role="log" aria-label="Conversation">
      <ol ref={list} onScroll={onScroll} tabIndex={0} aria-label="Messages">
        {entries.map((entry, index) => [
          entry.id === firstUnread && (
            <li className="marker" key="marker">
              New messages
            </li>
          ),
          entry.kind === 'gap' ? (
            <li className="gap" key={entry.id}>
              Some messages may be missing here.
            </li>
          ) : (
            <Line
              key={entry.id}
              session={session}
              entry={entry}
              verified={verifiedNames && entry.fromToken}
              continued={entry.id !== firstUnread && continues(entry, entries[index - 1])}
              delivery={delivery(entry, view, entry === lastOwn)}
            />
          ),
        ])}
      </ol>
      {entries.every(({ kind }) => kind !== 'message') && <p className="empty">No messages yet.</p>}
      {!follows && unread > 0 && (
        <button type="button" className="jump" onClick={() => setFollows(true)}>
          {unread === 1 ? '1 new message' : `${unread} new messages`} <span aria-hidden="true">↓</span>
        </button>
      )}
    </div>
  );
}

/** Returns what to say about the delivery of an own message. */
function delivery(entry: MessageEntry, { connection, token }: View, isLast: boolean): string {
  switch (entry.delivery) {
    case 'waiting':
      return connection === 'live' ? 'Sending…' : 'Waiting for the connection…';
    case 'sending':
      return token.token === undefined ? 'Waiting for a token…' : 'Sending…';
    case 'failed':
      return `Not sent. ${entry.failure ?? ''}`;
    case 'sent':
      return isLast ? 'Sent' : '';
    default:
      return '';
  }
}

const Line = memo(function Line({
  session,
  entry,
  verified,
  continued,
  delivery,
}: {
  session: Session;
  entry: MessageEntry;
  verified: boolean;
  continued: boolean;
  delivery: string;
}) {
  const time = <time dateTime={entry.at.toISOString()}>{entry.at.toLocaleTimeString([], { timeStyle: 'short' })}</time>;
  const who = entry.own ? (
    <b className="unseen">You</b>
  ) : (
    <>
      <b title={verified ? 'confirmed by the token service' : 'not verified'}>{entry.name}</b>
      {verified && (
        <span className="verified">
          <span aria-hidden="true">✓</span>
          <span className="unseen"> verified</span>
        </span>
      )}
    </>
  );
  if (entry.kind !== 'message') {
    return (
      <li className="event">
        {entry.own ? 'You' : who} {entry.kind} {time}
      </li>
    );
  }
  return (
    <li className={`message${entry.own ? ' own' : ''}${continued ? ' continued' : ''}`}>
      <div className={continued ? 'by unseen' : 'by'}>
        {who} {time}
      </div>
      <p>{entry.text}</p>
      {delivery !== '' && (
        <div className={`delivery ${entry.delivery}`}>
          {delivery}
          {entry.delivery === 'failed' && (
            <>
              <button type="button" className="link" onClick={() => session.retry(entry.id)}>
                Retry
              </button>
              <button type="button" className="link" onClick={() => session.discard(entry.id)}>
                Discard
              </button>
            </>
          )}
        </div>
      )}
    </li>
  );
});

const LONGEST = 1000;
const MOST_ROWS = 6;

function Composer({ session, view }: { session: Session; view: View }) {
  const [text, setText] = useState('');
  const input = useRef<HTMLTextAreaElement>(null);
  const { rights, connection } = view;
  const readOnly = rights !== undefined && !rights.publish;
  const usable = rights !== undefined && rights.publish && connection !== 'closed';

  useEffect(() => {
    if (usable) {
      input.current?.focus();
    }
  }, [usable]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const message = text.trim();
    if (message !== '') {
      session.send(message);
      setText('');
      input.current?.focus();
    }
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // An input method uses Enter to accept what it suggests.
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      event.currentTarget.form?.requestSubmit();
    }
  };
  const hint = readOnly
    ? 'Read only: your token does not allow you to write in this room.'
    : rights?.subscribe === false
      ? 'Write only: your token does not allow you to read this room.'
      : undefined;
  return (
    <form className="composer" onSubmit={submit}>
      <label className="unseen" htmlFor="message">
        Message
      </label>
      <textarea
        id="message"
        ref={input}
        value={text}
        rows={Math.min(MOST_ROWS, text.split('\n').length)}
        onChange={event => setText(event.target.value)}
        onKeyDown={onKeyDown}
        disabled={!usable}
        maxLength={LONGEST}
        autoComplete="off"
        placeholder={readOnly ? 'Read only' : 'Message'}
        aria-describedby="composer-hint"
      />
      <button type="submit" disabled={!usable || text.trim() === ''}>
        Send
      </button>
      <p className={hint === undefined ? 'hint keys' : 'hint'} id="composer-hint">
        {hint ?? 'Enter sends. Shift+Enter starts a new line.'}
      </p>
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
