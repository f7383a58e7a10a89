import { useEffect, useState } from 'react';
import type { Recorded } from './machine';
import { events } from './machine';
import { Permissions } from './Ticket';

const AGAIN = 1000;
const KEPT = 100;

const FILTERS = ['All', 'Vended', 'Rejected'] as const;
type Filter = (typeof FILTERS)[number];

/** Shows recent audit events, polled once a second while the page is visible. */
export function Events() {
  const [watching, setWatching] = useState(true);
  const [seen, setSeen] = useState<readonly Recorded[]>([]);
  const [trouble, setTrouble] = useState('');
  const [filter, setFilter] = useState<Filter>('All');
  const [search, setSearch] = useState('');
  const [open, setOpen] = useState('');

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
        setTrouble(`The server cannot be reached: ${error instanceof Error ? error.message : String(error)}`);
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

  const shown = seen.filter(event => isShown(event, filter, search));
  return (
    <section className="card part-log" aria-labelledby="events">
      <div className="headline">
        <h2 id="events">Latest requests</h2>
        <button type="button" onClick={() => setWatching(!watching)}>
          {watching && <span className="live" aria-hidden="true" />}
          {watching ? 'Pause' : 'Watch'}
        </button>
      </div>
      {trouble !== '' && (
        <p className="notice bad" role="alert">
          {trouble}
        </p>
      )}
      {seen.length === 0 ? (
        <p className="empty">{watching ? 'No requests yet.' : 'Paused.'}</p>
      ) : (
        <>
          <div className="filters">
            <fieldset className="choice">
              <legend className="hidden">Outcome</legend>
              <div>
                {FILTERS.map(one => (
                  <label key={one}>
                    <input type="radio" name="filter" checked={one === filter} onChange={() => setFilter(one)} />
                    <span>{one}</span>
                  </label>
                ))}
              </div>
            </fieldset>
            <input
              type="search"
              aria-label="Filter by caller, rule, token id or reason"
              placeholder="Filter"
              value={search}
              onChange={event => setSearch(event.target.value)}
            />
          </div>
          {shown.length === 0 ? (
            <p className="empty">No request matches.</p>
          ) : (
            <div className="wide events" role="region" aria-label="Table of the latest requests" tabIndex={0}>
              <table>
                <thead>
                  <tr>
                    <th scope="col">Time</th>
                    <th scope="col">Outcome</th>
                    <th scope="col">Rule</th>
                    <th scope="col">Caller</th>
                    <th scope="col">Token id</th>
                  </tr>
                </thead>
                {shown.map(event => (
                  <Row
                    key={event.requestId}
                    event={event}
                    open={open === event.requestId}
                    onToggle={() => setOpen(open === event.requestId ? '' : event.requestId)}
                  />
                ))}
              </table>
            </div>
          )}
        </>
      )}
    </section>
  );
}

function isShown(event: Recorded, filter: Filter, search: string): boolean {
  const vended = event.outcome === 'vended';
  const texts = [event.outcome, event.reason, event.rule, event.subject, event.tokenId, event.requestId];
  return (
    (filter === 'All' || (filter === 'Vended') === vended) &&
    texts.some(text => text?.toLowerCase().includes(search.trim().toLowerCase()))
  );
}

const words = (reason: string) => reason.toLowerCase().replaceAll('_', ' ');

function Row({ event, open, onToggle }: { event: Recorded; open: boolean; onToggle: () => void }) {
  const { outcome, reason, rule, subject, tokenId, tokenSha256, requestId, permissions } = event;
  return (
    <tbody>
      <tr>
        <td>
          <button type="button" className="row-toggle" aria-expanded={open} onClick={onToggle}>
            {new Date(event.time).toLocaleTimeString()}
          </button>
        </td>
        <td>
          <span className={outcome === 'vended' ? 'badge good' : 'badge bad'}>{outcome}</span>
        </td>
        <td>{rule !== undefined && <code>{rule}</code>}</td>
        <td>{subject ?? ''}</td>
        <td>{tokenId ?? ''}</td>
      </tr>
      {open && (
        <tr>
          <td colSpan={5} className="opened">
            <dl>
              {reason !== undefined && (
                <div>
                  <dt>Reason</dt>
                  <dd>{words(reason)}</dd>
                </div>
              )}
              <div>
                <dt>Request id</dt>
                <dd>{requestId}</dd>
              </div>
              {tokenSha256 !== undefined && (
                <div>
                  <dt>SHA-256 of the token</dt>
                  <dd>{tokenSha256}</dd>
                </div>
              )}
            </dl>
            {permissions.length > 0 && <Permissions texts={permissions} label="Permissions of this request" />}
          </td>
        </tr>
      )}
    </tbody>
  );
}
