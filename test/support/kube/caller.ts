import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { User } from './rbac.ts';
import { unauthorized } from './status.ts';

const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Who asks: by certificate, else by token, else nobody; with credentials that are no good nobody is let in. */
export function callerOf({ socket, headers }: IncomingMessage, userOf: (token: string) => User | undefined): User {
  const certificate = (socket as TLSSocket).getPeerCertificate();
  const shown = certificate?.subject !== undefined;
  if (shown && (socket as TLSSocket).authorized) {
    const { CN = '', O = [] } = certificate.subject as { readonly CN?: string; readonly O?: string | string[] };
    return authenticated({ name: CN, groups: [O].flat() });
  }
  const [, token = ''] = /^bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  const user = token === '' ? undefined : userOf(token);
  if (user !== undefined) return authenticated(user);
  if (token !== '' || shown) throw unauthorized;
  return anonymous;
}

function authenticated({ name, groups }: User): User {
  return { name, groups: [...groups, 'system:authenticated'] };
}
