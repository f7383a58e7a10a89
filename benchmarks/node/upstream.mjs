// Momento's token service as far as the benchmarks need it, and the judge of what it is asked: it admits calls by Momento's
// own rule and remembers every one. It shares no code with the machine: its messages are Momento's, for Node.js.
//
//   node benchmarks/node/upstream.mjs [--rate 5] [--jitter 1-20] [--seed 1] [--tls CERTIFICATE,KEY]
//
// --rate is calls a second, 0 for no limit; --jitter the milliseconds that a call takes to get here, and again its answer to
// get back, at random between the two numbers. Prints `ready: ADDRESS control: URL`. GET /calls at the control address gives
// every call: { at: [when it arrived, ms], admitted: [1 or 0] }; POST /reset forgets them. Ends with its starter.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { token as tokenService } from '@gomomento/generated-types';
import grpc from '@grpc/grpc-js';
import { now } from '../support/callers.mjs';
import { random, SlidingWindow } from '../support/figures.mjs';
import { endWithStarter } from '../support/processes.mjs';

endWithStarter();
const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '5' },
    jitter: { type: 'string', default: '1-20' },
    seed: { type: 'string', default: '1' },
    tls: { type: 'string' },
  },
});
const rate = Number(values.rate);
const [least, most] = values.jitter.split('-').map(Number);
const next = random(Number(values.seed));
const travel = () => new Promise(resolve => (most === 0 ? resolve() : setTimeout(resolve, least + next() * (most - least))));

let window = new SlidingWindow(rate);
let calls = { at: [], admitted: [] };

async function generate(call, answer) {
  await travel();
  const at = now();
  const admitted = rate === 0 || window.admit(at);
  calls.at.push(at);
  calls.admitted.push(admitted ? 1 : 0);
  await travel();
  if (!admitted) {
    answer({ code: grpc.status.RESOURCE_EXHAUSTED, details: 'Too many requests: operations rate limit exceeded' });
    return;
  }
  const life = call.request.expires?.valid_for_seconds ?? 0;
  if (call.request.auth_token === '' || life < 1) {
    answer({ code: grpc.status.INVALID_ARGUMENT, details: 'no key, or no life' });
    return;
  }
  answer(
    null,
    new tokenService.token._GenerateDisposableTokenResponse({
      api_key: `bench-${calls.at.length}-${'k'.repeat(400)}`,
      endpoint: 'cell.bench.example.com',
      valid_until: Math.floor(Date.now() / 1000) + life,
    }),
  );
}

const server = new grpc.Server();
server.addService(tokenService.token.UnimplementedTokenService.definition, { GenerateDisposableToken: generate });
const [certificate, key] = values.tls?.split(',').map(file => readFileSync(file)) ?? [];
const credentials = values.tls
  ? grpc.ServerCredentials.createSsl(null, [{ cert_chain: certificate, private_key: key }])
  : grpc.ServerCredentials.createInsecure();
const port = await new Promise((resolve, reject) =>
  server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound))),
);

const control = createServer((request, response) => {
  if (request.method === 'POST' && request.url === '/reset') {
    window = new SlidingWindow(rate);
    calls = { at: [], admitted: [] };
  }
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(calls));
});
await new Promise(resolve => control.listen(0, '127.0.0.1', resolve));
console.log(`ready: 127.0.0.1:${port} control: http://127.0.0.1:${control.address().port}`);
