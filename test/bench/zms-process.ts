import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { writeCredentials } from '../../src/sandbox/files.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { normaliseState } from '../../src/sandbox/state.ts';
import { domainsOf, namespaceAt } from './fleet.ts';
import type { Behaviour, Tally } from './zms.ts';

/*
 * A ZMS with a fleet, in a process of its own: its work is not done by the event loop of whoever is measured. Each message says how it is
 * to behave from now on, and is answered with what was asked since the one before.
 */

const [amount = '', dir = ''] = process.argv.slice(2);
const sockets: Socket[] = [];
subscribe('net.server.socket', (message) => sockets.push((message as { readonly socket: Socket }).socket));

const sandbox = await startSandbox({ state: normaliseState({ domains: domainsOf(Number(amount)) }) });
let last = tally();
process.on('message', ({ delay, trouble, guest }: Behaviour) => {
  if (guest !== undefined) invite(guest);
  sandbox.intercept(({ path }) => {
    const isList = path.endsWith('/sys/modified_domains');
    if (trouble === 'all' || (trouble === 'all but the list' && !isList)) {
      return failure(trouble === 'all' || !path.endsWith('/signed') ? 503 : 404);
    }
    return delay === 0 ? undefined : { kind: 'late', milliseconds: delay };
  });
  const now = tally();
  process.send?.({ requests: now.requests - last.requests, bytes: now.bytes - last.bytes });
  last = now;
});
process.on('disconnect', () => void sandbox.close());
process.send?.({ url: sandbox.url, ...(await writeCredentials(sandbox, dir, { principal: 'acme.gitops' })) });

function invite(guest: string): void {
  const name = `acme.eks.${namespaceAt(0)}`;
  const { roles } = domainsOf(1)[name] ?? {};
  const members = [...(roles?.k8s_ns_admins ?? []), guest];
  sandbox.update(({ domains }) => ({
    domains: { ...domains, [name]: { roles: { ...roles, k8s_ns_admins: members } } },
  }));
}

/** Since the beginning; what TLS and headers take is part of the bytes. */
function tally(): Tally {
  const bytes = sockets.reduce((sum, { bytesRead, bytesWritten }) => sum + bytesRead + bytesWritten, 0);
  return { requests: sandbox.requests.length, bytes };
}

function failure(code: number) {
  const body = JSON.stringify({ code, message: 'Communications link failure' });
  return { kind: 'status', status: code, body, contentType: 'application/json' } as const;
}
