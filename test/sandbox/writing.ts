import type { Sandbox } from '../../src/sandbox/server.ts';
import type { StateInput } from '../../src/sandbox/state.ts';
import { call, type Reply } from './client.ts';

/** The service that provisions, and may make domains in `acme.eks`. */
export const provisioner = 'acme.platform.gitops';

export const state: StateInput = {
  domains: {
    acme: null,
    'acme.eks': {
      roles: { provisioner: [provisioner] },
      policies: { provisioner: [{ role: 'provisioner', resource: 'acme.eks:domain', action: 'create' }] },
    },
    'acme.eks.shop': { roles: { admin: [provisioner, 'user.athenz_admin'] } },
    'acme.platform': { roles: { sre: ['user.chen'] } },
  },
};

interface Sent {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the provisioner. */
  readonly as?: string;
}

/** Sends a request as somebody. */
export async function send(sandbox: Sandbox, method: string, path: string, sent: Sent = {}): Promise<Reply> {
  const { as = provisioner, ...rest } = sent;
  const credentials = await sandbox.authority.issue({ principal: as });
  return call(sandbox, path, { method, credentials, ...rest });
}

/** What is sent to write a whole role of `acme.eks.shop`. */
export function roleBody(short: string, content: object = {}): object {
  return { name: `acme.eks.shop:role.${short}`, ...content };
}

/** Writes a role of `acme.eks.shop`. */
export function putRole(
  sandbox: Sandbox,
  short: string,
  content: object,
  sent: Omit<Sent, 'body'> = {},
): Promise<Reply> {
  return send(sandbox, 'PUT', `/domain/acme.eks.shop/role/${short}`, { ...sent, body: roleBody(short, content) });
}

/** What is read of a role of `acme.eks.shop`. */
export async function getRole(sandbox: Sandbox, short: string, query = ''): Promise<Reply['body']> {
  return (await call(sandbox, `/domain/acme.eks.shop/role/${short}${query}`)).body;
}

/** The payload of a signed document. */
export async function documentOf(sandbox: Sandbox, domain: string): Promise<Reply['body']> {
  const { payload } = (await call(sandbox, `/domain/${domain}/signed`)).body;
  return JSON.parse(Buffer.from(payload, 'base64url').toString());
}
