import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { openZms } from '../../src/athenz/open-zms.ts';
import { confirmAbsences, poll } from '../../src/athenz/poll.ts';
import type { Zms } from '../../src/athenz/zms.ts';
import type { AthenzConfig } from '../../src/config/types.ts';
import { createTestAuthority } from '../support/certificates.ts';
import { serveHttps } from '../support/https.ts';
import { fakeClock } from '../support/zms.ts';
import { defaults, onlyOnce, openClient } from '../support/zms-client.ts';

// Limits on concurrent requests and on requests per second.

const modified = '2026-01-01T00:00:00.000Z';
const names = Array.from({ length: 24 }, (_, index) => `acme.d${index}`);
const list = JSON.stringify({ domains: names.map((name) => ({ domain: { name, modified } })) });

/** Answers the list at once; holds other requests until `size` of them, or the last ones, are waiting. */
function inGroupsOf(size: number, total: number) {
  const waiting: ServerResponse[] = [];
  const seen = { peak: 0, answered: 0 };
  const release = () => {
    for (const response of waiting.splice(0)) {
      seen.answered++;
      response.writeHead(404, { 'Content-Type': 'application/json' }).end('{"code":404,"message":"gone"}');
    }
  };
  return {
    seen,
    answer(request: { readonly url?: string | undefined }, response: ServerResponse): void {
      if (request.url?.includes('modified_domains')) return void response.end(list);
      waiting.push(response);
      seen.peak = Math.max(seen.peak, waiting.length);
      // Leaves time for an excess request to arrive.
      if (waiting.length === size || seen.answered + waiting.length === total) setTimeout(release, 20);
    },
  };
}

for (const concurrency of [1, 3, 8]) {
  test(`athenz.concurrency ${concurrency} is the number of documents fetched at a time`, async () => {
    const { seen, answer } = inGroupsOf(concurrency, names.length);
    await using server = await serveHttps(answer);
    await using client = await openClient(server, { config: { concurrency }, retry: onlyOnce });
    const wanted = new Map(names.map((name) => [name, new Set<string>()]));
    const snapshot = await poll({ zms: client.zms, wanted, userDomain: 'user', now: client.clock.now });
    assert.deepEqual(seen, { peak: concurrency, answered: names.length });
    assert.equal(snapshot.domains.size, names.length);
  });

  test(`athenz.concurrency ${concurrency} is the number of absences confirmed at a time`, async () => {
    const { seen, answer } = inGroupsOf(concurrency, names.length);
    await using server = await serveHttps(answer);
    await using client = await openClient(server, { config: { concurrency } });
    const snapshot = { takenAt: modified, zmsUrl: server.url, list: [], domains: new Map() };
    const confirmed = await confirmAbsences(client.zms, snapshot, names);
    assert.deepEqual(seen, { peak: concurrency, answered: names.length });
    assert.ok([...confirmed.domains.values()].every((read) => read.kind === 'absent' && read.confirmed));
  });
}

/** Rate, initial burst, and the total of requests after each step. */
const rates: readonly (readonly [rate: number, burst: number, step: number, later: readonly number[]])[] = [
  [2, 2, 1000, [4, 6, 8]],
  [5, 5, 1000, [10, 12]],
  [0.5, 1, 2000, [2, 3]],
  [2.5, 2, 800, [4, 6]],
];
for (const [rate, burst, step, later] of rates) {
  test(`athenz.requestsPerSecond ${rate} sends ${burst} requests every ${step} ms`, async (t) => {
    const zms = await openUnanswered({ requestsPerSecond: rate });
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.now() });
    const pending = Promise.allSettled(Array.from({ length: 12 }, (_, index) => zms.domainExists(`acme.d${index}`)));
    assert.equal(await sentBy(zms), burst);
    t.mock.timers.tick(step - 1);
    assert.equal(await sentBy(zms), burst);
    t.mock.timers.tick(1);
    for (const requests of later) {
      assert.equal(await sentBy(zms), requests);
      t.mock.timers.tick(step);
    }
    t.mock.timers.tick(60_000);
    await pending;
    assert.equal(zms.requests, 12);
    await zms.close();
  });
}

test('athenz.requestsPerSecond off sends all requests at once', async () => {
  const zms = await openUnanswered({});
  const pending = Promise.allSettled(names.map((name) => zms.domainExists(name)));
  assert.equal(await sentBy(zms), names.length);
  await pending;
  await zms.close();
});

test('a request without a certificate is not sent, and not counted', async () => {
  const zms = openZms({ config: defaults, env: {}, clock: fakeClock() });
  await assert.rejects(zms.listDomains(), { code: 'ATHENZ_CERT_MISSING' });
  assert.equal(zms.requests, 0);
  await zms.close();
});

/** Requests that fail, each once: nobody listens there. */
async function openUnanswered(config: Partial<AthenzConfig>): Promise<Zms> {
  const { cert, key } = await (await createTestAuthority()).issue({ principal: 'acme.platform.gitops' });
  const env = { ATHENZ_CERT: cert, ATHENZ_KEY: key };
  return openZms({
    config: { ...defaults, concurrency: names.length, ...config },
    env,
    clock: fakeClock(),
    retry: onlyOnce,
  });
}

/** Requests sent, once all that need not wait are. */
async function sentBy(zms: Zms): Promise<number> {
  await new Promise(setImmediate);
  return zms.requests;
}

test('retries count as requests and are rate limited', async (t) => {
  let arrived = 0;
  await using server = await serveHttps((_, response) => {
    arrived++;
    response.writeHead(503).end();
  });
  await using client = await openClient(server, { config: { requestsPerSecond: 1 } });
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.now() });
  const reading = assert.rejects(client.zms.listDomains(), { code: 'ZMS_UNAVAILABLE' });
  for (let sent = 1; sent <= 4; sent++) {
    while (arrived < sent || client.clock.slept.length < Math.min(sent, 3)) await new Promise(setImmediate);
    assert.equal(client.zms.requests, sent);
    t.mock.timers.tick(1000);
  }
  await reading;
  assert.equal(client.zms.requests, 4);
});
