import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { clockAhead, openFixture } from '../support/fixture.ts';
import { readFiles } from '../support/generated.ts';
import { fingerprint } from '../support/repository.ts';

const search = 'output/prod/search/rbac.yaml';

test('a snapshot renders the same bytes offline after Athenz has changed', async () => {
  await using fixture = await openFixture();
  const result = await fixture.expect(0, ['snapshot']);
  assert.equal(result.out, 'Wrote athenz-snapshot.jsonl: 8 domains, 0 of them unknown.\n');
  await fixture.expect(0, ['render']);
  const rendered = await readFiles(fixture.dir, 'output');
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.somebody', 'user.else']);
  await fixture.sandbox.close();
  const { requests } = fixture.sandbox;
  const before = requests.length;
  await fixture.write({ output: null });
  await fixture.expect(0, ['render', '--snapshot', 'athenz-snapshot.jsonl']);
  assert.deepEqual(await readFiles(fixture.dir, 'output'), rendered);
  await fixture.expect(0, ['render', '--check', '--snapshot', join(fixture.dir, 'athenz-snapshot.jsonl')]);
  assert.equal(requests.length, before);
});

test('a snapshot is evaluated at the time it was taken', async () => {
  await using fixture = await openFixture();
  await fixture.expect(0, ['snapshot', '--output', 's.jsonl']);
  const runs = [{}, { clock: clockAhead(10 * 365 * 24 * 3_600_000) }];
  const results = await Promise.all(
    runs.map((more) => fixture.expect(0, ['plan', '--json', '--snapshot', 's.jsonl'], more)),
  );
  assert.equal(results[0]?.out, results[1]?.out);
  assert.match(results[0]?.out ?? '', /user\.eli/);
});

const times: readonly (readonly [at: string, eli: boolean])[] = [
  ['2031-06-30T11:59:59Z', true],
  ['2031-06-30T12:00:00Z', false],
  ['2031-06-30T13:59:59+02:00', true],
  ['2040-01-01', false],
];
for (const [at, eli] of times) {
  test(`--at ${at} resolves access for that instant`, async () => {
    await using fixture = await openFixture();
    await fixture.expect(0, ['snapshot', '--output', 's.jsonl']);
    await fixture.expect(0, ['render', '--snapshot', 's.jsonl', '--at', at]);
    assert.equal((await readFile(join(fixture.dir, search), 'utf8')).includes('user.eli'), eli);
    await fixture.expect(0, ['render', '--check', '--at', at]);
  });
}

test('snapshot writes only its file', async () => {
  await using fixture = await openFixture();
  const before = await fingerprint(fixture.dir);
  await fixture.expect(0, ['snapshot', '--output', 's.jsonl']);
  const after = await fingerprint(fixture.dir);
  assert.deepEqual(
    after.filter((line) => !line.startsWith(`${join(fixture.dir, 's.jsonl')} `)),
    before,
  );
});

test('a snapshot records unread domains, exit 3, and render leaves them unchanged', async () => {
  await using fixture = await openFixture();
  await fixture.expect(0, ['render']);
  fixture.sandbox.intercept(({ path }) =>
    path.endsWith('/acme.eks.search/signed')
      ? { kind: 'status', status: 500, body: '{}', contentType: 'x' }
      : undefined,
  );
  const { out, err } = await fixture.expect(3, ['snapshot', '--output', 's.jsonl', '--json']);
  const facts = JSON.parse(out);
  assert.deepEqual([facts.domains, facts.unknown.map((it: { name: string }) => it.name)], [8, ['acme.eks.search']]);
  assert.match(err, /^warn: ZMS_UNAVAILABLE: reading the document of acme\.eks\.search: 500/);
  const before = await readFile(join(fixture.dir, search), 'utf8');
  await fixture.expect(3, ['render', '--snapshot', 's.jsonl']);
  assert.equal(await readFile(join(fixture.dir, search), 'utf8'), before);
});

test('a snapshot records that a domain was deleted', async () => {
  await using fixture = await openFixture({ config: (text) => text.replace(/limits:\n.*\n/, '') });
  await fixture.expect(0, ['render']);
  fixture.removeDomain('acme.eks.checkout');
  await fixture.expect(0, ['snapshot', '--output', 's.jsonl']);
  await fixture.sandbox.close();
  const { out } = await fixture.expect(0, ['render', '--snapshot', 's.jsonl']);
  assert.match(out, /- user\.lena +k8s_ns_admins +the domain does not exist in Athenz/);
});

const damage: readonly (readonly [name: string, change: (text: string) => string])[] = [
  ['truncated', (text) => text.slice(0, -20)],
  ['missing its end', (text) => text.split('\n').slice(0, -2).join('\n')],
  ['missing a line', (text) => text.split('\n').toSpliced(3, 1).join('\n')],
  ['empty', () => ''],
  ['not a snapshot', () => '{"hello": "world"}\n'],
];
for (const [name, change] of damage) {
  test(`rejects a snapshot that is ${name}, and writes nothing`, async () => {
    await using fixture = await openFixture();
    await fixture.expect(0, ['snapshot', '--output', 's.jsonl']);
    const file = join(fixture.dir, 's.jsonl');
    await writeFile(file, change(await readFile(file, 'utf8')));
    const before = await fingerprint(fixture.dir);
    const { err } = await fixture.expect(2, ['render', '--snapshot', 's.jsonl']);
    assert.match(err, /^error: SNAPSHOT_INVALID: .*s\.jsonl/);
    assert.deepEqual(await fingerprint(fixture.dir), before);
  });
}

test('reports a missing snapshot file', async () => {
  await using fixture = await openFixture();
  const { err } = await fixture.expect(2, ['plan', '--snapshot', 'nowhere.jsonl']);
  assert.match(err, /^error: SNAPSHOT_INVALID: .*nowhere\.jsonl/);
});
