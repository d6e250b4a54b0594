import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { CertificatePair } from '../../src/sandbox/authority.ts';

/** A proxy that every name leads to one server on loopback through. */
export interface ConnectProxy extends AsyncDisposable {
  readonly url: string;
  /** What it was asked to connect to, as `host:port`, in order. */
  readonly targets: readonly string[];
}

/**
 * @param port of the server on 127.0.0.1
 * @param pair of the proxy itself, which is then spoken to over https
 */
export async function startProxy(port: number, pair?: CertificatePair): Promise<ConnectProxy> {
  const targets: string[] = [];
  const sockets = new Set<Socket>();
  const refuse: RequestListener = (_, response) => response.writeHead(405).end();
  const server = pair === undefined ? createServer(refuse) : createSecureServer(pair, refuse);
  server.on('connect', ({ url = '' }, client: Socket) => {
    targets.push(url);
    const upstream = connect(port, '127.0.0.1', () => client.write('HTTP/1.1 200 Connection established\r\n\r\n'));
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http${pair === undefined ? '' : 's'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    targets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
