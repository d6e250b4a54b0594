import { request } from 'undici';
import { openDispatcher } from './dispatcher.ts';
import { proxyFor } from './proxy.ts';

/** Milliseconds that a server may take: nothing waits for what is pushed. */
const patience = 10_000;

/**
 * Sends a text to a server once, over its proxy where there is one.
 *
 * @throws Error when it is not accepted
 */
export async function pushText(
  url: string,
  env: NodeJS.ProcessEnv,
  { method, headers, body }: { method: 'POST' | 'PUT'; headers: Readonly<Record<string, string>>; body: string },
): Promise<void> {
  const dispatcher = openDispatcher({ proxy: proxyFor(url, env), silence: patience });
  try {
    const answer = await request(url, {
      dispatcher,
      method,
      headers: { ...headers, 'user-agent': 'athenz-gitops' },
      body,
      signal: AbortSignal.timeout(patience),
    });
    const words = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${answer.statusCode} ${words.slice(0, 200)}`.trim());
  } finally {
    await dispatcher.close().catch(() => {});
  }
}
