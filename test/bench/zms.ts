import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CredentialPaths } from '../../src/sandbox/files.ts';

/** How a ZMS behaves. */
export interface Behaviour {
  /** Milliseconds that each answer takes; any number of them at a time. */
  readonly delay: number;
  /** What fails: 503, or 404 for a document where the list is answered. */
  readonly trouble?: 'all' | 'all but the list';
  /** Who else is in the first role of the first domain from now on. */
  readonly guest?: string;
}

/** What was asked of it. */
export interface Tally {
  readonly requests: number;
  /** Both ways, with TLS and headers. */
  readonly bytes: number;
}

/** A ZMS in a process of its own. */
export interface ZmsProcess {
  readonly url: string;
  readonly credentials: CredentialPaths;
  /** Changes how it behaves. @returns what was asked since the last time */
  behave(next: Behaviour): Promise<Tally>;
  close(): Promise<void>;
}

/** Starts a ZMS with a fleet. @param dir an empty folder for its client's certificate */
export async function startZms(amount: number, dir: string): Promise<ZmsProcess> {
  const child = fork(fileURLToPath(new URL('./zms-process.ts', import.meta.url)), [`${amount}`, dir]);
  const answer = async () => (await once(child, 'message'))[0];
  const { url, ...credentials } = (await answer()) as CredentialPaths & { readonly url: string };
  return {
    url,
    credentials,
    async behave(next) {
      child.send(next);
      return (await answer()) as Tally;
    },
    async close() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
