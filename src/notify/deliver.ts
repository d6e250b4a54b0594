import { createHash } from 'node:crypto';
import type { Clock } from '../model/clock.ts';
import { pushText } from '../runtime/push.ts';
import type { NotifyEvent } from './event.ts';
import { signWebhook } from './sign.ts';

/** Where events go, and how it is known that they are ours. */
export interface Webhook {
  readonly url: string;
  readonly secret: string;
}

/** What each message says besides its events. */
export interface MessageContext {
  /** Names what was sent before: the same events after another message are a message of their own. */
  readonly after: string;
  /** Whose they are: the owner of the config. */
  readonly owner: string;
  readonly run: string;
  readonly base: { readonly branch: string; readonly commit: string };
}

/** Events of one message at most. */
const perMessage = 500;

/** Milliseconds before the second and the third try. */
const waits = [1000, 4000];

/**
 * Sends events in their order, in as many messages as it takes. A message that is sent again, by this or a later run, has the same
 * id: a receiver may get it twice.
 *
 * @param stop ends it between two tries
 * @throws Error when a message is not accepted after three tries; those before it were
 */
export async function deliver(
  { url, secret }: Webhook,
  events: readonly NotifyEvent[],
  context: MessageContext,
  { env, clock, stop }: { readonly env: NodeJS.ProcessEnv; readonly clock: Clock; readonly stop: AbortSignal },
): Promise<void> {
  for (let at = 0; at < events.length; at += perMessage) {
    const told = events.slice(at, at + perMessage);
    const { after, owner, base, run } = context;
    const id = `msg_${createHash('sha256')
      .update(JSON.stringify([after, owner, told]))
      .digest('hex')
      .slice(0, 32)}`;
    const body = JSON.stringify({ format: 'athenz-gitops events 1', owner, run, base, events: told });
    for (let tries = 0; ; tries++) {
      try {
        const headers = { 'content-type': 'application/json', ...signWebhook(id, clock.now(), body, secret) };
        const { accepted, status } = await pushText(url, env, { method: 'POST', headers, body, stop });
        if (accepted) break;
        // Not its words: servers like to repeat the path, which may hold a token.
        throw new Error(String(status));
      } catch (error) {
        const wait = waits[tries];
        if (wait === undefined) throw error;
        await clock.sleep(wait, stop);
        if (stop.aborted) throw error;
      }
    }
  }
}
