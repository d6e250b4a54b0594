import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { CertificatePair } from '../../../src/sandbox/authority.ts';

/** What somebody logs in with. */
export type Credentials = { readonly token: string } | CertificatePair | undefined;

export interface KubeconfigOptions {
  /** Default: `reader`. */
  readonly current?: string;
  /** Default: `kubeconfig`. */
  readonly file?: string;
  /** Default: where the stand-in listens. */
  readonly server?: string;
}

/** Writes a kubeconfig with one context for each user, and returns its path. */
export async function writeKubeconfig(
  folder: string,
  { url, caPem }: { readonly url: string; readonly caPem: string },
  users: ReadonlyMap<string, Credentials>,
  { current = 'reader', file = 'kubeconfig', server = url }: KubeconfigOptions = {},
): Promise<string> {
  const base64 = (pem: string) => Buffer.from(pem).toString('base64');
  const path = join(folder, file);
  const names = [...users.keys()];
  const text = stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': current,
    clusters: [{ name: 'stand-in', cluster: { server, 'certificate-authority-data': base64(caPem) } }],
    contexts: names.map((name) => ({ name, context: { cluster: 'stand-in', user: name } })),
    users: [...users].map(([name, credentials]) => ({ name, user: entryOf(credentials, base64) })),
  });
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

function entryOf(credentials: Credentials, base64: (pem: string) => string): object {
  if (credentials === undefined) return {};
  if ('token' in credentials) return credentials;
  return { 'client-certificate-data': base64(credentials.cert), 'client-key-data': base64(credentials.key) };
}
