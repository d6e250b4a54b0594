import assert from 'node:assert/strict';
import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { Clock } from '../../src/model/clock.ts';
import type { Fault } from '../../src/sandbox/fault.ts';
import { type Fixture, type FixtureOptions, openFixture } from '../support/fixture.ts';
import { gitIn } from '../support/repository.ts';
import type { RunResult } from '../support/result.ts';

// What earlier runs made of namespaces saves reading, proving, resolving and rendering them. It never changes what comes out.

const day = 86_400_000;

test('an idle run reads no document, and says what a run without the memo says', async () => {
  await using fixture = await openMemo();
  fixture.sandbox.update(({ domains }) => ({ domains: { ...domains, 'acme.eks.search': strange } }));
  await renderAndCommit(fixture);
  // Without documents, only what is remembered can be used.
  await removeDocuments(fixture);
  const recalled = await plan(fixture);
  assert.equal(recalled.requests, 1);
  await rm(await memoOf(fixture), { recursive: true });
  const made = await plan(fixture);
  assert.ok(made.requests > 1);
  assert.deepEqual(recalled.result, made.result);
  assert.ok(made.result.plan.dropped.length > 0 && made.result.plan.expiring.length > 0);
});

test('one changed domain is read alone, with those it refers to', async () => {
  await using fixture = await openMemo({ rendered: true });
  await removeDocuments(fixture);
  fixture.setRole('acme.eks.checkout', 'k8s_ns_admins', ['user.lena', 'user.omar']);
  const { requests, result } = await plan(fixture);
  assert.equal(requests, 2);
  assert.deepEqual(pathsIn(result), ['output/prod/checkout/rbac.yaml']);
});

test('a namespace that the tree has otherwise is read, and what is wrong there is put right', async () => {
  await using fixture = await openMemo({ rendered: true });
  await tamper(fixture);
  assert.deepEqual(pathsIn((await plan(fixture)).result), [tampered]);
});

test('a membership that ends takes effect at that moment, and not before', async () => {
  await using fixture = await openMemo();
  const expires = new Date(now + 2 * day).toISOString();
  const member = { name: 'user.omar', expires };
  fixture.sandbox.update(({ domains }) => ({
    domains: {
      ...domains,
      'acme.eks.search': { roles: { k8s_ns_admins: { members: [member, { name: 'user.lena' }] } } },
    },
  }));
  await renderAndCommit(fixture);
  await plan(fixture);
  assert.deepEqual(pathsIn((await plan(fixture, after(2 * day - 3_600_000))).result), []);
  const { result } = await plan(fixture, after(2 * day + 1000));
  assert.deepEqual(pathsIn(result), ['output/prod/search/rbac.yaml']);
  // With a clock that was set back, what was made later does not count.
  assert.deepEqual(pathsIn((await plan(fixture)).result), []);
});

test('a grant that ends soon is remarked on from thirty days before', async () => {
  await using fixture = await openMemo();
  const expires = new Date(now + 40 * day).toISOString();
  fixture.sandbox.update(({ domains }) => ({
    domains: {
      ...domains,
      'acme.eks.search': { roles: { k8s_ns_admins: { members: [{ name: 'user.omar', expires }] } } },
    },
  }));
  await renderAndCommit(fixture);
  const expiringIn = async (ahead: number) =>
    (await plan(fixture, after(ahead))).result.plan.expiring.map(({ namespace }) => namespace);
  assert.ok(!(await expiringIn(9 * day)).includes('search'));
  assert.ok((await expiringIn(11 * day)).includes('search'));
});

test('what a document says that is newer than the list is not remembered', async () => {
  await using fixture = await openMemo();
  let body = '';
  const record = ({ path, url }: { readonly path: string; readonly url: string }): Fault | undefined => {
    if (!path.endsWith('/modified_domains')) return undefined;
    assert.ok(url.includes('metaonly=true'));
    return { kind: 'status', status: 200, body, contentType: 'application/json' };
  };
  const { domains } = fixture.sandbox.state();
  // A list of before, as a replica gives it that lags behind.
  body = JSON.stringify({
    domains: Object.keys(domains).map((name) => ({ domain: { name, modified: old, enabled: true } })),
  });
  fixture.sandbox.intercept(record);
  await renderAndCommit(fixture);
  fixture.setRole('acme.eks.checkout', 'k8s_ns_admins', ['user.omar']);
  assert.deepEqual(pathsIn((await plan(fixture)).result), ['output/prod/checkout/rbac.yaml']);
});

test('units that share a path are named in the same way whichever of them is recalled', async () => {
  const config = (text: string) =>
    `${text.replaceAll('k8s_ns_admins', 'adm').replaceAll('k8s_ns_viewers', 'x-adm')}output: {path: "output/{cluster}/{namespace}-{role}.yaml"}\n`;
  await using fixture = await openMemo({ config });
  const domain = (member: string) => ({ roles: { adm: [member], 'x-adm': ['user.omar'] } });
  const setBoth = (first: string, second: string) =>
    fixture.sandbox.update(({ domains }) => ({
      domains: { ...domains, 'acme.eks.n16': domain(first), 'acme.eks.n16-x': domain(second) },
    }));
  setBoth('user.lena', 'user.lena');
  await fixture.commit({ 'clusters/prod/extra.yaml': '[n16, n16-x]\n' }, 'Add namespaces');
  const held: unknown[] = [];
  for (const [first, second] of [
    ['user.lena', 'user.lena'],
    ['user.omar', 'user.lena'],
    ['user.omar', 'user.omar'],
  ] as const) {
    setBoth(first, second);
    const { result } = await plan(fixture);
    held.push(result.plan.held.map(({ message }) => message));
  }
  assert.ok(JSON.stringify(held[0]).includes('would share it'));
  assert.deepEqual(held[1], held[0]);
  assert.deepEqual(held[2], held[0]);
});

test('what could not be read is not remembered', async () => {
  await using fixture = await openMemo();
  fixture.sandbox.intercept(({ path }) => (path.endsWith('acme.eks.search/signed') ? down : undefined));
  await fixture.expect(3, ['render']);
  fixture.sandbox.intercept(undefined);
  await fixture.expect(0, ['render']);
  assert.match(await readFile(join(fixture.dir, 'output/prod/search/rbac.yaml'), 'utf8'), /user\./);
});

test('a domain that comes to be is read', async () => {
  await using fixture = await openMemo();
  const { domains } = fixture.sandbox.state();
  fixture.removeDomain('acme.eks.search');
  await renderAndCommit(fixture);
  fixture.sandbox.update((state) => ({
    domains: { ...state.domains, 'acme.eks.search': domains['acme.eks.search'] ?? {} },
  }));
  assert.deepEqual(pathsIn((await plan(fixture)).result), ['output/prod/search/rbac.yaml']);
});

test('a namespace that comes to be gives the services of its domain a ServiceAccount everywhere', async () => {
  await using fixture = await openMemo({ config: (text) => `${text}members: {services: ServiceAccount}\n` });
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.lena', 'acme.eks.extra.web']);
  await renderAndCommit(fixture);
  await fixture.commit({ 'clusters/prod/extra.yaml': '[extra]\n' }, 'Add a namespace');
  const { result } = await plan(fixture);
  assert.deepEqual(pathsIn(result), ['output/prod/extra/rbac.yaml', 'output/prod/search/rbac.yaml']);
});

for (const [what, edit] of [
  ['a rule', (text: string) => text.replace('verbs: [get, list]', 'verbs: [get]')],
  ['the users’ prefix', (text: string) => `${text}members: {users: {prefix: "oidc:"}}\n`],
  ['the domain of people', (text: string) => text.replace('athenz:\n', 'athenz:\n  userDomain: people\n')],
  [
    'the names of objects',
    (text: string) =>
      `${text.replace(/clusterRole: \w+/, 'rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]')}names: operator\n`,
  ],
  ['the templates', (text: string) => `${text}output: {templates: own}\n`],
] as const) {
  test(`what was made with another config is not used: ${what}`, async () => {
    await using fixture = await openMemo({ rendered: true });
    await fixture.commit(
      { 'own/role.yaml': 'metadata: {labels: {team: x}}\n', 'own/rolebinding.yaml': '' },
      'Add templates',
    );
    await fixture.editConfig(edit);
    const remembering = await plan(fixture);
    await rm(await memoOf(fixture), { recursive: true });
    assert.deepEqual(remembering.result, (await plan(fixture)).result);
    const { files, held } = remembering.result.plan;
    assert.ok(files.length + held.length > 0);
  });
}

/** Memos of an attacker with write access to the cache and without the key. */
const forgeries: readonly (readonly [name: string, forge: (fixture: Fixture, folder: string) => Promise<unknown>])[] = [
  ['no files', (_, folder) => rm(folder, { recursive: true })],
  ['a file instead of the folder', (_, folder) => rm(folder, { recursive: true }).then(() => writeFile(folder, ''))],
  ['empty files', (_, folder) => everyFile(folder, (file) => truncate(file))],
  [
    'truncated files',
    (_, folder) => everyFile(folder, async (file) => writeFile(file, (await readFile(file)).subarray(0, 200))),
  ],
  ['garbage', (_, folder) => everyFile(folder, (file) => writeFile(file, Buffer.alloc(9999, 0xe2)))],
  ['another content under its code', (fixture, folder) => forge(fixture, folder, (code) => code)],
  ['no code', (fixture, folder) => forge(fixture, folder, () => '')],
  ['a code of another length', (fixture, folder) => forge(fixture, folder, (code) => code.slice(0, 20))],
  ['the content of a later run', rollForward],
  ['the memo of another ZMS', takeFromAnother],
  ['files under other names', swapNames],
];

for (const [name, change] of forgeries) {
  test(`a forged memo changes no output: ${name}`, async () => {
    await using fixture = await openMemo({ rendered: true });
    await tamper(fixture);
    await change(fixture, await memoOf(fixture));
    const { result } = await plan(fixture);
    assert.deepEqual(pathsIn(result), [tampered]);
    assert.deepEqual(pathsIn((await plan(fixture)).result), [tampered]);
  });
}

test('a memo that was rolled back along with what the server says is not used for what it says since', async () => {
  await using fixture = await openMemo({ rendered: true });
  const folder = await memoOf(fixture);
  await cp(folder, `${folder}-before`, { recursive: true });
  fixture.setRole('acme.eks.checkout', 'k8s_ns_admins', ['user.omar']);
  await renderAndCommit(fixture);
  await rm(folder, { recursive: true });
  await cp(`${folder}-before`, folder, { recursive: true });
  assert.deepEqual(pathsIn((await plan(fixture)).result), []);
});

test('a client with another key starts from the documents', async () => {
  await using fixture = await openMemo({ rendered: true });
  const { certPath, keyPath } = fixture.paths.credentials;
  const { cert, key } = await fixture.sandbox.authority.issue({ principal: 'acme.platform.gitops' });
  await Promise.all([writeFile(certPath, cert), writeFile(keyPath, key)]);
  await removeDocuments(fixture);
  assert.ok((await plan(fixture)).requests > 2);
});

test('a memo that cannot be written is a warning', async () => {
  await using fixture = await openMemo();
  await fixture.run(['snapshot', '--output', '../x.jsonl']);
  await writeFile(join(await cacheOf(fixture), 'memo'), '');
  const { err } = await fixture.expect(0, ['render']);
  assert.match(err, /^warn: writing the cache: /m);
});

/** Members of all kinds, one of them with an end that is near. */
const strange = {
  roles: {
    k8s_ns_admins: [
      'user.dara',
      'user.*',
      'acme.ci.deployer',
      { name: 'user.eli', expires: new Date(Date.now() + 10 * day).toISOString() },
    ],
  },
};

/** As of when plans of a test are made, so that they can be compared; later than what a fixture has rendered. */
const now = Date.now() + 3_600_000;
const clock: Clock = { now: () => now, sleep: async () => {} };

/** Some milliseconds after that. */
function after(milliseconds: number): Clock {
  return { ...clock, now: () => now + milliseconds };
}

/** Before anything was changed. */
const old = '2020-01-01T00:00:00.000Z';

const down: Fault = { kind: 'status', status: 500, body: 'down', contentType: 'text/plain' };

/** A file that is edited by hand to grant more. */
const tampered = 'output/prod/checkout/rbac.yaml';

async function openMemo(options: FixtureOptions = {}): Promise<Fixture> {
  return openFixture({ ...options, cached: true });
}

async function renderAndCommit(fixture: Fixture): Promise<void> {
  await fixture.expect(0, ['render'], { clock });
  await fixture.commit({}, 'Render');
}

async function plan(
  fixture: Fixture,
  at = clock,
): Promise<{ readonly requests: number; readonly result: Pick<RunResult, 'plan' | 'exitCode'> }> {
  const before = fixture.sandbox.requests.length;
  const { out } = await fixture.run(['plan', '--json'], { clock: at });
  const { plan, exitCode } = JSON.parse(out) as RunResult;
  return { requests: fixture.sandbox.requests.length - before, result: { plan, exitCode } };
}

function pathsIn({ plan }: Pick<RunResult, 'plan'>): readonly string[] {
  return plan.files.map(({ path }) => path);
}

async function tamper(fixture: Fixture): Promise<void> {
  const text = await readFile(join(fixture.dir, tampered), 'utf8');
  await fixture.commit({ [tampered]: text.replaceAll('lena', 'mallory') }, 'Let mallory in');
}

async function memoOf(fixture: Fixture): Promise<string> {
  return join(await cacheOf(fixture), 'memo');
}

/** The folder of the cache of this ZMS. */
async function cacheOf({ paths }: Fixture): Promise<string> {
  const root = join(dirname(paths.credentials.keyPath), 'cache');
  const [folder = ''] = await readdir(root);
  return join(root, folder);
}

async function removeDocuments(fixture: Fixture): Promise<void> {
  const folder = await cacheOf(fixture);
  for (const name of await readdir(folder)) if (name !== 'memo') await rm(join(folder, name));
}

async function everyFile(folder: string, change: (file: string) => Promise<unknown>): Promise<void> {
  for (const name of await readdir(folder)) await change(join(folder, name));
}

/** Says of every file that it is to be as the tree has it now. */
async function forge(fixture: Fixture, folder: string, codeOf: (code: string) => string): Promise<void> {
  const oid = gitIn(fixture.dir, 'rev-parse', `HEAD:${tampered}`).trim();
  let forged = 0;
  await everyFile(folder, async (file) => {
    const [code = '', ...lines] = (await readFile(file, 'utf8')).split('\n');
    const changed = lines.map((line) => line.replace(/"oids":\["[0-9a-f]+"/, `"oids":["${oid}"`));
    forged += changed.filter((line, at) => line !== lines[at]).length;
    await writeFile(file, [codeOf(code), ...changed].join('\n'));
  });
  assert.ok(forged > 0);
}

/** What a later run remembers, brought back to this one, with what Athenz says as it was. */
async function rollForward(fixture: Fixture, folder: string): Promise<void> {
  const before = fixture.sandbox.state();
  fixture.setRole('acme.eks.checkout', 'k8s_ns_admins', ['user.mallory']);
  await fixture.expect(0, ['plan'], { clock });
  await cp(folder, `${folder}-later`, { recursive: true });
  fixture.sandbox.update(() => before);
  await rm(folder, { recursive: true });
  await cp(`${folder}-later`, folder, { recursive: true });
}

/** Under the names that the files have here. */
async function takeFromAnother(_: Fixture, folder: string): Promise<void> {
  await using other = await openMemo();
  other.setRole('acme.eks.checkout', 'k8s_ns_admins', ['user.mallory']);
  await other.expect(0, ['render'], { clock });
  const theirs = await memoOf(other);
  const byPlace = new Map((await readdir(theirs)).map((name) => [name.slice(-1), join(theirs, name)]));
  await everyFile(folder, async (file) => cp(byPlace.get(file.slice(-1)) ?? assert.fail(), file));
}

async function swapNames(_: Fixture, folder: string): Promise<void> {
  const files = (await readdir(folder)).map((name) => join(folder, name));
  const contents = await Promise.all(files.map((file) => readFile(file)));
  for (const [at, file] of files.entries()) await writeFile(file, contents[(at + 1) % contents.length] ?? '');
}
