import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import type { CertificatePair } from '../../src/sandbox/authority.ts';
import type { Sandbox } from '../../src/sandbox/server.ts';
import { clientPair } from '../support/authority.ts';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests assert on the body
  readonly body: any;
}

export interface CallOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, or unchanged if it is a string. */
  readonly body?: unknown;
  /** Client certificate; `null` for none. Default: one for `sys.gitops.sync`. */
  readonly credentials?: CertificatePair | null;
  readonly ca?: string;
}

/** Sends one request on its own connection; `path` is relative to `/zms/v1`. */
export async function call(sandbox: Sandbox, path: string, options: CallOptions = {}): Promise<Reply> {
  const { method = 'GET', body, ca = sandbox.caPem } = options;
  const content = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  const headers = { ...(content === undefined ? {} : { 'content-type': 'application/json' }), ...options.headers };
  const credentials =
    options.credentials === undefined ? await clientPair(sandbox.authority, 'sys.gitops.sync') : options.credentials;
  return new Promise((resolve, reject) => {
    const sent = request(
      `${sandbox.url}${path}`,
      { method, headers, ca, agent: false, family: 4, ...credentials },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const json = response.headers['content-type'] === 'application/json' && text !== '';
          const { statusCode: status = 0, headers } = response;
          resolve({
            status,
            headers,
            text,
            get body() {
              return json ? JSON.parse(text) : undefined;
            },
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(content);
  });
}

/** A clock that stands still until it is set. */
export function clockAt(start: string): { readonly now: () => number; set(time: string): void } {
  let time = Date.parse(start);
  return {
    now: () => time,
    set: (next) => {
      time = Date.parse(next);
    },
  };
}
