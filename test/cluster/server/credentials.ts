import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTestAuthority, type TestAuthority } from '../../support/certificates.ts';

/** Paths of what a server shows and trusts, and the kubeconfig of its administrator. */
export interface Credentials {
  readonly ca: string;
  readonly authority: TestAuthority;
  readonly cert: string;
  readonly key: string;
  /** Signs the tokens of service accounts, and is what they are checked by. */
  readonly accountKey: string;
  readonly kubeconfig: string;
}

/** Everything for a server at this URL on 127.0.0.1, by an authority of its own, readable by this user alone. */
export async function writeCredentials(dir: string, url: string): Promise<Credentials> {
  const authority = await createTestAuthority();
  const server = await authority.issue({
    principal: 'kube-apiserver',
    names: ['localhost', 'kubernetes.default.svc'],
    addresses: ['127.0.0.1'],
  });
  // The group that RBAC lets do everything.
  const admin = await authority.issue({ principal: 'admin', organization: 'system:masters' });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const write = async (name: string, text: string) => {
    await writeFile(join(dir, name), text, { mode: 0o600 });
    return join(dir, name);
  };
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    clusters: [{ name: 'test', cluster: { server: url, 'certificate-authority-data': base64(authority.caPem) } }],
    users: [
      {
        name: 'admin',
        user: { 'client-certificate-data': base64(admin.cert), 'client-key-data': base64(admin.key) },
      },
    ],
  };
  return {
    ca: await write('ca.crt', authority.caPem),
    authority,
    cert: await write('server.crt', server.cert),
    key: await write('server.key', server.key),
    accountKey: await write('accounts.key', privateKey.export({ type: 'sec1', format: 'pem' }).toString()),
    kubeconfig: await write('kubeconfig', JSON.stringify(kubeconfig)),
  };
}
