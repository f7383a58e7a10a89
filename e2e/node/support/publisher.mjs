// Publishes in gRPC-Web text, as a browser's SDK does, but without a deadline or keepalive that a busy machine would
// miss: a story must know of each message whether it was published.
import assert from 'node:assert/strict';

function field(number, bytes) {
  const length = [];
  for (let rest = bytes.length; ; rest >>>= 7) {
    if (rest < 128) {
      length.push(rest);
      break;
    }
    length.push((rest & 127) | 128);
  }
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
}

/** Returns a function that publishes a text to a topic with `token`, and fails unless the service accepted it. */
export function publisher(token, endpoint, cache) {
  const { api_key: key } = JSON.parse(Buffer.from(token, 'base64').toString('utf8'));
  return async (topic, text) => {
    const message = Buffer.concat([
      field(1, Buffer.from(cache)),
      field(2, Buffer.from(topic)),
      field(3, field(1, Buffer.from(text))),
    ]);
    const frame = Buffer.alloc(5);
    frame.writeUInt32BE(message.length, 1);
    const response = await fetch(`${endpoint}/cache_client.pubsub.Pubsub/Publish`, {
      method: 'POST',
      headers: {
        'content-type': 'application/grpc-web-text',
        accept: 'application/grpc-web-text',
        authorization: key,
        cache,
        'x-grpc-web': '1',
      },
      body: Buffer.concat([frame, message]).toString('base64'),
    });
    const body = await response.text();
    const frames = body.match(/[A-Za-z0-9+/]+={0,2}/g)?.map(part => Buffer.from(part, 'base64').toString('latin1')) ?? [];
    const status = response.headers.get('grpc-status') ?? /grpc-status: ?(\d+)/.exec(frames.join(''))?.[1];
    assert.equal(status, '0', `publish: HTTP ${response.status}, gRPC ${status}`);
  };
}
