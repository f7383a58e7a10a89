// memory: what a server takes when idle, when it vends, and when it checks passwords, by the size of its heap
//
//   ./tvm bench memory [--seconds 8]
//
// Resident memory at the end of each step: idle for a few seconds; 64 connections whose every request mints; 32 connections with the
// passwords of 2,000 users. The heap is half of a container's memory, as in the image. The table is that of docs/install.md.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { OPTIONS, serveWith, startTokenService } from './support/load.mjs';
import { LAUNCHER, residentMb, temporaryFolder } from './support/processes.mjs';
import { machineLine, table } from './support/report.mjs';

const USERS = 2000;
const PASSWORD = 'battery-staple';

const { values: options } = parseArgs({ options: OPTIONS });
const seconds = Number(options.seconds ?? (options.short ? 3 : 8));
const users = join(temporaryFolder(), 'users.yaml');
const hash = spawnSync(LAUNCHER, ['hash-password'], { input: `${PASSWORD}\n`, encoding: 'utf8' }).stdout.trim();
writeFileSync(users, Array.from({ length: USERS }, (_, i) => `u${i}: { hash: "${hash}" }\n`).join(''));
const service = await startTokenService();
const policy = `
authentication: [password: { users: "file:${users}" }, open: {}]
rules:
  - { id: all, permissions: [{ role: PublishSubscribe, cache: chat, topic: room-1 }] }
audit: { to: file:audit.jsonl }`;

/** Requests tokens over `connections` until the time is over. Some with passwords are rejected, by the login throttle. */
async function requests(url, connections, credential = () => undefined) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const end = Date.now() + seconds * 1000;
  const one = auth => new Promise((resolve, reject) => get(url, { agent, auth }, response => response.resume().on('end', resolve)).on('error', reject));
  const client = async () => {
    while (Date.now() < end) await one(credential());
  };
  await Promise.all(Array.from({ length: connections }, client));
  agent.destroy();
}

let next = 0;
const user = () => `u${next++ % USERS}:${PASSWORD}`;
const rows = [['memory, MiB', 'heap, MiB', 'idle, MiB', 'vending, MiB', 'passwords, MiB']];
for (const memory of [256, 384, 512, 1024]) {
  const server = await serveWith(service, policy, `${memory / 2}m`);
  await new Promise(resolve => setTimeout(resolve, 3000));
  const row = [memory, memory / 2, residentMb(server.pid)];
  await requests(server.url, 64);
  row.push(residentMb(server.pid));
  await requests(server.url, 32, user);
  rows.push([...row, residentMb(server.pid)].map(cell => (typeof cell === 'number' ? Math.round(cell) : cell)));
  await server.stop();
}
await service.stop();
console.log(`${machineLine()}\n\n${table(rows)}`);
