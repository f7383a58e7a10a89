import { useState } from 'react';
import type { Attempt } from './attempt';
import { LANGUAGES, program, useOf } from './code';
import type { Language } from './code';
import { Highlighted } from './highlight';
import type { Asked, Settings } from './machine';

/** Shows programs that make the last request and use its token. */
export function Code({ settings, asked, last }: { settings: Settings; asked: Asked | undefined; last: Attempt | undefined }) {
  const [chosen, setChosen] = useState<Language>('curl');
  const [copied, setCopied] = useState('');
  const simulated = asked?.caller.kind === 'simulated';
  const language = simulated ? 'curl' : chosen;
  const text =
    asked && program(language, location.origin, asked.caller, asked.wish, useOf(last, asked.answer?.token, settings));
  return (
    <section className="card part-code" aria-labelledby="code">
      <div className="headline">
        <h2 id="code">{simulated ? 'In a terminal' : 'In your code'}</h2>
        {text !== undefined && (
          <button type="button" onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(text))}>
            {copied === text ? 'Copied' : 'Copy'}
          </button>
        )}
      </div>
      {text === undefined ? (
        <p className="empty">Vend a token to get this request as a program.</p>
      ) : (
        <>
          {!simulated && (
            <fieldset className="choice">
              <legend className="hidden">Language</legend>
              <div>
                {LANGUAGES.map(one => (
                  <label key={one}>
                    <input type="radio" name="language" checked={one === language} onChange={() => setChosen(one)} />
                    <span>{one}</span>
                  </label>
                ))}
              </div>
            </fieldset>
          )}
          <pre className="listing" tabIndex={0} role="region" aria-label={simulated ? 'Command' : language}>
            <Highlighted text={text} />
          </pre>
        </>
      )}
    </section>
  );
}
