// A connection between a browser and a service that a story can cut.
import net from 'node:net';

/**
 * `url` leads to the service of `endpoint`. After `cut()` open connections are closed and new ones fail, until
 * `mend()`.
 */
export async function cable(endpoint) {
  const { hostname, port } = new URL(endpoint);
  const sockets = new Set();
  let whole = true;
  const server = net.createServer(client => {
    if (!whole) {
      client.resetAndDestroy();
      return;
    }
    const upstream = net.connect(Number(port), hostname);
    for (const [socket, other] of [[client, upstream], [upstream, client]]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const drop = () => sockets.forEach(socket => socket.resetAndDestroy());
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    cut() {
      whole = false;
      drop();
    },
    mend() {
      whole = true;
    },
    close() {
      drop();
      server.close();
    },
  };
}
