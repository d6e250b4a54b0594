import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { AppError } from '../../src/model/error.ts';
import { createAuthority } from '../../src/sandbox/authority.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { call } from './client.ts';

const list = '/sys/modified_domains?metaonly=true';

test('takes the principal from the certificate and records each request', async () => {
  await using sandbox = await startSandbox();
  await call(sandbox, list);
  const credentials = await sandbox.authority.issue({ principal: 'user.ada' });
  await call(sandbox, '/domain/nope', { credentials });
  assert.deepEqual(sandbox.requests, [
    {
      method: 'GET',
      path: '/zms/v1/sys/modified_domains',
      url: `/zms/v1${list}`,
      status: 200,
      principal: 'sys.gitops.sync',
    },
    { method: 'GET', path: '/zms/v1/domain/nope', url: '/zms/v1/domain/nope', status: 404, principal: 'user.ada' },
  ]);
});

test('rejects client certificates that are untrusted or expired', async () => {
  await using sandbox = await startSandbox();
  const untrusted = await (await createAuthority()).issue({ principal: 'sys.gitops.sync' });
  await assert.rejects(call(sandbox, list, { credentials: untrusted }));
  const past = { notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2020-01-02T00:00:00Z') };
  const expired = await sandbox.authority.issue({ principal: 'sys.gitops.sync', ...past });
  await assert.rejects(call(sandbox, list, { credentials: expired }));
  assert.deepEqual(sandbox.requests, []);
});

test('a client that does not trust the CA rejects the connection', async () => {
  await using sandbox = await startSandbox();
  const { caPem } = await createAuthority();
  await assert.rejects(call(sandbox, list, { ca: caPem }), { code: 'SELF_SIGNED_CERT_IN_CHAIN' });
});

test('keeps the principal of a resumed TLS session', async () => {
  await using sandbox = await startSandbox();
  const credentials = await sandbox.authority.issue({ principal: 'sys.gitops.sync' });
  const options = {
    host: '127.0.0.1',
    port: portOf(sandbox),
    servername: 'localhost',
    ca: sandbox.caPem,
    ...credentials,
  };
  const request = `GET /zms/v1/domain/user HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
  const first = connectTls(options, () => first.write(request));
  const [session] = await once(first, 'session');
  first.resume();
  await once(first, 'close');
  let reused = false;
  const second = connectTls({ ...options, session }, () => {
    reused = second.isSessionReused();
    second.write(request);
  });
  second.resume();
  await once(second, 'close');
  assert.ok(reused);
  assert.deepEqual(
    sandbox.requests.map(({ status, principal }) => [status, principal]),
    [
      [200, 'sys.gitops.sync'],
      [200, 'sys.gitops.sync'],
    ],
  );
});

test('accepts clients of a shared authority', async () => {
  await using first = await startSandbox();
  await using second = await startSandbox({ authority: first.authority });
  const credentials = await first.authority.issue({ principal: 'user.ada' });
  assert.equal((await call(second, list, { credentials })).status, 200);
});

test('reports a port that is already in use', async () => {
  await using sandbox = await startSandbox();
  const port = portOf(sandbox);
  await assert.rejects(
    startSandbox({ port }),
    (error) => error instanceof AppError && error.code === 'USAGE' && error.message.includes(`127.0.0.1:${port}`),
  );
});

test('closes with open connections and can be closed twice', async () => {
  const sandbox = await startSandbox();
  const idle = connect(portOf(sandbox), '127.0.0.1');
  await once(idle, 'connect');
  await call(sandbox, list);
  const ended = once(idle, 'close');
  await sandbox.close();
  await ended;
  await sandbox.close();
  await assert.rejects(call(sandbox, list), { code: 'ECONNREFUSED' });
});

function portOf(sandbox: Sandbox): number {
  return Number(new URL(sandbox.url).port);
}
