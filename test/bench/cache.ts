import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCache } from '../../src/athenz/cache.ts';
import { createVerifier } from '../../src/athenz/signature.ts';
import { parseDocument } from '../../src/athenz/wire.ts';

// How long 18,000 cached documents take to load and prove, by code and by signature: node test/bench/cache.ts [COUNT]

const amount = Number(process.argv[2] ?? 18_000);
const modified = '2026-11-21T02:22:11.382Z';
const folder = await mkdtemp(join(tmpdir(), 'athenz-gitops-bench-'));
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const names = Array.from({ length: amount }, (_, index) => `acme.eks.team-${index}`);

function signedDocument(name: string) {
  const members = (role: string) => ({
    name: `${name}:role.${role}`,
    modified,
    roleMembers: Array.from({ length: 20 }, (_, index) => ({
      memberName: `user.person_${index}`,
      requestPrincipal: 'user.athenz_admin',
      principalType: 1,
    })),
  });
  const roles = [members('k8s_ns_admins'), members('k8s_ns_viewers'), { name: `${name}:role.admin`, modified }];
  const json = JSON.stringify({
    name,
    modified,
    enabled: true,
    roles,
    groups: [],
    policies: { contents: { policies: [] } },
  });
  const header = Buffer.from('{"kid":"0","alg":"RS256"}').toString('base64url');
  const payload = Buffer.from(json).toString('base64url');
  const signature = sign('sha256', Buffer.from(`${header}.${payload}`), privateKey).toString('base64url');
  return { json, signed: { protected: header, payload, signature } };
}

async function measure(what: string, run: () => Promise<void>): Promise<void> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(
    `${what}: ${((user + system) / 1e6).toFixed(2)} s CPU, ${Math.round(process.memoryUsage().rss / 1e6)} MB\n`,
  );
}

const open = (key: string) =>
  openCache({
    folder,
    macKey: async () => Buffer.from(key),
    verify: createVerifier(async () => pem),
    parse: parseDocument,
  });
const first = open('key');
for (const name of names) {
  const { json, signed } = signedDocument(name);
  first.keep(parseDocument(json), signed);
}
await measure(`write ${amount} documents`, () => first.save());

async function findAll(key: string): Promise<void> {
  const cache = open(key);
  for (const name of names)
    if ((await cache.find(name, modified)) === undefined) throw new Error(`${name} is not in the cache`);
}
await measure('load and prove by code', () => findAll('key'));
await measure('load and prove by signature', () => findAll('another key'));
await rm(folder, { recursive: true });
