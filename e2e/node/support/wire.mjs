// A relay between an SDK and the service that records HTTP/2 frames and changes nothing.
import net from 'node:net';

const NAMES = { 0: 'DATA', 1: 'HEADERS', 3: 'RST_STREAM', 4: 'SETTINGS', 6: 'PING', 7: 'GOAWAY', 8: 'WINDOW_UPDATE' };
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'.length;

/**
 * Listens on its own port. `seen` has the frames of each connection by name, one entry per connection, in
 * `fromClient` and `fromServer`; `hungUp` counts the connections that each side closed.
 */
export async function relay(endpoint) {
  const { hostname, port } = new URL(endpoint);
  const seen = { fromClient: [], fromServer: [], hungUp: { client: 0, server: 0 } };
  const sockets = new Set();
  const server = net.createServer(client => {
    const upstream = net.connect(Number(port), hostname);
    const sent = {};
    const received = {};
    seen.fromClient.push(sent);
    seen.fromServer.push(received);
    let open = true;
    const end = side => () => {
      client.destroy();
      upstream.destroy();
      if (open) {
        open = false;
        seen.hungUp[side]++;
      }
    };
    for (const [side, socket] of [['client', client], ['server', upstream]]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('end', end(side));
      socket.on('close', end(side));
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('data', frames(sent, PREFACE)).pipe(upstream);
    upstream.on('data', frames(received, 0)).pipe(client);
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    seen,
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      sockets.forEach(socket => socket.destroy());
      server.close();
    },
  };
}

function frames(counts, skip) {
  let rest = Buffer.alloc(0);
  let toSkip = skip;
  return chunk => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length > 0) {
      if (toSkip > 0) {
        const taken = Math.min(toSkip, rest.length);
        rest = rest.subarray(taken);
        toSkip -= taken;
      } else if (rest.length < 9) {
        return;
      } else {
        const name = NAMES[rest[3]] ?? `type ${rest[3]}`;
        counts[name] = (counts[name] ?? 0) + 1;
        toSkip = 9 + rest.readUIntBE(0, 3);
      }
    }
  };
}

/** Returns the number of frames of that name on all connections. */
export function total(connections, name) {
  return connections.reduce((sum, counts) => sum + (counts[name] ?? 0), 0);
}
