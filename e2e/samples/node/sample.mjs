// node sample.mjs URL: everything that the package exports, with a token of the server at URL.
import assert from 'node:assert/strict';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { none, TokenSource } from 'tokenvending-client';
import { TopicsClient } from 'tokenvending-client/node';
import { TokenProvider, useTopic } from 'tokenvending-client/react';
import { FakeMomento } from 'tokenvending-client/testing';
import { TopicsClient as BrowserTopicsClient } from 'tokenvending-client/topics';

/** The first message that `client` receives after it has published one. */
async function echo(client) {
  const { value } = await new Promise((onItem, onError) => {
    const subscription = client.subscribe('default-cache', 'room', { onItem, onError });
    subscription.ready.then(() => client.publish('default-cache', 'room', 'hello')).catch(onError);
  });
  return value;
}

const source = new TokenSource({ url: process.argv[2], credentials: none(), parameters: { name: 'ann' } });
const topics = new TopicsClient(source);
assert.equal(await echo(topics), 'hello');
topics.close();
source.close();

const fake = new FakeMomento();
assert.ok(fake.topics instanceof BrowserTopicsClient);
assert.equal(await echo(fake.topics), 'hello');

const Room = () => useTopic('default-cache', 'room').status;
assert.equal(renderToString(createElement(TokenProvider, { source: fake.source }, createElement(Room))), 'connecting');
fake.topics.close();
fake.source.close();
console.log('done');
