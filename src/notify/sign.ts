import { createHmac } from 'node:crypto';

/** Headers of a message as Standard Webhooks (standardwebhooks.com) has them; receivers verify it with a library. */
export interface SignedHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/**
 * Signs a message with HMAC-SHA256 over its id, its time and its body.
 *
 * @param id the same for the same message when it is sent again: a receiver takes it once
 * @param now milliseconds since the epoch
 * @param secret `whsec_` and base64, or any other text as it is; see `isSecret`
 */
export function signWebhook(id: string, now: number, body: string, secret: string): SignedHeaders {
  const time = String(Math.floor(now / 1000));
  const key = keyOf(secret);
  const signature = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': `v1,${signature}` };
}

/** Whether a secret is one that nobody can guess: 16 bytes at least. */
export function isSecret(secret: string): boolean {
  return keyOf(secret).length >= 16;
}

function keyOf(secret: string): Buffer {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
}
