import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server that can be cut: what is sent then gets lost, and nobody says so. */
export interface Cuttable extends AsyncDisposable {
  readonly url: string;
  cut(): void;
}

/** @param url of a server, `https://127.0.0.1:6443` */
export async function openCuttable(url: string): Promise<Cuttable> {
  const { hostname, port, protocol } = new URL(url);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((client) => {
    const upstream = connect(Number(port || 443), hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.on('data', (bytes) => {
        if (!isCut) to.write(bytes);
      });
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    // What certificates of API servers name, whatever else.
    url: `${protocol}//127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      isCut = true;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}
