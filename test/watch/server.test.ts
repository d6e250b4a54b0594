import assert from 'node:assert/strict';
import { test } from 'node:test';
import { request } from 'undici';
import { parseListenAddress } from '../../src/model/address.ts';
import { type Probed, serveProbes } from '../../src/watch/server.ts';

const free = { host: '127.0.0.1', port: 0 };

const well: Probed = {
  isAlive: () => true,
  isReady: () => true,
  isLeader: () => true,
  metrics: async () => 'athenz_gitops_leader 1\n',
};

const pages: readonly (readonly [path: string, probed: Partial<Probed>, status: number])[] = [
  ['/healthz', {}, 200],
  ['/health', {}, 200],
  ['/healthz', { isAlive: () => false }, 503],
  ['/readyz', {}, 200],
  ['/ready', { isReady: () => false }, 503],
  ['/leader', {}, 200],
  ['/leader?verbose', { isLeader: () => false }, 503],
  ['/metrics', {}, 200],
  ['/', {}, 404],
  ['/metrics/x', {}, 404],
];
for (const [path, probed, status] of pages) {
  test(`${path} answers ${status}${Object.keys(probed).map((it) => ` without ${it}`)}`, async () => {
    await using server = await serveProbes(free, { ...well, ...probed });
    const answer = await request(`${server.url}${path}`);
    assert.equal(answer.statusCode, status);
    const text = await answer.body.text();
    if (path !== '/metrics') return;
    assert.match(String(answer.headers['content-type']), /^text\/plain; version=0\.0\.4/);
    assert.equal(text, 'athenz_gitops_leader 1\n');
  });
}

test('only GET and HEAD are answered', async () => {
  await using server = await serveProbes(free, well);
  assert.equal((await request(`${server.url}/metrics`, { method: 'POST' })).statusCode, 405);
  const head = await request(`${server.url}/metrics`, { method: 'HEAD' });
  assert.deepEqual([head.statusCode, await head.body.text()], [200, '']);
});

test('metrics that cannot be made are a 500, and the server goes on', async () => {
  const metrics = () => Promise.reject(new Error('broken'));
  await using server = await serveProbes(free, { ...well, metrics });
  assert.equal((await request(`${server.url}/metrics`)).statusCode, 500);
  assert.equal((await request(`${server.url}/healthz`)).statusCode, 200);
});

test('an address that is in use is a usage error', async () => {
  await using server = await serveProbes(free, well);
  const address = { host: '127.0.0.1', port: Number(new URL(server.url).port) };
  await assert.rejects(serveProbes(address, well), { code: 'USAGE', next: 'choose another --listen' });
});

for (const [given, host] of [
  ['0', '127.0.0.1'],
  [':0', '127.0.0.1'],
  ['127.0.0.1:0', '127.0.0.1'],
  ['localhost:0', 'localhost'],
] as const) {
  test(`--listen ${given} answers on ${host}`, async () => {
    const address = parseListenAddress(given);
    assert.ok(address);
    await using server = await serveProbes(address, well);
    const { port } = new URL(server.url);
    const { statusCode, body } = await request(`http://${host}:${port}/healthz`);
    await body.dump();
    assert.equal(statusCode, 200);
  });
}
