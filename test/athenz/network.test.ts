import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import type { AppError, ErrorCode } from '../../src/model/error.ts';
import { createTestAuthority } from '../support/certificates.ts';
import { serveHttps } from '../support/https.ts';
import { startZms } from '../support/zms.ts';
import { onlyOnce, openClient } from '../support/zms-client.ts';

interface PlainServer extends AsyncDisposable {
  readonly url: string;
}

/** Starts a server without TLS. */
async function serveBytes(answer: (socket: Socket) => void): Promise<PlainServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    answer(socket);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}/zms/v1`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

test('fails with ZMS_UNREACHABLE after four tries when ZMS is down', async () => {
  await using fixture = await startZms();
  await fixture.sandbox.close();
  await assert.rejects(fixture.zms.listDomains(), {
    code: 'ZMS_UNREACHABLE',
    message: /ECONNREFUSED.*\(after 4 tries\)$/,
  });
  assert.equal(fixture.zms.requests, 4);
  assert.equal(fixture.clock.slept.length, 3);
});

const bytes: readonly (readonly [name: string, answer: (socket: Socket) => void, code: ErrorCode])[] = [
  ['accepts connections and never responds', () => {}, 'ZMS_TIMEOUT'],
  ['closes the connection at once', (socket) => socket.destroy(), 'ZMS_UNREACHABLE'],
  ['speaks HTTP without TLS', (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), 'ZMS_TLS'],
];
for (const [name, answer, code] of bytes) {
  test(`fails with ${code} when the server ${name}`, async () => {
    await using server = await serveBytes(answer);
    const authority = await createTestAuthority();
    // Short only for cases that wait for the timeout.
    const options = { retry: onlyOnce, config: { requestTimeout: code === 'ZMS_TIMEOUT' ? 300 : 10_000 } };
    await using client = await openClient({ url: server.url, authority }, options);
    await assert.rejects(client.zms.listDomains(), { code });
  });
}

const entry = '{"domain":{"name":"acme","modified":"2026-01-01T00:00:00.000Z"}}';
const list = `{"domains":[${entry}]}`;

const answers: readonly (readonly [name: string, raw: string, code: ErrorCode])[] = [
  [
    'a body shorter than Content-Length',
    `HTTP/1.1 200 OK\r\nContent-Length: ${list.length + 1}\r\n\r\n${list}`,
    'ZMS_UNREACHABLE',
  ],
  [
    'a chunked body without its last chunk',
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${list.length.toString(16)}\r\n${list}\r\n`,
    'ZMS_UNREACHABLE',
  ],
  ['truncated headers', 'HTTP/1.1 200 OK\r\nContent-Le', 'ZMS_UNREACHABLE'],
  ['a non-HTTP response', 'SSH-2.0-OpenSSH_9.6\r\n', 'ZMS_UNREACHABLE'],
];
for (const [name, raw, code] of answers) {
  test(`fails with ${code} on ${name}`, async () => {
    await using server = await serveHttps((request) => void request.socket.end(raw));
    await using client = await openClient(server, { retry: onlyOnce });
    await assert.rejects(client.zms.listDomains(), { code });
  });
}

test('does not follow a redirect', async () => {
  await using server = await serveHttps((request, response) => {
    if (request.url?.startsWith('/zms/v1/')) response.writeHead(302, { Location: '/elsewhere' }).end();
    else response.end(list);
  });
  await using client = await openClient(server, { retry: onlyOnce });
  await assert.rejects(client.zms.listDomains(), (error: AppError) => {
    assert.equal(error.code, 'ZMS_BAD_RESPONSE');
    assert.match(error.message, /302/);
    return true;
  });
  assert.deepEqual(server.paths, ['/sys/modified_domains']);
});

test('decodes a response split in the middle of a character', async () => {
  const body = Buffer.from(list.replace('acme', 'acmé'));
  const middle = body.indexOf(0xc3) + 1;
  await using server = await serveHttps((_, response) => {
    response.writeHead(200, { 'Content-Length': String(body.length) });
    response.write(body.subarray(0, middle), () => setTimeout(() => response.end(body.subarray(middle)), 10));
  });
  await using client = await openClient(server, { retry: onlyOnce });
  assert.deepEqual(
    (await client.zms.listDomains()).all().map(({ name }) => name),
    ['acmé'],
  );
});

test('a client recovers after connection resets', async () => {
  await using fixture = await startZms();
  await fixture.zms.listDomains();
  let resets = 2;
  fixture.sandbox.intercept(() => (resets-- > 0 ? { kind: 'reset' } : undefined));
  assert.ok((await fixture.zms.listDomains()).size > 0);
  assert.equal(fixture.sandbox.requests.length, 4);
});

test('closing a client aborts requests in flight', async () => {
  await using fixture = await startZms({ retry: onlyOnce });
  const arrived = new Promise<void>((resolve) => {
    fixture.sandbox.intercept(() => {
      resolve();
      return { kind: 'hang' };
    });
  });
  const pending = assert.rejects(fixture.zms.listDomains(), { code: 'ZMS_UNREACHABLE' });
  await arrived;
  await fixture.zms.close();
  await pending;
});

test('a proxy that refuses is named by its variable', async () => {
  const url = 'https://zms.example.com/zms/v1';
  const env = { HTTPS_PROXY: 'http://127.0.0.1:1' };
  await using client = await openClient({ url, authority: await createTestAuthority() }, { env, retry: onlyOnce });
  await assert.rejects(client.zms.listDomains(), {
    code: 'ZMS_UNREACHABLE',
    next: 'check athenz.zmsUrl, the network and the proxy of HTTPS_PROXY',
  });
});
