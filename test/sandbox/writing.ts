import type { Sandbox } from '../../src/sandbox/server.ts';
import type { StateInput } from '../../src/sandbox/state.ts';
import { call, type Reply } from './client.ts';

/** The provisioning service, which may create domains in `acme.eks`. */
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

interface SendOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the provisioner. */
  readonly as?: string;
}

/** Sends a request as the given principal. */
export async function send(sandbox: Sandbox, method: string, path: string, options: SendOptions = {}): Promise<Reply> {
  const { as = provisioner, ...rest } = options;
  const credentials = await sandbox.authority.issue({ principal: as });
  return call(sandbox, path, { method, credentials, ...rest });
}

/** The request body for a role of `acme.eks.shop`. */
function roleBody(short: string, content: object = {}): object {
  return { name: `acme.eks.shop:role.${short}`, ...content };
}

/** Writes a role of `acme.eks.shop`. */
export function putRole(
  sandbox: Sandbox,
  short: string,
  content: object,
  options: Omit<SendOptions, 'body'> = {},
): Promise<Reply> {
  return send(sandbox, 'PUT', `/domain/acme.eks.shop/role/${short}`, { ...options, body: roleBody(short, content) });
}

/** Reads a role of `acme.eks.shop`. */
export async function getRole(sandbox: Sandbox, short: string, query = ''): Promise<Reply['body']> {
  return (await call(sandbox, `/domain/acme.eks.shop/role/${short}${query}`)).body;
}

/** The payload of a signed document. */
export async function documentOf(sandbox: Sandbox, domain: string): Promise<Reply['body']> {
  const { payload } = (await call(sandbox, `/domain/${domain}/signed`)).body;
  return JSON.parse(Buffer.from(payload, 'base64url').toString());
}
