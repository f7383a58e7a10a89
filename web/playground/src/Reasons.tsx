import type { Explanation } from './machine';
import { Permissions } from './Ticket';

/** Shows which rule matched, and why the others did not. */
export function Reasons({ explanation }: { explanation: Explanation }) {
  const { decision, reason, rule, rules, caller, permissions, reuse, tokenId, ttl } = explanation;
  return (
    <section className="card" aria-labelledby="why">
      <h2 id="why">Why</h2>
      <p className="line">
        <span className={decision === 'granted' ? 'badge good' : 'badge bad'}>{WORDS[decision]}</span>
        {rule !== undefined && (
          <span>
            by rule <code>{rule}</code>
          </span>
        )}
        {reason !== undefined && <span>{reason}</span>}
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
          {permissions && <Permissions texts={permissions} />}
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
