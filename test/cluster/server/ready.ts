import { type AddressInfo, createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { lastWords, type Program } from './program.ts';
import { SetupError } from './setup-error.ts';

export interface Waiting {
  readonly name: string;
  readonly program: Program;
  readonly log: string;
  /** Answers 200 once it is up. */
  readonly url: string;
  readonly ca: string;
  readonly signal: AbortSignal;
}

/** What a slow machine with other work on it needs, many times over. */
const patience = 180_000;

/** Waits until a server answers; fails as soon as it has ended. */
export async function untilReady({ name, program, log, url, ca, signal }: Waiting): Promise<void> {
  const agent = new Agent({ connect: { ca } });
  const ended = program.ended.then(() => true);
  const started = performance.now();
  try {
    while (!(await answers(url, agent))) {
      const over = await Promise.race([ended, setTimeout(100, false)]);
      signal.throwIfAborted();
      if (over) throw new SetupError(`${name} ended before it was up: ${await lastWords(log)}`);
      if (performance.now() - started > patience) {
        throw new SetupError(`${name} was not up in ${patience / 1000} s: ${await lastWords(log)}`);
      }
    }
  } finally {
    ended.catch(() => {});
    await agent.destroy();
  }
}

async function answers(url: string, dispatcher: Agent): Promise<boolean> {
  try {
    const { statusCode, body } = await request(url, { dispatcher, headersTimeout: 5000 });
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}

/** Ports of 127.0.0.1 that nobody listens on, each another one. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((listening, failed) => {
        server.once('error', (error) => failed(new SetupError(`there is no free port: ${error.message}`)));
        server.listen(0, '127.0.0.1', listening);
      });
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}
