import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApi } from './api.ts';
import { deliver, type Fault, type RawAnswer, seenStatus, takesEffect, toBytes } from './fault.ts';
import { isObject } from './json.ts';
import { createSmartHttp } from './smart-http.ts';
import { pullOf, type World } from './world.ts';

/** A request, before anything is done about it. */
export interface Incoming {
  readonly face: 'api' | 'git';
  readonly method: string;
  /** Without `/api/v3` and without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The text of an API request; git's are empty. */
  readonly body: string;
}

/** A request that has been answered, or deliberately was not. */
export interface Exchange extends Incoming {
  /** 0 when the client got no status. */
  readonly status: number;
}

export interface Listening {
  readonly world: World;
  readonly requests: readonly Exchange[];
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1. */
export async function listen(
  root: string,
  worldAt: (origin: string) => World,
  faultFor: (request: Incoming) => Promise<Fault | undefined>,
  onViolation: (what: string) => void,
): Promise<Listening> {
  const server = createServer({ keepAliveTimeout: 30_000 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const world = worldAt(`http://127.0.0.1:${port}`);
  const api = createApi(world, onViolation);
  const git = createSmartHttp(world, root);
  const requests: Exchange[] = [];

  const carryOut = async (
    message: IncomingMessage,
    url: URL,
    body: Buffer,
    fault: Fault | undefined,
  ): Promise<RawAnswer> => {
    const { method = '', headers } = message;
    if (!isApi(url)) return git.answer({ method, url, headers, body });
    const { authorization } = headers;
    const answer = await api({ method, url, authorization, text: body.toString('utf8') });
    if (fault?.kind === 'hidden' && answer.status === 201 && isObject(answer.body)) {
      const pull = pullOf(world, Number(answer.body['number']));
      if (pull !== undefined) pull.hiddenFromLists = fault.lists;
    }
    return toBytes(answer, fault);
  };

  server.on('request', async (message, response) => {
    try {
      const url = new URL(message.url ?? '/', world.origin);
      const body = Buffer.concat(await message.toArray());
      const incoming = describe(message, url, body);
      const fault = await faultFor(incoming);
      const answer = takesEffect(fault) ? await carryOut(message, url, body, fault) : undefined;
      requests.push({ ...incoming, status: seenStatus(answer, fault) });
      deliver(response, answer, fault);
    } catch (error) {
      // Neither a client that went away nor the end of the test is a fault of the stand-in's.
      if (!message.complete || !server.listening) return;
      onViolation(`${message.method} ${message.url}: ${error instanceof Error ? error.stack : error}`);
      response.writeHead(500).end();
    }
  });

  return {
    world,
    requests,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await git.close();
      await closed;
    },
  };
}

function isApi(url: URL): boolean {
  return url.pathname.startsWith('/api/v3/');
}

function describe({ method = '' }: IncomingMessage, url: URL, body: Buffer): Incoming {
  const api = isApi(url);
  return {
    face: api ? 'api' : 'git',
    method,
    path: api ? url.pathname.slice('/api/v3'.length) : url.pathname,
    query: url.searchParams,
    body: api ? body.toString('utf8') : '',
  };
}
