// A page that uses the client library as an application does, and records what it receives. The stories call it.
import { none, TokenSource } from '../../../web/client/src/index.ts';
import { credentialProvider, TopicsClient } from '../../../web/client/src/topics.ts';
import { NoopMomentoLoggerFactory, TopicClient, TopicConfigurations } from '@gomomento/sdk-web';

const heard = { log: [], gaps: [], errors: [], statuses: [] };
let source, topics, subscription;

/** The longest time for which this page could not run code, in milliseconds. */
let stoodStill = 0;
let looked = performance.now();
setInterval(() => {
  stoodStill = Math.max(stoodStill, performance.now() - looked - 100);
  looked = performance.now();
}, 100);

window.client = {
  /** Subscribes to the topic; resolves when messages can arrive. `through` is another address of the service. */
  async start({ url, parameters = {}, ttl, cache, topic, through }) {
    source = new TokenSource({ url, credentials: none(), parameters, ttl });
    const connect = async token =>
      new TopicClient({
        configuration: TopicConfigurations.Default.latest(new NoopMomentoLoggerFactory()),
        credentialProvider: await credentialProvider(token, through),
      });
    topics = new TopicsClient(source, through === undefined ? {} : { connect });
    subscription = topics.subscribe(cache, topic, {
      onItem: item => heard.log.push(Number(item.value)),
      onGap: () => {
        heard.log.push('gap');
        heard.gaps.push(heard.log.length);
      },
      onStatus: status => heard.statuses.push(status),
      onError: error => heard.errors.push(String(error)),
    });
    await subscription.ready;
  },
  heard: () => ({ ...heard, stoodStill, status: subscription.status, token: source.state.status }),
  remaining: () => source.remaining(),
  publish: (cache, topic, value) => topics.publish(cache, topic, value).then(() => 'published', error => ({ ...error, message: error.message })),
};
