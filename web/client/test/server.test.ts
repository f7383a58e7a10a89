import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';
import { TokenProvider, useToken, useTopic } from '../src/react.js';
import { FakeMomento } from '../src/testing.js';

function Room() {
  return `${useToken().status} ${useTopic('chat', 'room').status}`;
}

test('a server without a window renders the hooks, and requests nothing', () => {
  const { source } = new FakeMomento();
  expect(renderToString(createElement(TokenProvider, { source }, createElement(Room)))).toBe('idle connecting');
  expect(source.state.status).toBe('idle');
});

test('without a provider the error says what is missing', () => {
  expect(() => renderToString(createElement(Room))).toThrow('<TokenProvider>');
});
