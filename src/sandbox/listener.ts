import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { AppError, reasonOf } from '../model/error.ts';
import type { Authority } from './authority.ts';

/** A server that takes requests. */
export interface Listener {
  readonly port: number;
  /** Ends every connection; may be called twice. */
  close(): Promise<void>;
}

/**
 * Listens on 127.0.0.1 with TLS. A connection with a client certificate that does not verify is ended; one without a
 * certificate is let through, for its requests to be answered with 401.
 *
 * @throws AppError `USAGE` when the port cannot be used
 */
export async function listen(authority: Authority, port: number, onRequest: RequestListener): Promise<Listener> {
  const server = createServer({
    ...authority.serverPem,
    ca: authority.caPem,
    requestCert: true,
    rejectUnauthorized: false,
    keepAliveTimeout: 30_000,
  });
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    if (!socket.authorized && principalOf(socket) !== undefined) socket.destroy();
  });
  server.on('request', onRequest);
  const sockets = trackSockets(server);
  const taken = await bind(server, port);
  return {
    port: taken,
    close: async () => {
      if (!server.listening) return;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** The common name of the client's certificate; empty where it has none, undefined where there is no certificate. */
export function principalOf(socket: Socket): string | undefined {
  // Node gives null for a connection that is gone already, which its types do not say.
  const subject: unknown = socket instanceof TLSSocket ? socket.getPeerCertificate()?.subject : undefined;
  if (typeof subject !== 'object' || subject === null) return undefined;
  return 'CN' in subject ? String(subject.CN) : '';
}

/** Sockets that never sent a request must end on close too; `closeAllConnections` does not know those. */
function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return sockets;
}

function bind(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const what = `starting the sandbox on 127.0.0.1:${port}: ${reasonOf(error)}`;
      reject(
        new AppError('USAGE', what, { next: 'choose another port with --port, or 0 for a free one', cause: error }),
      );
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      if (address !== null && typeof address === 'object') resolve(address.port);
    });
  });
}
