import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { RenderedRole } from '../src/model/manifest.ts';
import { type AcmePlace, domainOf, openAcmePlace, recording, roles } from './support/acme-fixture.ts';
import { serverExpansion } from './support/expanded.ts';
import { readFiles } from './support/generated.ts';
import { oracleSubjects } from './support/oracle.ts';
import { acme, type RecordedServer, serveRecording } from './support/recording.ts';
import { rendered } from './support/rendered.ts';

// End to end with a company recorded on a real ZMS: from requests to committed bytes.

let server: RecordedServer;
before(async () => {
  server = await serveRecording();
});
after(() => server[Symbol.asyncDispose]());

/** A repository with the 60 namespaces and a config for the recording. */
function place(extra = '', zms: RecordedServer = server, namespaces = recording.namespaces): Promise<AcmePlace> {
  return openAcmePlace({ zms, extra, namespaces });
}

function usersByNamespace(all: readonly RenderedRole[], role: string): Map<string, string[]> {
  return new Map(all.filter((it) => it.role === role).map((it) => [it.namespace, it.subjects.map(({ name }) => name)]));
}

test('rendered grants match an independent resolution and the ZMS expansion', async () => {
  await using it = await place();
  const { code, err } = await it.run('render');
  assert.equal(code, 0, err);
  const files = await readFiles(it.dir, 'output');
  assert.equal(files.size, 60);
  const all = rendered(files);
  assert.equal(all.length, 60 * roles.length);
  for (const role of roles) {
    const users = usersByNamespace(all, role);
    const expected = oracleSubjects(recording, { at: recording.takenAt, domainOf, role, services: 'skip' });
    assert.deepEqual(users, new Map([...expected].sort()));
    for (const namespace of role === 'oncall' ? [] : recording.namespaces) {
      const expansion = serverExpansion(recording, namespace, role, recording.takenAt) ?? [];
      assert.deepEqual(users.get(namespace), expansion, `${namespace} ${role}`);
    }
  }
  assert.ok([...files.values()].every((text) => !text.includes('mallory')));

  const again = await it.run('render', '--check');
  assert.equal(again.code, 0, again.out);
});

test('a poll fetches only the domain list, the needed domains and the public key', async () => {
  await using zms = await serveRecording();
  await using it = await place('', zms);
  assert.equal((await it.run('render')).code, 0);
  const documents = zms.requests.filter((path) => path.includes('/signed'));
  const expected = [...recording.namespaces.map(domainOf), 'acme.org', 'acme.platform'];
  assert.deepEqual(documents.map((path) => path.split('/')[4]).sort(), expected.sort());
  assert.equal(zms.requests.length, 1 + documents.length + 1);
});

test('members.services: User renders services as users', async () => {
  await using it = await place('members: {services: User}\n');
  assert.equal((await it.run('render')).code, 0);
  const users = usersByNamespace(rendered(await readFiles(it.dir, 'output')), 'k8s_ns_viewers');
  const expected = oracleSubjects(recording, {
    at: recording.takenAt,
    domainOf,
    role: 'k8s_ns_viewers',
    services: 'User',
  });
  assert.deepEqual(users, new Map([...expected].sort()));
  assert.ok([...users.values()].flat().includes('acme.platform.deployer'));
});

test('reordered input renders the same bytes', async () => {
  await using it = await place();
  const taken = await it.run('snapshot', '--output', 'a.jsonl');
  assert.equal(taken.code, 0, taken.err);
  assert.equal((await it.run('render', '--snapshot', 'a.jsonl')).code, 0);
  const expected = await readFiles(it.dir, 'output');

  await using other = await place('', server, recording.namespaces.toReversed());
  const lines = (await readFile(join(it.dir, 'a.jsonl'), 'utf8')).trimEnd().split('\n');
  const head = lines.shift();
  const end = lines.pop();
  const reversed = [head, ...lines.toReversed().map((line) => JSON.stringify(reverseLists(JSON.parse(line)))), end, ''];
  await writeFile(join(other.dir, 'b.jsonl'), reversed.join('\n'));
  const { code, err } = await other.run('render', '--snapshot', 'b.jsonl');
  assert.equal(code, 0, err);
  assert.deepEqual(await readFiles(other.dir, 'output'), expected);
});

function reverseLists(json: unknown): unknown {
  if (Array.isArray(json)) return json.toReversed().map(reverseLists);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([key, item]) => [key, reverseLists(item)]));
}

test('a pinned key verifies domains, and a tampered domain leaves files unchanged', async () => {
  const { key } = JSON.parse(await readFile(join(acme, 'publickey-0.json'), 'utf8')) as { key: string };
  const pem = Buffer.from(key.replaceAll('.', '+').replaceAll('_', '/').replaceAll('-', '='), 'base64').toString(
    'utf8',
  );
  const tamperedPath = '/zms/v1/domain/acme.eks.ml-api/signed?signaturep1363format=true';
  let tampering = false;
  await using zms = await serveRecording((path, body) => (tampering && path === tamperedPath ? tamper(body) : body));
  await using it = await place('', zms);
  await writeFile(join(it.dir, 'zms.pub'), pem);
  const config = join(it.dir, 'athenz-gitops.yaml');
  const text = await readFile(config, 'utf8');
  await writeFile(config, text.replace('clusters:\n', '  publicKeys: {"0": zms.pub}\nclusters:\n'));

  assert.equal((await it.run('render')).code, 0);
  assert.ok(!zms.requests.some((path) => path.includes('publickey')));
  const before = await readFiles(it.dir, 'output');

  tampering = true;
  const rejected = await it.run('render');
  assert.equal(rejected.code, 3);
  assert.match(rejected.out, /unchanged \(read failed\): ml-api \(ZMS_SIGNATURE: .*acme\.eks\.ml-api/);
  assert.deepEqual(await readFiles(it.dir, 'output'), before);
});

/** The signed document with a member replaced by user.mallory. */
function tamper(body: string): string {
  const signed = JSON.parse(body) as { payload: string };
  const payload = Buffer.from(signed.payload, 'base64url').toString('utf8').replaceAll('user.bo"', 'user.mallory"');
  return JSON.stringify({ ...signed, payload: Buffer.from(payload).toString('base64url') });
}

test('names: operator renders operator names, and [] for a disabled domain', async () => {
  await using it = await place('names: operator\n');
  assert.equal((await it.run('render')).code, 0);
  const all = rendered(await readFiles(it.dir, 'output'));
  for (const { namespace, role, bindingName, roleRef } of all) {
    assert.equal(bindingName, `acme.eks.${namespace}:role.${role}:members`);
    assert.deepEqual(roleRef, { kind: 'Role', name: `acme.eks.${namespace}:role.${role}` });
  }
  const disabled = await readFile(join(it.dir, 'output/prod/search-core/rbac.yaml'), 'utf8');
  assert.equal(disabled.match(/^subjects: \[\]$/gm)?.length, roles.length);
});

test('sync proposes one commit with a review note and is idempotent', async () => {
  await using it = await place('forge: {kind: local}\n');
  const first = await it.run('sync');
  assert.equal(first.code, 0, first.err);
  const branch = 'athenz-gitops/main/prod';
  const refs = () => it.git('for-each-ref', '--format=%(refname) %(objectname)');
  assert.match(
    refs(),
    /^refs\/heads\/athenz-gitops\/main\/prod .*\nrefs\/heads\/main .*\nrefs\/notes\/athenz-gitops\/main\/prod .*\n$/,
  );
  assert.equal(it.git('rev-list', '--count', `main..${branch}`), '1\n');
  assert.equal(it.git('diff', '--name-only', 'main', branch).trimEnd().split('\n').length, 60);
  const body = it.git('notes', `--ref=refs/notes/${branch}`, 'show', branch);
  assert.match(
    body,
    /^athenz-gitops: prod: \d+ grants to add \(\d+ namespaces\)\n\n\*\*Merging this changes who may do what/,
  );
  assert.match(
    body,
    /\| ➕ \| search-cache \| `k8s_ns_viewers` \| user\.tara_4 \| through `acme\.platform:role\.sre` \(delegated\), until 2027-06-30 12:00 UTC \|/,
  );
  assert.match(body, /<code>user&#46;&#42;<\/code> in search-label/);
  assert.ok(body.length <= 60_000 + 200);

  const before = refs();
  const second = await it.run('sync');
  assert.equal(second.code, 0, second.err);
  assert.match(second.out, /Up to date: athenz-gitops\/main\/prod/);
  assert.equal(refs(), before);

  it.git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'merge', '--quiet', branch);
  const third = await it.run('sync');
  assert.match(third.out, /No changes\./);
  assert.equal(it.git('for-each-ref', '--format=%(refname)'), 'refs/heads/main\n');
});
