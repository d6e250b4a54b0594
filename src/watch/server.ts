import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ListenAddress } from '../model/address.ts';
import { AppError, reasonOf } from '../model/error.ts';

/** What is asked of a loop over HTTP. */
export interface Probed {
  /** Whether the loop is going on. */
  isAlive(): boolean;
  /** Whether its last run has done its job, or whether it waits for its turn. */
  isReady(): boolean;
  isLeader(): boolean;
  metrics(): Promise<string>;
}

export interface ProbeServer extends AsyncDisposable {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
}

/** An answer: a status and a text. */
type Page = readonly [status: number, text: string, type?: string];

/**
 * Answers `/healthz`, `/readyz`, `/leader` and `/metrics`, and `/health` and `/ready` as in-cluster operators have them. There is no
 * authentication: nothing here names a namespace or a member.
 *
 * @throws AppError `USAGE` where it cannot listen there
 */
export async function serveProbes({ host, port }: ListenAddress, probed: Probed): Promise<ProbeServer> {
  const server = createServer(async (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const page = pageOf(path, request.method ?? '', probed).catch((error): Page => [500, `${reasonOf(error)}\n`]);
    const [status, text, type = 'text/plain; charset=utf-8'] = await page;
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
    response.end(request.method === 'HEAD' ? undefined : text);
  });
  const shown = host.includes(':') ? `[${host}]` : host;
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    // Without a host: every interface, of IPv4 and IPv6.
    server.listen({ port, ...(host === '' ? {} : { host }) }, listening);
  }).catch((error) => {
    throw new AppError('USAGE', `listening on ${shown}:${port}: ${reasonOf(error)}`, {
      next: 'choose another --listen',
    });
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${shown === '' ? '0.0.0.0' : shown}:${bound}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

async function pageOf(path: string, method: string, probed: Probed): Promise<Page> {
  if (method !== 'GET' && method !== 'HEAD') return [405, 'method not allowed\n'];
  switch (path) {
    case '/healthz':
    case '/health':
      return probed.isAlive() ? [200, 'ok\n'] : [503, 'the run does not end\n'];
    case '/readyz':
    case '/ready':
      return probed.isReady() ? [200, 'ok\n'] : [503, 'the last run failed, or none has ended yet\n'];
    case '/leader':
      return probed.isLeader() ? [200, 'leader\n'] : [503, 'not the leader\n'];
    case '/metrics':
      return [200, await probed.metrics(), 'text/plain; version=0.0.4; charset=utf-8'];
    default:
      return [404, 'not found\n'];
  }
}
