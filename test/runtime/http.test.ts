import assert from 'node:assert/strict';
import type { IncomingMessage, RequestListener } from 'node:http';
import { test } from 'node:test';
import type { Clock } from '../../src/model/clock.ts';
import { AppError } from '../../src/model/error.ts';
import type { Identity } from '../../src/runtime/exchange.ts';
import { type HttpClient, type HttpOptions, openHttp } from '../../src/runtime/http.ts';
import { proxyFor } from '../../src/runtime/proxy.ts';
import { defaultRetry } from '../../src/runtime/retry.ts';
import { type HttpsServer, serveHttps } from '../support/https.ts';
import { fakeClock } from '../support/zms.ts';

// What ZMS and the API servers have in common; test/athenz and test/cluster have what each makes of it.

interface Fixture extends AsyncDisposable {
  readonly server: HttpsServer;
  readonly http: HttpClient;
}

async function open(
  answer: RequestListener,
  optionsFor: (tls: Identity['tls']) => Partial<HttpOptions> = () => ({}),
): Promise<Fixture> {
  const server = await serveHttps(answer);
  const tls = { ca: server.authority.caPem };
  const http = openHttp({
    url: server.url,
    identity: { now: async () => ({ tls }) },
    connection: { proxy: proxyFor(server.url, {}) },
    timeout: 10_000,
    retry: defaultRetry,
    clock: fakeClock(),
    noAnswer: ({ method, path }, kind) => ({ code: 'ZMS_UNREACHABLE', doing: `${method} ${path} (${kind})`, next: '' }),
    ...optionsFor(tls),
  });
  return {
    server,
    http,
    async [Symbol.asyncDispose]() {
      await http.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

test('a body is sent as JSON, and the headers of a request win over those of the identity', async () => {
  const seen: IncomingMessage[] = [];
  const bodies: string[] = [];
  await using it = await open(
    async (request, response) => {
      seen.push(request);
      bodies.push((await request.toArray()).join(''));
      response.writeHead(201).end('made');
    },
    (tls) => ({
      identity: { now: async () => ({ tls, headers: { 'x-who': 'identity', authorization: 'Bearer x' } }) },
    }),
  );
  await it.http.send({ path: '/read?a=b' });
  const answer = await it.http.send({ path: '/made', headers: { 'x-who': 'request' }, body: { name: 'ä' } });
  assert.deepEqual(answer, { status: 201, retryAfter: undefined, body: 'made' });
  assert.deepEqual(
    seen.map(({ method, url, headers }) => [method, url, headers['content-type'], headers['x-who']]),
    [
      ['GET', '/zms/v1/read?a=b', undefined, 'identity'],
      ['POST', '/zms/v1/made', 'application/json', 'request'],
    ],
  );
  for (const { headers } of seen) {
    assert.deepEqual([headers['user-agent'], headers.authorization], ['athenz-gitops', 'Bearer x']);
  }
  assert.deepEqual(bodies, ['', '{"name":"ä"}']);
});

test('a 401 is an answer, unless the identity can be renewed for one more request', async () => {
  const answer: RequestListener = ({ headers }, response) => {
    response.writeHead(headers.authorization === 'new' ? 200 : 401).end();
  };
  await using plain = await open(answer);
  assert.equal((await plain.http.send({ path: '/' })).status, 401);
  assert.equal(plain.http.requests, 1);
  const refused: Identity[] = [];
  let authorization = 'old';
  await using renewing = await open(answer, (tls) => ({
    identity: {
      now: async () => ({ tls, headers: { authorization } }),
      async renew(it) {
        refused.push(it);
        authorization = 'new';
      },
    },
  }));
  assert.equal((await renewing.http.send({ path: '/' })).status, 200);
  assert.deepEqual(
    refused.map(({ headers }) => headers),
    [{ authorization: 'old' }],
  );
  assert.equal(renewing.http.requests, 2);
});

test('a body beyond the size limit is not read to its end', async () => {
  await using it = await open(
    (_, response) => void response.end('x'.repeat(1001)),
    () => ({ connection: { proxy: { proxy: undefined, noProxy: '' }, largest: 1000 } }),
  );
  const message = /^GET \/large \(unreachable\): .*max size/;
  await assert.rejects(it.http.send({ path: '/large' }), { code: 'ZMS_UNREACHABLE', message });
});

test('a write is sent once, whatever comes back', async () => {
  await using it = await open(({ socket }) => void socket.destroy());
  const message = /^PUT \/role \(closed\): /;
  await assert.rejects(it.http.send({ method: 'PUT', path: '/role', body: {} }), { message });
  assert.equal(it.server.paths.length, 1);
});

test('closing a client aborts a read, which is not tried again', async () => {
  const arrived = Promise.withResolvers<void>();
  await using it = await open(() => arrived.resolve());
  const reading = it.http.read({ path: '/hang' }, String);
  await arrived.promise;
  await it.http.close();
  await assert.rejects(reading, { code: 'ZMS_UNREACHABLE', message: /^(?!.*after \d tries)/ });
  assert.deepEqual([it.server.paths, it.http.requests], [['/hang'], 1]);
});

test('a client that is closed between two tries sends nothing more, even as another identity', async () => {
  let http: HttpClient | undefined;
  const clock: Clock = { now: () => 0, sleep: async () => http?.close() };
  await using it = await open(
    (_, response) => void response.writeHead(200).end(),
    ({ ca }) => ({ clock, identity: { now: async () => ({ tls: { ca: ca ?? '' } }) } }),
  );
  http = it.http;
  let parsed = 0;
  const reading = http.read({ path: '/' }, () => {
    parsed++;
    throw new AppError('ZMS_STALE', 'too old');
  });
  await assert.rejects(reading, { code: 'ZMS_UNREACHABLE' });
  assert.deepEqual([parsed, it.server.paths.length], [1, 1]);
});

test('waiting for other requests does not use up the time for further tries', async () => {
  const clock = fakeClock();
  const held = Promise.withResolvers<void>();
  await using it = await open(
    async ({ url }, response) => {
      if (url === '/zms/v1/slow') await held.promise;
      response.writeHead(url === '/zms/v1/slow' ? 200 : 503).end();
    },
    () => ({ clock, concurrency: 1 }),
  );
  const slow = it.http.read({ path: '/slow' }, String);
  const failing = it.http.read({ path: '/busy' }, () => {
    throw new AppError('ZMS_UNAVAILABLE', 'busy');
  });
  clock.advance(60_000);
  held.resolve();
  await slow;
  await assert.rejects(failing, { message: 'busy (after 4 tries)' });
  assert.equal(it.server.paths.length, 5);
});

test('a deadline ends the reads: none is sent after it, and none is tried again', async () => {
  const clock = fakeClock();
  await using it = await open(
    (_, response) => {
      clock.advance(1000);
      response.writeHead(503).end();
    },
    () => ({ clock, halt: { deadline: clock.now() + 500 } }),
  );
  const read = (path: string) =>
    it.http.read({ path }, () => {
      throw new AppError('ZMS_UNAVAILABLE', 'busy');
    });
  await assert.rejects(read('/first'), { code: 'DEADLINE', message: /^GET \/first .*: the deadline has passed/ });
  await assert.rejects(read('/second'), { code: 'DEADLINE', next: /^raise --deadline/ });
  assert.deepEqual(it.server.paths, ['/first']);
});

test('after a deadline no request waits for its turn', async () => {
  const clock = fakeClock();
  const halt = { deadline: clock.now() - 1 };
  await using it = await open(
    (_, response) => response.end(),
    () => ({ clock, halt, pace: { limit: 1, interval: 60_000 } }),
  );
  // The second turn would come after a minute.
  for (const path of ['/a', '/b']) await assert.rejects(it.http.send({ path }), { code: 'DEADLINE' });
});

test('a stop ends the wait for another try', async () => {
  const stop = new AbortController();
  const signals: (AbortSignal | undefined)[] = [];
  const clock: Clock = {
    now: () => 0,
    async sleep(_, signal) {
      signals.push(signal);
      stop.abort();
    },
  };
  await using it = await open(
    (_, response) => response.writeHead(503).end(),
    () => ({ clock, halt: { stop: stop.signal } }),
  );
  const reading = it.http.read({ path: '/' }, () => {
    throw new AppError('ZMS_UNAVAILABLE', 'busy');
  });
  await assert.rejects(reading, { code: 'CANCELLED' });
  assert.deepEqual([signals, it.server.paths.length], [[stop.signal], 1]);
});

test('a stop aborts a request under way, and nothing is sent after it', async () => {
  const arrived = Promise.withResolvers<void>();
  const stop = new AbortController();
  await using it = await open(
    () => arrived.resolve(),
    () => ({ halt: { stop: stop.signal } }),
  );
  const hanging = it.http.read({ path: '/hang' }, String);
  await arrived.promise;
  stop.abort();
  await assert.rejects(hanging, { code: 'CANCELLED', message: /^GET \/hang .*: interrupted$/ });
  await assert.rejects(it.http.send({ path: '/next' }), { code: 'CANCELLED' });
  assert.deepEqual(it.server.paths, ['/hang']);
});

test('concurrency is the number of requests at a time, halved when the server is busy', async () => {
  const clock = fakeClock();
  let now = 0;
  let peak = 0;
  let status = 429;
  await using it = await open(
    (_, response) => {
      peak = Math.max(peak, ++now);
      setImmediate(() => {
        now--;
        response.writeHead(status).end();
      });
    },
    () => ({ clock, concurrency: 8 }),
  );
  const round = async (size: number) => {
    peak = 0;
    await Promise.all(Array.from({ length: size }, () => it.http.send({ path: '/' })));
    return peak;
  };
  assert.ok((await round(8)) <= 8);
  clock.advance(1);
  assert.ok((await round(16)) <= 4);
  status = 200;
  for (let rounds = 0; rounds < 8; rounds++) await round(16);
  clock.advance(1);
  const recovered = await round(16);
  assert.ok(recovered > 4 && recovered <= 8, `${recovered}`);
});

for (const http2 of [true, false]) {
  const over = (tls: Identity['tls']) => ({
    identity: { now: async () => ({ tls }) },
    connection: { proxy: proxyFor('https://localhost', {}), http2 },
  });
  // 16 kB and 64 kB are where records and reads end: three bytes a character lie across both.
  const text = `\ufeff${'€'.repeat(1_000_000)}`;
  const ways: Readonly<Record<string, (response: Parameters<RequestListener>[1]) => void>> = {
    'with a length': (response) =>
      void response.writeHead(200, { 'content-length': Buffer.byteLength(text) }).end(text),
    'in chunks': (response) => {
      response.writeHead(200);
      for (let at = 0; at < text.length; at += 77_777) response.write(text.slice(at, at + 77_777));
      response.end();
    },
  };
  for (const [way, answer] of Object.entries(ways)) {
    test(`a body of megabytes ${way} arrives whole, without its byte order mark (http2: ${http2})`, async () => {
      await using it = await open((_, response) => answer(response), over);
      const { body } = await it.http.send({ path: '/large' });
      assert.ok(body === text.slice(1));
      assert.equal((await it.http.send({ path: '/large' })).body.length, body.length);
    });
  }

  test(`a body of megabytes that is cut off is no answer (http2: ${http2})`, async () => {
    await using it = await open((_, response) => {
      response.writeHead(200, { 'content-length': Buffer.byteLength(text) });
      response.write(text.slice(0, 500_000), () => response.destroy());
    }, over);
    await assert.rejects(it.http.send({ path: '/large' }), { code: 'ZMS_UNREACHABLE' });
  });
}
