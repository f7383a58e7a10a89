// @vitest-environment happy-dom
import { act, createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { expect, test, vi } from 'vitest';
import { Ask } from '../src/Ask';
import type { Settings } from '../src/machine';

const settings: Settings = {
  url: 'https://tvm.example.com/',
  local: true,
  authenticationMethods: [
    { kind: 'password' },
    { kind: 'cognito', clientId: 'client', endpoint: 'https://cognito.example.com/' },
    { kind: 'oidc', issuer: 'https://issuer.example.com/' },
  ],
  parameters: [],
  cache: 'default-cache',
  topic: null,
};

test('what was typed for one kind of caller is in no field of another', async () => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  const page = document.createElement('div');
  const root = createRoot(page);
  await act(async () => root.render(createElement(Ask, { settings, busy: false, user: undefined, onSignIn: async () => {}, onSignOut: () => {}, onAsk: async () => {} })));
  const fields = () => [...page.querySelectorAll<HTMLInputElement>('.field > input, .field > textarea')];
  const kinds = [...page.querySelectorAll<HTMLInputElement>('fieldset input[type="radio"]')];
  const choose = (kind: HTMLInputElement) => act(async () => kind.click());
  expect(kinds).toHaveLength(5);
  for (const from of kinds) {
    for (const to of kinds.filter(kind => kind !== from)) {
      await choose(from);
      const typed = fields().filter(field => field.closest('details') === null);
      typed.forEach(field => (field.value = 'secret'));
      await choose(to);
      expect(fields().filter(field => field.value === 'secret'), `${from.parentElement?.textContent} to ${to.parentElement?.textContent}`).toEqual([]);
    }
  }
  await act(async () => root.unmount());
  vi.unstubAllGlobals();
});
