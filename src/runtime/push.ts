import { request } from 'undici';
import { openDispatcher } from './dispatcher.ts';
import { proxyFor } from './proxy.ts';

/** Milliseconds that a server may take: nothing waits for what is pushed. */
const patience = 10_000;

/** Bytes of an answer that are read. */
const largest = 64 * 1024;

export interface Push {
  readonly method: 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Ends it early. */
  readonly stop?: AbortSignal;
}

/** An answer to what was pushed; `words`: the beginning of it, where it was refused. May hold anything. */
export interface Pushed {
  readonly status: number;
  readonly accepted: boolean;
  readonly words: string;
}

/**
 * Sends a text to a server once, over its proxy where there is one. Redirects are not followed.
 *
 * @throws Error when there is no answer
 */
export async function pushText(url: string, env: NodeJS.ProcessEnv, { stop, ...push }: Push): Promise<Pushed> {
  const dispatcher = openDispatcher({ proxy: proxyFor(url, env), silence: patience, largest });
  const timeout = AbortSignal.timeout(patience);
  try {
    const { statusCode: status, body } = await request(url, {
      ...push,
      dispatcher,
      headers: { ...push.headers, 'user-agent': 'athenz-gitops' },
      signal: stop === undefined ? timeout : AbortSignal.any([timeout, stop]),
    });
    // The status says it all: nothing hangs on a body that is too large, or never ends.
    const words = await body.text().catch(() => '');
    return { status, accepted: status < 300, words: words.slice(0, 200).trim() };
  } finally {
    await dispatcher.destroy();
  }
}
