import { readFileSync } from 'node:fs';
import type { Authority } from '../../src/sandbox/authority.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { createSigner } from '../../src/sandbox/sign.ts';
import type { StateInput } from '../../src/sandbox/state.ts';
import { clientPair } from '../support/authority.ts';
import { call, clockAt, type Reply } from './client.ts';

/** Changed content of domains; `undefined` deletes a domain, others are unchanged. */
export type Domains = Readonly<Record<string, StateInput['domains'][string] | undefined>>;

/** A change at a point in time: domain content, or the name of a recorded write. */
export type Step = readonly [at: string, change: Domains | string];

interface RecordedExchange {
  /** A principal's name, or `none` for a client without a certificate. */
  readonly principal: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: unknown;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: unknown;
  };
}

/** The folder of the recordings and their index. */
export const recordings = new URL('../data/zms-fixtures/', import.meta.url);

export function readExchange(name: string): RecordedExchange {
  return JSON.parse(readFileSync(new URL(`${name}.json`, recordings), 'utf8'));
}

/** The recorded ZMS signed with an RSA key; making one takes longer than everything else here. */
const signer = createSigner('RS256');

/** Starts a sandbox and applies the steps at their times, so that its stamps match the recorded ones. */
export async function sandboxAfter(steps: readonly Step[], authority: Authority): Promise<Sandbox> {
  const clock = clockAt('2026-11-21T00:00:00.000Z');
  const sandbox = await startSandbox({ authority, now: clock.now, signer: await signer });
  for (const [at, change] of steps) {
    clock.set(at);
    if (typeof change === 'string') {
      await resend(sandbox, readExchange(change));
      continue;
    }
    sandbox.update(({ domains }) => ({
      domains: Object.fromEntries(
        Object.entries<StateInput['domains'][string] | undefined>({ ...domains, ...change }).flatMap(
          ([name, domain]) => (domain === undefined ? [] : [[name, domain]]),
        ),
      ),
    }));
  }
  return sandbox;
}

/** Sends a recorded request as its principal. */
export async function resend(sandbox: Sandbox, { principal, request }: RecordedExchange): Promise<Reply> {
  const { 'content-length': _, ...headers } = request.headers;
  const credentials = principal === 'none' ? null : await clientPair(sandbox.authority, principal);
  const { method, path, body } = request;
  return call(sandbox, path.replace('/zms/v1', ''), { method, headers, credentials, body: body ?? undefined });
}
