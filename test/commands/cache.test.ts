import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { CacheEntry } from '../../src/athenz/cache-file.ts';
import { listShards, readShard, writeShard } from '../../src/athenz/cache-file.ts';
import { type Fixture, merge, openFixture } from '../support/fixture.ts';
import { gitEnv } from '../support/repository.ts';
import type { RunResult } from '../support/result.ts';
import { sampleOf } from '../support/tier.ts';

// The requests that the cache saves. Damage to the cache never changes the output.

const branch = 'athenz-gitops/main/prod';
/** The domains of the sample's namespaces, and those that their groups and trusts refer to. */
const [own, referenced] = [5, 2];

test('after a cold run, sync requests only the list and the changed domains', async () => {
  await using fixture = await openFixture({ cached: true });
  await sync(fixture, 1 + own + referenced);
  merge(fixture.dir, branch);
  await sync(fixture, 1);

  fixture.setRole('acme.eks.checkout', 'k8s_ns_admins', ['user.lena', 'user.omar']);
  assert.deepEqual(await changedFiles(fixture, 2), ['output/prod/checkout/rbac.yaml']);
  merge(fixture.dir, branch);
  await sync(fixture, 1);

  fixture.sandbox.update(({ domains: { 'acme.platform': platform, ...domains } }) => ({
    domains: { ...domains, 'acme.platform': { ...platform, roles: { ...platform?.roles, auditors: ['user.uma'] } } },
  }));
  assert.deepEqual(await changedFiles(fixture, 2), [
    'output/prod/payments-api/rbac.yaml',
    'output/prod/payments-web/rbac.yaml',
  ]);
});

test('render, plan, sync and snapshot share one cache', async () => {
  await using fixture = await openFixture({ cached: true });
  await fixture.expect(0, ['render']);
  for (const args of [['plan'], ['sync', '--dry-run'], ['render', '--check'], ['snapshot', '--output', 'x.jsonl']]) {
    const before = fixture.sandbox.requests.length;
    await fixture.expect(0, args);
    assert.equal(fixture.sandbox.requests.length - before, 1, args.join(' '));
  }
});

for (const setting of ['off', 'null']) {
  test(`without a cache each document is read once (athenz.cache: ${setting})`, async () => {
    const config = (text: string) => text.replace(/^ {2}cache: .*$/m, `  cache: ${setting}`);
    await using fixture = await openFixture({ cached: true, config, uncommitted: true });
    const names = Array.from({ length: 12 }, (_, index) => `n${index}`);
    // Each namespace's domain has a group that another one refers to.
    const domains = names.map((name, index) => {
      const other = `acme.eks.n${(index * 7 + 3) % names.length}:group.all`;
      return [`acme.eks.${name}`, { roles: { k8s_ns_admins: [other] }, groups: { all: [`user.${name}`] } }] as const;
    });
    fixture.sandbox.update((state) => ({ domains: { ...state.domains, ...Object.fromEntries(domains) } }));
    await fixture.write({ 'clusters/prod/more.yaml': `[${names.join(', ')}]\n` });
    await fixture.expect(0, ['render'], { env: { ...gitEnv, HOME: '', XDG_CACHE_HOME: '' } });
    const read = fixture.sandbox.requests.map(({ path }) => path).filter((path) => path.endsWith('/signed'));
    assert.deepEqual([read.length, new Set(read).size], [own + referenced + 12, own + referenced + 12]);
  });
}

test('a newly referenced domain is read, unchanged ones are not', async () => {
  await using fixture = await openFixture({ cached: true });
  fixture.sandbox.update(({ domains }) => ({ domains: { ...domains, 'acme.new': { groups: { all: ['user.zoe'] } } } }));
  await sync(fixture, 1 + own + referenced);
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'acme.new:group.all']);
  await sync(fixture, 3);
});

test('cache files are accessible to their owner only, whatever the umask', async () => {
  await using fixture = await openFixture({ cached: true });
  const umask = process.umask(0);
  try {
    await sync(fixture);
  } finally {
    process.umask(umask);
  }
  const folder = await cacheOf(fixture);
  assert.equal((await stat(folder)).mode & 0o777, 0o700);
  assert.equal((await stat(join(folder, 'memo'))).mode & 0o777, 0o700);
  await everyFile(folder, async (file) => assert.equal((await stat(file)).mode & 0o777, 0o600, file));
});

test('the cache drops deleted domains and updates changed ones', async () => {
  await using fixture = await openFixture({ cached: true, rendered: true });
  fixture.removeDomain('acme.eks.search');
  fixture.setRole('acme.eks.checkout', 'k8s_ns_admins', ['user.omar']);
  const modifiedAt = async () => (await entriesOf(fixture)).find(({ name }) => name === 'acme.eks.checkout')?.modified;
  const before = await modifiedAt();
  await fixture.run(['plan']);
  assert.ok(!(await entriesOf(fixture)).some(({ name }) => name === 'acme.eks.search'));
  assert.notEqual(await modifiedAt(), before);
});

test('with the public key read from ZMS, each run reads it once, also with a new client key', async () => {
  await using fixture = await openFixture({
    cached: true,
    config: (text) => text.replace(/^ {2}publicKeys: .*\n/m, ''),
  });
  await sync(fixture, 1 + own + referenced + 1);
  await sync(fixture, 2);
  const { certPath, keyPath } = fixture.paths.credentials;
  const { cert, key } = await fixture.sandbox.authority.issue({ principal: 'acme.platform.gitops' });
  await Promise.all([writeFile(certPath, cert), writeFile(keyPath, key)]);
  await sync(fixture, 2);
  await sync(fixture, 2);
});

test('a public key pinned later is checked against cached documents', async () => {
  await using fixture = await openFixture({
    cached: true,
    config: (text) => text.replace(/^ {2}publicKeys: .*\n/m, ''),
  });
  await sync(fixture);
  await using other = await openFixture();
  const pin = join(dirname(other.paths.credentials.keyPath), 'zms.pub');
  await fixture.editConfig((text) => text.replace('  cache:', `  publicKeys: {"0": "${pin}"}\n  cache:`));
  const { err } = await fixture.expect(1, ['plan']);
  assert.match(err, /^error: ZMS_NOTHING_READ: .*ZMS_SIGNATURE/s, 'no document is signed with the pinned key');
});

test('cache: off caches nothing', async () => {
  await using fixture = await openFixture();
  await sync(fixture, 1 + own + referenced);
  await sync(fixture, 1 + own + referenced);
});

for (const [name, env] of [
  ['XDG_CACHE_HOME', (dir: string) => ({ XDG_CACHE_HOME: dir, HOME: '/nonexistent' })],
  ['HOME', (dir: string) => ({ HOME: dir, XDG_CACHE_HOME: 'not/absolute' })],
] as const) {
  test(`the default cache folder is below ${name}`, async () => {
    await using fixture = await openFixture({ config: (text) => text.replace(/^ {2}cache: .*\n/m, '') });
    const dir = dirname(dirname(fixture.paths.credentials.keyPath));
    await fixture.expect(0, ['plan'], { env: { PATH: process.env['PATH'], ...env(dir) } });
    const root = name === 'HOME' ? join(dir, '.cache') : dir;
    assert.equal((await readdir(join(root, 'athenz-gitops'))).length, 1);
  });
}

/** Damage to a cache after the run that wrote it. */
const damages: readonly (readonly [name: string, damage: (fixture: Fixture, folder: string) => Promise<unknown>])[] = [
  ['deleted', (_, folder) => rm(folder, { recursive: true })],
  ['empty files', (_, folder) => everyFile(folder, (file) => truncate(file))],
  [
    'files cut in half',
    (_, folder) => everyFile(folder, async (file) => truncate(file, Math.floor((await stat(file)).size / 2))),
  ],
  ['files cut after the first line', (_, folder) => everyFile(folder, async (file) => truncate(file, 24))],
  ['a later format', (_, folder) => everyLine(folder, (line) => line.replace('athenz-gitops cache 2', 'cache 3'))],
  ['garbage bytes', (_, folder) => everyFile(folder, (file) => writeFile(file, Buffer.alloc(9999, 0xe2)))],
  ['invalid escapes', (_, folder) => everyLine(folder, (line) => line.replaceAll('%', '%zz'))],
  ['changed payloads', (_, folder) => everyEntry(folder, (entry) => withMember(entry, 'user.mallory'))],
  ['no MACs', (_, folder) => everyEntry(folder, (entry) => ({ ...entry, mac: '' }))],
  ['unsigned documents', (_, folder) => everyEntry(folder, (entry) => unsigned(withMember(entry, 'user.mallory')))],
  ['documents under other names', (_, folder) => shuffle(folder)],
  ['folders instead of files', (_, folder) => everyFile(folder, (file) => rm(file).then(() => mkdir(file)))],
  ['pipes instead of files', (_, folder) => everyFile(folder, (file) => rm(file).then(() => pipe(file)))],
  ['symlink loops', (_, folder) => everyFile(folder, (file) => rm(file).then(() => symlink(file, file)))],
  ['a file instead of the folder', (_, folder) => rm(folder, { recursive: true }).then(() => writeFile(folder, ''))],
];
/** Less, other, and what is no file. */
const sampled = [
  'files cut in half',
  'changed payloads',
  'no MACs',
  'documents under other names',
  'pipes instead of files',
];

for (const [name, damage] of sampleOf(damages, sampled)) {
  test(`a damaged cache does not change the output: ${name}`, async () => {
    await using fixture = await openFixture({ cached: true, rendered: true });
    const rendered = await outputOf(fixture);
    // With what was made of the documents gone too, they are all that a run can go by.
    await rm(join(await cacheOf(fixture), 'memo'), { recursive: true });
    await damage(fixture, await cacheOf(fixture));
    fixture.setRole('acme.eks.checkout', 'k8s_ns_admins', ['user.omar']);
    await fixture.expect(0, ['render']);
    const after = await outputOf(fixture);
    assert.match(after.get('checkout') ?? '', /user\.omar/);
    for (const [namespace, text] of after) if (namespace !== 'checkout') assert.equal(text, rendered.get(namespace));
    const { out } = await fixture.expect(0, ['render', '--json']);
    assert.deepEqual((JSON.parse(out) as RunResult).plan.files, []);
  });
}

test('a cached older document is not used under a newer timestamp', async () => {
  await using fixture = await openFixture({ cached: true, rendered: true });
  const old = await entriesOf(fixture);
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.nell']);
  fixture.setRole('acme.platform', 'auditors', ['user.nell']);
  await fixture.expect(0, ['render']);
  const rendered = await outputOf(fixture);
  await everyEntry(await cacheOf(fixture), (entry) => {
    const before = old.find(({ name }) => name === entry.name) ?? entry;
    return { ...before, modified: entry.modified };
  });
  await fixture.expect(0, ['render']);
  assert.deepEqual(await outputOf(fixture), rendered);
});

test('cache entries of another ZMS are ignored', async () => {
  await using other = await openFixture({ cached: true, rendered: true });
  other.setRole('acme.eks.search', 'k8s_ns_admins', ['user.mallory']);
  await other.expect(0, ['render']);
  await using fixture = await openFixture({ cached: true, rendered: true });
  const rendered = await outputOf(fixture);
  const modifiedByName = new Map((await entriesOf(fixture)).map(({ name, modified }) => [name, modified]));
  const foreign = new Map((await entriesOf(other)).map((entry) => [entry.name, entry]));
  await rm(join(await cacheOf(fixture), 'memo'), { recursive: true });
  await everyEntry(await cacheOf(fixture), ({ name, ...entry }) => {
    return { ...entry, ...foreign.get(name), name, modified: modifiedByName.get(name) ?? '' };
  });
  await sync(fixture, 1 + own + referenced);
  await fixture.expect(0, ['render', '--check']);
  assert.deepEqual(await outputOf(fixture), rendered);
});

async function sync(fixture: Fixture, requests?: number): Promise<RunResult> {
  const before = fixture.sandbox.requests.length;
  const { out } = await fixture.expect(0, ['sync', '--json']);
  if (requests !== undefined) assert.equal(fixture.sandbox.requests.length - before, requests);
  return JSON.parse(out) as RunResult;
}

async function changedFiles(fixture: Fixture, requests: number): Promise<readonly string[]> {
  return (await sync(fixture, requests)).plan.files.map(({ path }) => path);
}

/** The folder of the cache of this ZMS. */
async function cacheOf({ paths }: Fixture): Promise<string> {
  const root = join(dirname(paths.credentials.keyPath), 'cache');
  const [folder = ''] = await readdir(root);
  return join(root, folder);
}

async function entriesOf(fixture: Fixture): Promise<readonly CacheEntry[]> {
  const folder = await cacheOf(fixture);
  return (await Promise.all((await listShards(folder)).map((shard) => entriesIn(folder, shard)))).flat();
}

async function entriesIn(folder: string, shard: string): Promise<readonly CacheEntry[]> {
  const { stamps, entry } = await readShard(folder, shard);
  return [...stamps.keys()].flatMap((name) => entry(name) ?? []);
}

async function everyFile(folder: string, change: (file: string) => Promise<unknown>): Promise<void> {
  for (const file of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (file.isFile()) await change(join(file.parentPath, file.name));
  }
}

async function everyLine(folder: string, change: (line: string) => string): Promise<void> {
  await everyFile(folder, async (file) => {
    const lines = (await readFile(file, 'latin1')).split('\n');
    await writeFile(file, lines.map(change).join('\n'), 'latin1');
  });
}

async function everyEntry(folder: string, change: (entry: CacheEntry) => CacheEntry): Promise<void> {
  for (const shard of await listShards(folder)) {
    await writeShard(folder, shard, (await entriesIn(folder, shard)).map(change));
  }
}

/** Gives each entry the signed document of the next one. */
async function shuffle(folder: string): Promise<void> {
  const shards = await listShards(folder);
  const all = (await Promise.all(shards.map((shard) => entriesIn(folder, shard)))).flat();
  let at = 0;
  await everyEntry(folder, (entry) => {
    at = (at + 1) % all.length;
    return { ...entry, signed: all[at]?.signed ?? entry.signed, mac: all[at]?.mac ?? '' };
  });
}

/** The document of an entry with one more member in each role. */
function withMember(entry: CacheEntry, member: string): CacheEntry {
  const document = JSON.parse(Buffer.from(entry.signed.payload, 'base64url').toString()) as {
    roles: { roleMembers?: object[] }[];
  };
  for (const role of document.roles) role.roleMembers = [...(role.roleMembers ?? []), { memberName: member }];
  const payload = Buffer.from(JSON.stringify(document)).toString('base64url');
  return { ...entry, signed: { ...entry.signed, payload } };
}

function unsigned(entry: CacheEntry): CacheEntry {
  const header = Buffer.from('{"kid":"0","alg":"none"}').toString('base64url');
  return { ...entry, signed: { ...entry.signed, protected: header, signature: '' } };
}

async function pipe(file: string): Promise<void> {
  execFileSync('mkfifo', [file]);
}

/** Namespace → text. */
async function outputOf({ dir }: Fixture): Promise<ReadonlyMap<string, string>> {
  const root = join(dir, 'output', 'prod');
  const names = (await readdir(root)).sort();
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, await readFile(join(root, name, 'rbac.yaml'), 'utf8')] as const),
    ),
  );
}
