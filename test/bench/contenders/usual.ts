import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { Agent, request } from 'undici';
import { membersOf, namespaceAt, objectsOf, roleNames } from '../fleet.ts';
import { writeEach } from './write.ts';

/*
 * The usual way: ask ZMS for the expanded members of every role, write every file into a checkout, `git add --all`, commit. Without an
 * address of a ZMS, the second half of it alone.
 */

const [amount = '', dir = '', zmsUrl = '', certs = ''] = process.argv.slice(2);
const counts = Array.from({ length: Number(amount) }, (_, at) => at);
if (zmsUrl !== '') await poll();
const objects = (at: number) => objectsOf(at).map((object) => JSON.stringify(object));
writeEach(Number(amount), dir, 'rbac.yaml', (at) => objects(at).join('\n---\n'));
const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: dir, stdio: 'pipe' });
git('add', '--all');
git('-c', 'user.name=x', '-c', 'user.email=x@example.com', 'commit', '--quiet', '--allow-empty', '--message', 'Sync');

async function poll(): Promise<void> {
  const read = (name: string) => readFileSync(join(certs, name), 'utf8');
  const connect = { cert: read('client.crt'), key: read('client.key'), ca: read('ca.crt') };
  const dispatcher = new Agent({ connections: 16, connect });
  const limit = pLimit(16);
  const ask = async (at: number, role: string) => {
    const { body } = await request(`${zmsUrl}/domain/acme.eks.${namespaceAt(at)}/role/${role}?expand=true`, {
      dispatcher,
    });
    const { roleMembers } = (await body.json()) as { readonly roleMembers: readonly unknown[] };
    if (roleMembers.length !== membersOf(at, 'k8s_ns_admins').length) throw new Error(`${role} of ${namespaceAt(at)}`);
  };
  await Promise.all(counts.flatMap((at) => roleNames.map((role) => limit(ask, at, role))));
  await dispatcher.close();
}
