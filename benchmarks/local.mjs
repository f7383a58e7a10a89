// local: mixed operations on collections of momento-local, beside redis-server
//
//   ./tvm bench local [--short] [--seconds 10]
//
// 32 connections of wrk, each with one request at a time, over gRPC-Web: reads and writes of scalars, dictionaries, sets, lists and
// sorted sets under 1,000 keys of each. redis-benchmark makes the same writes at redis-server, without pipelining. Needs wrk,
// redis-server and redis-benchmark. Writes `local` into bench.json.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { OPTIONS, load, needsWrk, warmUp } from './support/load.mjs';
import { LAUNCHER, redis as startRedis, start, temporaryFolder } from './support/processes.mjs';
import { addJson, machineLine, table } from './support/report.mjs';

const CONNECTIONS = 32;
const KEYS = 1000;
const TTL_MS = 60_000;

const { values: options } = parseArgs({ options: OPTIONS });
const seconds = Number(options.seconds ?? (options.short ? 4 : 10));
await needsWrk();

const varint = number => (number < 128 ? [number] : [(number & 127) | 128, ...varint(number >>> 7)]);
const bytes = (field, content) => Buffer.from([(field << 3) | 2, ...varint(Buffer.byteLength(content)), ...Buffer.from(content)]);
const number = (field, value) => Buffer.from([field << 3, ...varint(value)]);
const double = (field, value) => {
  const content = Buffer.alloc(8);
  content.writeDoubleLE(value);
  return Buffer.concat([Buffer.from([(field << 3) | 1]), content]);
};

/** What is requested of each key: the name of the call, and the fields of its message after the key. */
const CALLS = [
  ['Set', () => [bytes(2, 'x'.repeat(100)), number(3, TTL_MS)]],
  ['Get', () => []],
  ['DictionarySet', i => [bytes(2, Buffer.concat([bytes(1, `f${i % 7}`), bytes(2, 'x'.repeat(100))])), number(3, TTL_MS)]],
  ['DictionaryGet', i => [bytes(2, `f${i % 7}`)]],
  ['SetUnion', i => [bytes(2, `e${i % 7}`), number(3, TTL_MS)]],
  ['SetContains', i => [bytes(2, `e${i % 7}`)]],
  ['ListPushBack', i => [bytes(2, `v${i}`), number(3, TTL_MS), number(5, 10)]],
  ['ListFetch', () => []],
  ['SortedSetPut', i => [bytes(2, Buffer.concat([bytes(1, `e${i % 7}`), double(2, i)])), number(3, TTL_MS)]],
  ['SortedSetGetScore', i => [bytes(2, `e${i % 7}`)]],
];

/** All requests in turn: the path, and the message in its frame. */
const requests = Array.from({ length: KEYS }, (_, i) => i).flatMap(i =>
  CALLS.map(([name, fields]) => {
    // Each collection has its own keys; the two calls on one have the same.
    const kind = /^(Dictionary|SetUnion|SetContains|List|Sorted)?/.exec(name)[0].replace(/Union|Contains/, '');
    const message = Buffer.concat([bytes(1, `${kind}${i}`), ...fields(i)]);
    const frame = Buffer.alloc(5);
    frame.writeUInt32BE(message.length, 1);
    return [`/cache_client.Scs/${name}`, Buffer.concat([frame, message])];
  }),
);

const HEADERS = { 'content-type': 'application/grpc-web+proto', 'x-grpc-web': '1', cache: 'default-cache' };
const lua = text => `"${[...text].map(byte => `\\${String(byte).padStart(3, '0')}`).join('')}"`;
const script = join(temporaryFolder(), 'requests.lua');
writeFileSync(
  script,
  `local requests, at = {}, 0
local bodies = {
${requests.map(([path, body]) => `{"${path}",${lua(body)}},`).join('\n')}
}
function init()
  for i, one in ipairs(bodies) do requests[i] = wrk.format("POST", one[1], wrk.headers, one[2]) end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
`,
);

const local = await start(LAUNCHER, ['local', '--port', '0', '--keyless'], { ready: /^ready: (http:\/\/\S+)$/m });
const url = local.match[1];
// wrk reads no trailers, and an error of gRPC has HTTP status 200 too.
for (const [path, body] of requests.slice(0, CALLS.length)) {
  const answer = await fetch(url + path, { method: 'POST', headers: HEADERS, body });
  assert.match(Buffer.from(await answer.arrayBuffer()).toString('latin1'), /grpc-status: ?0/, path);
}
const measure = time => load(url, { seconds: time, connections: CONNECTIONS, headers: Object.entries(HEADERS).map(pair => pair.join(': ')), script: [script] });
await warmUp(async () => (await measure(Math.min(5, seconds))).perSecond);
const found = await measure(seconds);
await local.stop();

const redis = await startRedis();
const { port } = new URL(redis.url);
const count = options.short ? 100_000 : 500_000;
const csv = execFileSync('redis-benchmark', ['-p', port, '-c', CONNECTIONS, '-n', count, '-r', KEYS, '-d', 100, '--csv', '-t', 'set,get,hset,sadd,lpush,zadd'], { encoding: 'utf8' });
await redis.stop();
// The rate of a mix with as many of each: the harmonic mean.
const rates = [...csv.matchAll(/^"[A-Z]+","([\d.]+)"/gm)].map(([, rate]) => Number(rate));
assert.equal(rates.length, 6, csv);
const redisPerSecond = rates.length / rates.reduce((sum, rate) => sum + 1 / rate, 0);

addJson('bench.json', { local: { perSecond: found.perSecond, p50: found.p50, p99: found.p99, redisPerSecond, ofRedis: found.perSecond / redisPerSecond } });
console.log(`${machineLine()}; ${CONNECTIONS} connections`);
console.log(
  table([
    ['mixed collections', 'operations/s', 'of redis', 'p50 ms', 'p99 ms'],
    ['momento-local', found.perSecond.toFixed(0), (found.perSecond / redisPerSecond).toFixed(2), found.p50.toFixed(2), found.p99.toFixed(2)],
    ['redis-server', redisPerSecond.toFixed(0), '1.00', '', ''],
  ]),
);
process.exit(0);
