// The services around a function on AWS Lambda, on loopback: the Runtime API, which distributes events, and Secrets
// Manager.
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { readFileSync } from 'node:fs';
import { now } from './callers.mjs';

const API = '/2018-06-01/runtime/';

export const API_ID = 'a1b2c3d4e5';
export const STAGE = 'prod';

/** `GET /?name=Taylor` as an event of a REST API. */
export const EVENT = JSON.stringify({
  resource: '/',
  path: '/',
  httpMethod: 'GET',
  headers: { Accept: '*/*', Host: `${API_ID}.execute-api.us-west-2.amazonaws.com`, 'User-Agent': 'benchmark' },
  multiValueHeaders: { Accept: ['*/*'], Host: [`${API_ID}.execute-api.us-west-2.amazonaws.com`], 'User-Agent': ['benchmark'] },
  queryStringParameters: { name: 'Taylor' },
  multiValueQueryStringParameters: { name: ['Taylor'] },
  pathParameters: null,
  stageVariables: null,
  requestContext: {
    resourcePath: '/',
    httpMethod: 'GET',
    path: `/${STAGE}/`,
    accountId: '123456789012',
    protocol: 'HTTP/1.1',
    stage: STAGE,
    identity: { sourceIp: '203.0.113.7', userAgent: 'benchmark' },
    requestId: '0f4bbf3c-64cb-4b49-9d0b-5c4b4f9d0d42',
    apiId: API_ID,
  },
  body: null,
  isBase64Encoded: false,
});

/**
 * The Runtime API of one process at a time. `begin()` drops the last process and returns promises of `now()`:
 * `asked`, the first request for an event; `restorable`, when it is ready for a snapshot; and of `{ at, body }`:
 * `answers`, the first responses to EVENT. `restore()` continues a process that waits in its snapshot.
 */
export async function runtimeApi(answersWanted) {
  let process;
  const server = createServer(async (request, response) => {
    const at = now();
    const path = request.url.slice(API.length);
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts).toString();
    if (path === 'restore/next') {
      process.restorable.settle(at);
      await process.restored.promise;
      response.end();
    } else if (path === 'invocation/next') {
      process.asked.settle(at);
      // After the last one the process waits for another event until it is ended.
      if (process.handedOut === answersWanted) return;
      process.handedOut++;
      response.writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': `event-${process.handedOut}`,
        'lambda-runtime-deadline-ms': String(Date.now() + 15_000),
        'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-west-2:123456789012:function:vend:live',
        'lambda-runtime-trace-id': 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0',
      });
      response.end(EVENT);
    } else if (path.endsWith('/response')) {
      process.answers[process.answered++].settle({ at, body });
      response.writeHead(202).end();
    } else {
      process.fail(new Error(`the function said at ${path}: ${body}`));
      response.writeHead(202).end();
    }
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    authority: `127.0.0.1:${server.address().port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
    begin() {
      const fresh = {
        asked: later(),
        restorable: later(),
        restored: later(),
        answers: Array.from({ length: answersWanted }, later),
        handedOut: 0,
        answered: 0,
        fail(error) {
          for (const one of [fresh.asked, fresh.restorable, ...fresh.answers]) one.fail(error);
        },
      };
      process = fresh;
      return {
        asked: fresh.asked.promise,
        restorable: fresh.restorable.promise,
        answers: fresh.answers.map(answer => answer.promise),
        restore: () => fresh.restored.settle(),
        fail: fresh.fail,
      };
    },
  };
}

function later() {
  let settle;
  let fail;
  const promise = new Promise((resolve, reject) => {
    settle = resolve;
    fail = reject;
  });
  // Not every promise is awaited.
  promise.catch(() => {});
  return { promise, settle, fail };
}

/**
 * AWS with one secret, and an empty table that stores nothing. Returns the address, and how often the secret was read
 * since `reset()`.
 */
export async function aws(secret, { certificate, key }) {
  let reads = 0;
  const server = createSecureServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (request, response) => {
    const target = request.headers['x-amz-target'] ?? '';
    let asked = '';
    request.on('data', text => (asked += text));
    request.on('end', () => {
      if (target.startsWith('DynamoDB')) {
        response.setHeader('content-type', 'application/x-amz-json-1.0');
        response.end(JSON.stringify(fromTable(target, asked)));
        return;
      }
      reads++;
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      response.end(JSON.stringify({ Name: 'momento-key', SecretString: secret, VersionStages: ['AWSCURRENT'] }));
    });
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${server.address().port}`,
    reads: () => reads,
    reset: () => (reads = 0),
  };
}

function fromTable(target, asked) {
  if (!target.endsWith('.Query')) return {};
  const partition = JSON.parse(asked).ExpressionAttributeValues[':queue'];
  // The queue of the account, without grants and without waiting callers.
  const Items = partition === undefined ? [] : [{ pk: partition, sk: { S: '-' }, v: { N: '1' }, t: { M: {} } }];
  return { Items, Count: Items.length, ScannedCount: Items.length };
}
