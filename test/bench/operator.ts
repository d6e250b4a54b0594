import { readFile } from 'node:fs/promises';
import { Agent, request } from 'undici';
import { membersOf, namespaceAt, roleNames } from './fleet.ts';
import type { ZmsProcess } from './zms.ts';

/** One tick of an operator that keeps nothing between ticks: the list of domains, then each role by itself, one after another. */
export async function tick({ url, credentials }: ZmsProcess, amount: number): Promise<void> {
  const { caPath, certPath, keyPath } = credentials;
  const [ca, cert, key] = await Promise.all([caPath, certPath, keyPath].map((path) => readFile(path, 'utf8')));
  const connect = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  const dispatcher = new Agent({ connections: 1, connect });
  const get = async (path: string): Promise<unknown> => (await request(`${url}${path}`, { dispatcher })).body.json();
  try {
    await get('/sys/modified_domains?metaonly=true');
    for (let at = 0; at < amount; at++) {
      for (const role of roleNames) {
        const found = (await get(`/domain/acme.eks.${namespaceAt(at)}/role/${role}`)) as {
          roleMembers?: readonly unknown[];
        };
        if (found.roleMembers?.length !== membersOf(at, role).length) throw new Error(`${role} of ${namespaceAt(at)}`);
      }
    }
  } finally {
    await dispatcher.close();
  }
}
