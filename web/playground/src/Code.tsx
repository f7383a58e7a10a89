import { useState } from 'react';
import type { Attempt } from './attempt';
import { curl, program } from './code';
import type { Caller, Wish } from './machine';

/** Shows the curl command and the program for the last request. */
export function Code({
  caller,
  wish,
  overridden,
  last,
}: {
  caller: Caller;
  wish: Wish | undefined;
  overridden: boolean;
  last: Attempt;
}) {
  if (wish === undefined) {
    return null;
  }
  const imagined = caller.kind === 'imagined';
  return (
    <section className="card" aria-labelledby="code">
      <h2 id="code">The same by hand</h2>
      <Listing name={imagined ? 'terminal' : 'curl'} text={curl(location.origin, caller, wish)} />
      {!imagined && <Listing name="SDK" text={program(location.origin, caller, wish, overridden, last)} />}
    </section>
  );
}

function Listing({ name, text }: { name: string; text: string }) {
  const [copied, setCopied] = useState('');
  return (
    <figure className="listing">
      <figcaption>
        {name}
        <button type="button" onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(text))}>
          {copied === text ? 'Copied' : `Copy ${name}`}
        </button>
      </figcaption>
      <pre tabIndex={0} role="region" aria-label={name}>
        {text}
      </pre>
    </figure>
  );
}
