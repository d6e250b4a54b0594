import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../runtime/folder.ts';
import type { ClientRequest } from './authority.ts';
import type { Sandbox } from './server.ts';

/** Where the files of a client of the sandbox are. */
export interface CredentialPaths {
  readonly caPath: string;
  readonly certPath: string;
  readonly keyPath: string;
  /** Of the key that signs domain documents. */
  readonly publicKeyPath: string;
}

/**
 * Issues a client certificate and writes all that a config names: `ca.crt`, `client.crt`, `client.key` (for its owner
 * only) and `zms.pub`. Older files of these names are replaced; the folder is made where it is missing.
 */
export async function writeCredentials(
  sandbox: Sandbox,
  dir: string,
  request: ClientRequest,
): Promise<CredentialPaths> {
  const { cert, key } = await sandbox.authority.issue(request);
  const paths: CredentialPaths = {
    caPath: join(dir, 'ca.crt'),
    certPath: join(dir, 'client.crt'),
    keyPath: join(dir, 'client.key'),
    publicKeyPath: join(dir, 'zms.pub'),
  };
  await makeFolder(dir);
  // A file that exists would keep its mode, so the old key goes first.
  await rm(paths.keyPath, { force: true });
  await writeFile(paths.keyPath, key, { mode: 0o600, flag: 'wx' });
  await writeFile(paths.certPath, cert);
  await writeFile(paths.caPath, sandbox.caPem);
  await writeFile(paths.publicKeyPath, Object.values(sandbox.publicKeys)[0] ?? '');
  return paths;
}
