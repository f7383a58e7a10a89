import { useEffect, useState } from 'react';
import type { Recorded } from './machine';
import { events } from './machine';

const AGAIN = 1000;
const KEPT = 100;

/** Shows recent audit events, polled once a second while they are visible. */
export function Events() {
  const [watching, setWatching] = useState(false);
  const [seen, setSeen] = useState<readonly Recorded[]>([]);
  const [trouble, setTrouble] = useState('');

  useEffect(() => {
    if (!watching) {
      return;
    }
    const end = new AbortController();
    let timer = 0;
    let next = 0;
    setSeen([]);
    const look = async () => {
      try {
        if (!document.hidden) {
          const news = await events(next, end.signal);
          // The numbers start again when the server does.
          const anew = news.next < next;
          next = news.next;
          if (news.events.length > 0) {
            setSeen(before => [...news.events.toReversed(), ...(anew ? [] : before)].slice(0, KEPT));
          }
          setTrouble('');
        }
      } catch (error) {
        if (end.signal.aborted) {
          return;
        }
        setTrouble(`Not reached: ${error instanceof Error ? error.message : String(error)}`);
      }
      if (!end.signal.aborted) {
        timer = window.setTimeout(() => void look(), AGAIN);
      }
    };
    void look();
    return () => {
      end.abort();
      clearTimeout(timer);
    };
  }, [watching]);

  return (
    <section className="card" aria-labelledby="events">
      <div className="headline">
        <h2 id="events">Last requests</h2>
        <button type="button" aria-pressed={watching} onClick={() => setWatching(!watching)}>
          {watching && <span className="live" aria-hidden="true" />}
          {watching ? 'Stop watching' : 'Watch'}
        </button>
      </div>
      {trouble !== '' && <p className="notice bad">{trouble}</p>}
      {seen.length === 0 ? (
        <p className="empty">{watching ? 'No requests yet.' : 'From the audit log of this server, once a second while you watch.'}</p>
      ) : (
        <div className="wide events" role="region" aria-label="Last requests" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">At</th>
                <th scope="col">Outcome</th>
                <th scope="col">Rule</th>
                <th scope="col">Caller</th>
                <th scope="col">Token id</th>
                <th scope="col">Request</th>
              </tr>
            </thead>
            <tbody>
              {seen.map(event => (
                <tr key={event.requestId}>
                  <td>{new Date(event.time).toLocaleTimeString()}</td>
                  <td>
                    <span className={event.outcome === 'vended' ? 'badge good' : 'badge bad'}>{event.outcome}</span>
                    {event.reason !== undefined && <small> {event.reason.toLowerCase().replaceAll('_', ' ')}</small>}
                  </td>
                  <td>{event.rule === undefined ? '' : <code>{event.rule}</code>}</td>
                  <td>{event.subject ?? ''}</td>
                  <td>{event.tokenId ?? ''}</td>
                  <td>
                    <code title={event.requestId}>{event.requestId.slice(0, 8)}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
