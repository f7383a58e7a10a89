import { useEffect, useState } from 'react';
import type { Answer, Asked, Token } from './machine';
import type { Selector } from './permission';
import { parsePermission } from './permission';

/** Shows the response: the parts of a token, or a rejection. */
export function Ticket({ asked, local, onAgain }: { asked: Asked | undefined; local: boolean; onAgain: () => void }) {
  return (
    <section className="card ticket part-answer" aria-labelledby="answer" aria-busy={asked?.pending === true}>
      <h2 id="answer">Answer</h2>
      <div role="status">{summary(asked)}</div>
      {asked === undefined && (
        <p className="empty">
          Nothing yet. Vend a token to see what it allows
          {local && ', which rule gave it, and why the others did not'}.
        </p>
      )}
      {asked?.answer?.token && (
        <Vended key={asked.number} token={asked.answer.token} at={asked.answer.at} onAgain={onAgain} />
      )}
    </section>
  );
}

function summary(asked: Asked | undefined) {
  if (asked === undefined) {
    return null;
  }
  if (asked.pending) {
    return (
      <p className="line">
        <span className="badge">…</span> <span>Waiting for the answer</span>
      </p>
    );
  }
  if (asked.failure !== undefined) {
    return <p className="notice bad">{asked.failure}</p>;
  }
  if (asked.answer === undefined) {
    return <p className="hint">No request was sent, because the caller is simulated.</p>;
  }
  const { status, problem, retryAfter, took } = asked.answer;
  return (
    <p className="line">
      <span className={problem ? 'badge bad' : 'badge good'}>{status}</span>
      <strong>{problem ? problem.title : 'Vended'}</strong>
      {problem && <span>{problem.detail}</span>}
      {retryAfter !== null && <span>Retry after {retryAfter} s.</span>}
      <small>{Math.round(took)} ms</small>
      {asked.answer.requestId !== '' && <RequestId answer={asked.answer} />}
    </p>
  );
}

function RequestId({ answer }: { answer: Answer }) {
  return (
    <small>
      request <code title={answer.requestId}>{answer.requestId.slice(0, 8)}</code>
    </small>
  );
}

function Vended({ token, at, onAgain }: { token: Token; at: number; onAgain: () => void }) {
  const [shown, setShown] = useState(false);
  const [copied, setCopied] = useState(false);
  const left = useLeft(token, at);
  return (
    <>
      {left === 0 && (
        <p className="line">
          <span className="badge bad">expired</span>
          <button type="button" onClick={onAgain}>
            Vend again
          </button>
        </p>
      )}
      <div className="stub">
        <Ring token={token} left={left} />
        <dl>
          <div>
            <dt>Token id</dt>
            <dd>{token.tokenId ?? <em>none</em>}</dd>
          </div>
          <div>
            <dt>Expires</dt>
            <dd>{clock(token.expiresAt)}</dd>
          </div>
          <div>
            <dt>Refresh after</dt>
            <dd>{clock(token.refreshAfter)}</dd>
          </div>
          <div>
            <dt>Endpoint</dt>
            <dd>{token.webEndpoint ?? token.endpoint}</dd>
          </div>
        </dl>
      </div>
      <Permissions texts={token.permissions} />
      <div className="secret">
        <code>{shown ? token.authToken : `${'•'.repeat(24)} ${token.authToken.length} characters`}</code>
        <button type="button" onClick={() => setShown(!shown)}>
          {shown ? 'Hide' : 'Show'}
        </button>
        <button type="button" onClick={() => void navigator.clipboard.writeText(token.authToken).then(() => setCopied(true))}>
          {copied ? 'Copied' : 'Copy'}
        </button>
      </div>
    </>
  );
}

const clock = (seconds: number) =>
  new Date(seconds * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });

const RADIUS = 52;
const ROUND = 2 * Math.PI * RADIUS;

const lifeOf = (token: Token) => Math.max(1, token.expiresAt - token.serverTime);

/** The seconds that are left, by the server's clock. */
function useLeft(token: Token, at: number): number {
  const life = lifeOf(token);
  const [left, setLeft] = useState(life);
  useEffect(() => {
    const look = () => setLeft(Math.max(0, life - (performance.now() - at) / 1000));
    look();
    const timer = setInterval(look, life < 120 ? 200 : 1000);
    return () => clearInterval(timer);
  }, [life, at]);
  return left;
}

/** Shows how much of the lifetime is left. */
function Ring({ token, left }: { token: Token; left: number }) {
  const life = lifeOf(token);
  const share = left / life;
  return (
    <svg className={`ring ${left === 0 ? 'over' : share < 0.1 ? 'late' : ''}`} viewBox="0 0 120 120" role="img" aria-label={left === 0 ? 'Expired' : `Valid for ${words(left)} more`}>
      <circle className="track" cx="60" cy="60" r={RADIUS} />
      <circle
        className="rest"
        cx="60"
        cy="60"
        r={RADIUS}
        strokeDasharray={ROUND}
        strokeDashoffset={ROUND * (1 - share)}
        transform="rotate(-90 60 60)"
      />
      <text x="60" y={left === 0 ? 65 : 62} textAnchor="middle">
        {left === 0 ? 'expired' : digits(left)}
      </text>
      {left > 0 && (
        <text className="of" x="60" y="80" textAnchor="middle">
          of {words(life)}
        </text>
      )}
    </svg>
  );
}

function digits(seconds: number): string {
  const whole = Math.ceil(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(whole / 60) % 60;
  return whole >= 3600
    ? `${Math.floor(whole / 3600)}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}

function words(seconds: number): string {
  const whole = Math.ceil(seconds);
  const parts = [
    [Math.floor(whole / 3600), 'h'],
    [Math.floor(whole / 60) % 60, 'm'],
    [whole % 60, 's'],
  ] as const;
  return parts
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(' ');
}

/** Shows a token's permissions, one line each. */
export function Permissions({ texts, label = 'Permissions' }: { texts: readonly string[]; label?: string }) {
  return (
    <div className="wide" role="region" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Allows</th>
            <th scope="col">In cache</th>
            <th scope="col">On</th>
          </tr>
        </thead>
        <tbody>
          {texts.map(text => {
            const permission = parsePermission(text);
            return (
              <tr key={text}>
                <td>
                  {permission.may.map(word => (
                    <span className="may" key={word}>
                      {word}
                    </span>
                  ))}
                  <small className="role">{permission.role}</small>
                </td>
                <td>
                  <Selected selector={permission.cache} all="every cache" />
                </td>
                <td>
                  <Selected selector={permission.target} all={`all ${permission.kind}`} kind={permission.kind} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

const ONE = { items: 'key', topics: 'topic', functions: 'function' } as const;

function Selected({ selector, all, kind }: { selector: Selector; all: string; kind?: keyof typeof ONE }) {
  if (selector.all) {
    return <>{all}</>;
  }
  return (
    <>
      {kind && (selector.prefix ? `${kind} that begin with ` : `${ONE[kind]} `)}
      <code>{selector.name}</code>
    </>
  );
}
