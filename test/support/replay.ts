import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openZmsSession } from '../../src/athenz/session.ts';
import { type WriteOptions, type ZmsWrites, zmsWrites } from '../../src/athenz/writes.ts';
import { serveHttps } from './https.ts';
import { fakeClock } from './zms.ts';

/** An answer as it is recorded; a body that is no text is sent as JSON. */
export interface RecordedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A request as it arrived. */
export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

export interface ReplayFixture extends AsyncDisposable {
  readonly writes: ZmsWrites;
  readonly sent: readonly Sent[];
}

/** The client's writes, against a server that gives these answers, the last one again and again. */
export async function replay(
  answers: RecordedAnswer | readonly RecordedAnswer[],
  options: Partial<Omit<WriteOptions, 'session'>> = {},
): Promise<ReplayFixture> {
  const sent: Sent[] = [];
  const given = [answers].flat();
  const server = await serveHttps(async (request, response) => {
    const text = (await request.toArray()).join('');
    const { method = '', url = '' } = request;
    const { status = 500, headers = {}, body = '' } = given[sent.length] ?? given.at(-1) ?? {};
    sent.push({ method, path: url, headers: request.headers, body: text === '' ? undefined : JSON.parse(text) });
    const type = headers['Content-Type'];
    response.writeHead(status, type === undefined ? {} : { 'content-type': type });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  const dir = await mkdtemp(join(tmpdir(), 'athenz-gitops-replay-'));
  const file = async (name: string, text: string) => {
    await writeFile(join(dir, name), text);
    return join(dir, name);
  };
  const client = await server.authority.issue({ principal: 'acme.platform.gitops' });
  const session = openZmsSession({
    config: {
      zmsUrl: server.url,
      certPath: await file('client.crt', client.cert),
      keyPath: await file('client.key', client.key),
      caPath: await file('ca.crt', server.authority.caPem),
      publicKeys: {},
      userDomain: 'user',
      requestTimeout: 5000,
      concurrency: 1,
      requestsPerSecond: 'off',
      cache: null,
    },
    env: {},
    clock: fakeClock(),
  });
  return {
    sent,
    writes: zmsWrites({ session, auditRef: 'athenz-gitops', owner: null, ...options }),
    async [Symbol.asyncDispose]() {
      await session.close();
      await server[Symbol.asyncDispose]();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
