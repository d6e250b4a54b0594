import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { connect } from 'node:tls';
import type { Fault } from '../../src/sandbox/fault.ts';
import type { SandboxRequest } from '../../src/sandbox/server.ts';
import { openSandbox } from '../support/authority.ts';
import { call } from './client.ts';

const state = { domains: { acme: { roles: { r: ['user.ada', 'user.bo'] } } } };
const path = '/domain/acme/signed';

test('a fault applies to intercepted requests only, until it is removed', async () => {
  const seen: SandboxRequest[] = [];
  await using sandbox = await openSandbox({
    state,
    intercept: (request) => {
      seen.push(request);
      return request.path.endsWith('/signed')
        ? { kind: 'status', status: 503, body: '<h1>down</h1>', contentType: 'text/html' }
        : undefined;
    },
  });
  const down = await call(sandbox, `${path}?x=1`);
  assert.deepEqual([down.status, down.text, down.headers['content-type']], [503, '<h1>down</h1>', 'text/html']);
  assert.equal((await call(sandbox, '/domain/acme')).status, 200);
  assert.deepEqual(seen[0], { method: 'GET', path: `/zms/v1${path}`, url: `/zms/v1${path}?x=1` });
  sandbox.intercept(undefined);
  assert.equal((await call(sandbox, path)).status, 200);
  assert.deepEqual(
    sandbox.requests.map(({ status }) => status),
    [503, 200, 200],
  );
});

for (const kind of ['hang', 'stall'] as const) {
  test(`${kind}: sends no status before the sandbox closes`, async () => {
    await using sandbox = await openSandbox({ state });
    const arrived = new Promise<void>((resolve) => {
      sandbox.intercept(() => {
        resolve();
        return { kind };
      });
    });
    const pending = assert.rejects(call(sandbox, path));
    await arrived;
    await sandbox.close();
    await pending;
    assert.equal(sandbox.requests[0]?.status, 0);
  });
}

test('stall: sends the beginning of a response', async () => {
  await using sandbox = await openSandbox({ state, intercept: () => ({ kind: 'stall' }) });
  const { port } = new URL(sandbox.url);
  const pair = await sandbox.authority.issue({ principal: 'sys.gitops.sync' });
  const socket = connect({ host: '127.0.0.1', port: Number(port), ca: sandbox.caPem, ...pair });
  socket.write(`GET /zms/v1${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  const [received] = await once(socket, 'data');
  assert.match(String(received), /^HTTP\/1\.1 200 \r\nContent-$/);
  socket.destroy();
});

const broken: readonly (readonly [Fault, number])[] = [
  [{ kind: 'reset' }, 0],
  [{ kind: 'reset-mid-body' }, 200],
];
for (const [fault, status] of broken) {
  test(`${fault.kind}: the request fails`, async () => {
    await using sandbox = await openSandbox({ state, intercept: () => fault });
    await assert.rejects(call(sandbox, path), { code: 'ECONNRESET' });
    assert.equal(sandbox.requests[0]?.status, status);
  });
}

const slow: readonly (readonly [delivered: Fault, aborted: Fault])[] = [
  [
    { kind: 'drip', bytesPerSecond: 5000 },
    { kind: 'drip', bytesPerSecond: 1 },
  ],
  [
    { kind: 'late', milliseconds: 5 },
    { kind: 'late', milliseconds: 1_000_000 },
  ],
];
for (const [delivered, aborted] of slow) {
  test(`${delivered.kind}: delivers the complete response`, async () => {
    await using sandbox = await openSandbox({ state });
    const { text } = await call(sandbox, path);
    sandbox.intercept(() => delivered);
    assert.equal((await call(sandbox, path)).text, text);
  });

  test(`${aborted.kind}: closing the sandbox aborts the response`, async () => {
    await using sandbox = await openSandbox({ state, intercept: () => aborted });
    const pending = assert.rejects(call(sandbox, path));
    while (sandbox.requests.length === 0) await new Promise(setImmediate);
    await sandbox.close();
    await pending;
  });
}

test('truncate: sends part of the body with a matching Content-Length', async () => {
  await using sandbox = await openSandbox({ state });
  const whole = await call(sandbox, path);
  sandbox.intercept(() => ({ kind: 'truncate' }));
  const half = await call(sandbox, path);
  assert.equal(half.status, 200);
  assert.equal(Number(half.headers['content-length']), half.text.length);
  assert.equal(half.text, whole.text.slice(0, half.text.length));
  assert.throws(() => half.body, SyntaxError);
});
