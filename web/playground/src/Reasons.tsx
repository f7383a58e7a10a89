import type { Answer, Explanation } from './machine';
import { Permissions } from './Ticket';

/** Shows which rule matched, and why the others did not; for a throttled request, what throttled it. */
export function Reasons({ explanation, answer }: { explanation: Explanation; answer: Answer | undefined }) {
  const throttled = answer?.status === 429 || answer?.status === 503;
  const { decision, reason, rule, rules, caller, permissions, reuse, tokenId, ttl } = explanation;
  return (
    <section className="card part-answer" aria-labelledby="why">
      <h2 id="why">Why</h2>
      {throttled && (
        <p className="line">
          <span className="badge bad">{answer.status === 429 ? 'throttled' : 'unavailable'}</span>
          <span>
            {answer.problem?.detail} {answer.retryAfter !== null && `Retry after ${answer.retryAfter} s.`} Without that, the
            policy decides:
          </span>
        </p>
      )}
      <p className="line">
        <span className={decision === 'granted' ? 'badge good' : 'badge bad'}>{WORDS[decision]}</span>
        {rule !== undefined && (
          <span>
            by rule <code>{rule}</code>
          </span>
        )}
        {caller && (
          <span>
            {caller.subject === undefined ? (
              'to an anonymous caller'
            ) : (
              <>
                to <code>{caller.subject}</code>
                {caller.groups.length > 0 && ` in ${caller.groups.join(', ')}`}
              </>
            )}
          </span>
        )}
        {reason !== undefined && <span>Reason: {reason}</span>}
      </p>
      {rules && (
        <ol className="rules">
          {rules.map(one => (
            <li key={one.rule} className={one.verdict.replaceAll(' ', '-')}>
              <span className="sign" aria-hidden="true">
                {one.verdict === 'matches' ? '✓' : one.verdict === 'does not match' ? '×' : '·'}
              </span>
              <code>{one.rule}</code>
              <span>
                {one.verdict}: {one.why}
              </span>
            </li>
          ))}
        </ol>
      )}
      {decision === 'granted' && (
        <details>
          <summary>What the rule gives</summary>
          {permissions && <Permissions texts={permissions} label="Permissions of the rule" />}
          <p className="hint">
            For {ttl} s, token id {tokenId ?? 'none'}, reuse {reuse}.
          </p>
        </details>
      )}
    </section>
  );
}

const WORDS: Readonly<Record<Explanation['decision'], string>> = {
  granted: 'granted',
  denied: 'denied',
  unauthenticated: 'unauthenticated',
  malformed: 'malformed',
};
