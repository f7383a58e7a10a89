// Each guide, followed word by word in an empty folder: its commands, its files, and what it says they print.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { blocks, follow, read, ROOT } from '../../support/guide.mjs';
import { startIssuer } from '../../../../testing/node/issuer.mjs';
import { serve } from '../../support/process.mjs';

for (const name of ['get-started', 'rotate-keys', 'block-a-user', 'many-users', 'migrate-from-node', 'troubleshoot']) {
  test(`the guide ${name} does what it says`, () => follow(`guides/${name}.md`));
}

const PROVIDERS = readdirSync(join(ROOT, 'docs/guides/identity')).filter(name => name !== 'index.md').map(name => name.replace('.md', ''));

for (const name of PROVIDERS) {
  const page = read(`guides/identity/${name}.md`);
  const [policy] = blocks(page).filter(block => block.marks.includes('file=tvm.yaml'));
  const json = kind => JSON.parse(blocks(page).find(block => block.marks.includes(kind)).text);

  test(`the policy for ${name} is that of the examples`, () => {
    const example = readFileSync(join(ROOT, `examples/${name}.yaml`), 'utf8');
    assert.equal(`${policy.text}\n`, example.replace(/^(#.*\n)+/, ''));
  });

  test(`the guide for ${name} does what it says, and its claims get what it says`, async () => {
    await follow(`guides/identity/${name}.md`);
    const claims = json('claims');
    const provider = await startIssuer(claims.iss);
    const server = await serve(locally(policy.text, provider));
    try {
      const ask = token => fetch(server.url, { headers: { authorization: `Bearer ${token}` } });
      const granted = await ask(await provider.sign(claims));
      const body = await granted.json();
      assert.equal(granted.status, 200, JSON.stringify(body));
      assert.deepEqual(body.permissions, json('granted'));
      assert.equal(body.tokenId, claims.sub);

      for (const [what, changed] of [
        ['another issuer', { iss: 'https://other.example.com/' }],
        ['another audience or client', { aud: 'other', azp: 'other', client_id: 'other', cid: 'other' }],
        ['an expired token', { exp: 1_000_000_000 }],
      ]) {
        assert.equal((await ask(await provider.sign({ ...claims, ...changed }))).status, 401, what);
      }
      assert.equal((await ask(await provider.sign(claims, { forged: true }))).status, 401, 'a signature by another key');
    } finally {
      await server.stop();
      await provider.stop();
    }
  });
}

/** The policy, with the provider's keys from this machine, and without Momento's. */
function locally(policy, provider) {
  const withKeys = policy.includes('jwks-uri:')
    ? policy.replace(/jwks-uri: .*/, `jwks-uri: ${provider.keys}`)
    : policy.replace(/^( +)(issuer|user-pool-id): .*$/m, `$&\n$1jwks-uri: ${provider.keys}`);
  return withKeys.replace(/momento:\n  api-key: .*\n\n/, '');
}
