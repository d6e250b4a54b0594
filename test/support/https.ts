import type { RequestListener } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type CertificateRequest, createTestAuthority, type TestAuthority } from './certificates.ts';

export interface HttpsOptions {
  /** What the server's certificate says otherwise than "localhost, now". */
  readonly certificate?: Partial<CertificateRequest>;
  readonly tls?: ServerOptions;
}

/** A server that answers whatever a test makes it answer, under a test authority. */
export interface HttpsServer {
  readonly url: string;
  readonly authority: TestAuthority;
  /** Paths asked for below `/zms/v1`, without the query, in order. */
  readonly paths: readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** Listens on 127.0.0.1 for anybody who shows a certificate or none. */
export async function serveHttps(answer: RequestListener, options: HttpsOptions = {}): Promise<HttpsServer> {
  const authority = await createTestAuthority();
  const own = await authority.issue({ principal: 'zms', names: ['localhost'], ...options.certificate });
  const paths: string[] = [];
  const server = createServer(
    { ...own, ca: authority.caPem, requestCert: true, rejectUnauthorized: false, ...options.tls },
    (request, response) => {
      paths.push((request.url ?? '').replace(/^\/zms\/v1/, '').replace(/\?.*/, ''));
      answer(request, response);
    },
  );
  // Those that never became a request have to end as well.
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => void sockets.add(socket));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}/zms/v1`,
    authority,
    paths,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}
