import type { IncomingMessage } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { deliver, type Fault } from './fault.ts';
import { type Answer, compressed } from './status.ts';

/** A request that arrived. */
export interface KubeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Who asked; undefined where nobody was let in. */
  readonly user: string | undefined;
  readonly body: string;
}

export interface Handled {
  readonly user: string | undefined;
  readonly answer: Answer;
}

export interface Listening extends AsyncDisposable {
  readonly url: string;
  /** Stops listening: connections are refused. */
  stop(): Promise<void>;
  /** Listens again, on the same port. */
  start(): Promise<void>;
  /** Breaks all connections, and the next ones before they are secure. */
  drop(connections: number): void;
  /** How many connections were opened so far. */
  readonly connections: number;
}

/** Listens on a free port of 127.0.0.1. */
export async function listen(
  tls: ServerOptions,
  handle: (message: IncomingMessage, url: URL, body: string) => Handled,
  faultFor: (request: KubeRequest) => Fault | undefined | Promise<Fault | undefined>,
): Promise<Listening> {
  const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: false });
  const sockets = new Set<Socket>();
  let toDrop = 0;
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections++;
    if (toDrop > 0) {
      toDrop--;
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('request', async (message, response) => {
    const body = Buffer.concat(await message.toArray().catch(() => [])).toString('utf8');
    if (!message.complete) return;
    const url = new URL(message.url ?? '/', 'https://127.0.0.1');
    const { user, answer } = handle(message, url, body);
    const { pathname: path, searchParams: query } = url;
    const fault = await faultFor({ method: message.method ?? '', path, query, user, body });
    deliver(response, compressed(answer, String(message.headers['accept-encoding'] ?? '')), fault);
  });
  const begin = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await begin(0);
  const { port } = server.address() as AddressInfo;
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const stop = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    breakAll();
    await closed;
  };
  return {
    url: `https://127.0.0.1:${port}`,
    stop,
    start: () => begin(port),
    drop(next) {
      toDrop = next;
      breakAll();
    },
    get connections() {
      return connections;
    },
    [Symbol.asyncDispose]: stop,
  };
}
