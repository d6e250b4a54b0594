import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fixture, merge, openFixture } from '../support/fixture.ts';
import { openRemoteFixture } from '../support/remote-fixture.ts';
import { fingerprint, gitEnv, gitIn, refsOf } from '../support/repository.ts';
import { sampleOf } from '../support/tier.ts';

test('plan shows what sync would propose and writes nothing', async () => {
  await using fixture = await openFixture();
  const before = await fingerprint(fixture.dir);
  const { out } = await fixture.expect(0, ['plan']);
  assert.match(out, /^prod {2}24 grants to add in 4 of 6 namespaces\n/);
  assert.match(out, /\+ user\.lena +k8s_ns_admins +member of the role\n/);
  assert.match(out, /Run athenz-gitops sync to propose the changes to this repository\.\n$/);
  assert.deepEqual(await fingerprint(fixture.dir), before);
});

test('--exit-code exits 5 when there are changes and 0 when there are none', async () => {
  await using fixture = await openFixture();
  await fixture.expect(5, ['plan', '--exit-code']);
  await fixture.expect(0, ['sync']);
  await fixture.expect(5, ['plan', '--exit-code']);
  merge(fixture.dir, 'athenz-gitops/main/prod');
  const { out } = await fixture.expect(0, ['plan', '--exit-code']);
  assert.match(out, /^No changes\./);
});

/** Differences of the work tree and the index from the base commit. */
const dirt: readonly (readonly [name: string, make: (fixture: Fixture) => unknown])[] = [
  ['uncommitted namespaces', (it) => it.write({ 'clusters/prod/new.yaml': '[new]\n' })],
  ['staged namespaces', (it) => it.write({ 'clusters/prod/new.yaml': '[new]\n' }).then(() => it.git('add', '.'))],
  ['missing namespace files', (it) => it.write({ clusters: null })],
  ['unparsable namespace files', (it) => it.write({ 'clusters/prod/namespaces.yaml': '{' })],
  ['missing output', (it) => it.write({ output: null })],
  ['edited output', (it) => it.write({ 'output/prod/search/rbac.yaml': 'foreign\n' })],
  ['a link in place of the output', (it) => it.write({ output: '->clusters' })],
  ['another branch checked out', (it) => it.git('switch', '--quiet', '--orphan', 'other')],
  ['a merge in progress', (it) => conflict(it)],
];
/** Of the namespaces, of the output, and of what HEAD is. */
const sampled = ['staged namespaces', 'missing output', 'another branch checked out', 'a merge in progress'];
test('plan reads the base commit, not the work tree', async (t) => {
  await using fixture = await openFixture({ rendered: true });
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  const clean = await planOf(fixture);
  assert.equal(clean.files.length, 1);
  const config = { 'athenz-gitops.yaml': fixture.git('show', 'main:athenz-gitops.yaml') };
  for (const [name, make] of sampleOf(dirt, sampled)) {
    await t.test(name, async () => {
      await make(fixture);
      // Only the config file is read from the work tree.
      await fixture.write(config);
      assert.deepEqual(await planOf(fixture), clean);
      fixture.git('reset', '--quiet', '--hard');
      fixture.git('clean', '--quiet', '-d', '--force');
      fixture.git('switch', '--quiet', '--force', 'main');
    });
  }
});

test('plan reads the config file from the work tree', async () => {
  await using fixture = await openFixture();
  await fixture.editConfig((text) => text.replace('k8s_ns_viewers', 'oncall2'));
  const { out } = await fixture.expect(0, ['plan']);
  assert.doesNotMatch(out, /k8s_ns_viewers/);
});

test('with a remote, plan reads the base of the remote', async () => {
  await using fixture = await openRemoteFixture({ remote: true });
  await fixture.commit({ 'clusters/prod/new.yaml': '[new]\n' });
  const { out } = await fixture.expect(0, ['plan']);
  assert.match(out, /of 6 namespaces/);
  fixture.pushMain();
  const refs = refsOf(fixture.target);
  assert.match((await fixture.expect(0, ['plan'])).out, /of 7 namespaces/);
  assert.equal(refsOf(fixture.target), refs);
  assert.equal(refsOf(fixture.dir, 'refs/heads', 'refs/notes'), `refs/heads/main ${fixture.git('rev-parse', 'main')}`);
});

test('plan and provision name the commit, and that HEAD is ahead of it', async () => {
  await using fixture = await openRemoteFixture({ remote: true });
  const base = fixture.git('rev-parse', '--short=12', 'main');
  const even = await fixture.expect(0, ['plan']);
  assert.match(even.out, new RegExp(`, compared with main at ${base}\n`));
  assert.doesNotMatch(even.err, /ahead/);
  await fixture.commit({ 'clusters/prod/new.yaml': '[new]\n' });
  const ahead = `HEAD is 1 commit ahead of the base (origin/main at ${base}): only the base is read`;
  for (const [command, code] of [
    ['plan', 0],
    ['provision', 3],
  ] as const) {
    const { out, err } = await fixture.expect(code, [command]);
    assert.ok(out.includes(`, compared with main at ${base}\n`), out);
    assert.ok(err.includes(ahead), err);
  }
});

test('members of a second user domain are skipped by name, or people where it is configured', async () => {
  await using fixture = await openFixture({ rendered: true });
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'contractor.bob']);
  await fixture.commit({ 'clusters/prod/more.yaml': '[kube-system]\n' });
  const { out } = await fixture.expect(0, ['plan']);
  assert.match(
    out,
    /^skipped: \d services? in .*contractor \(1\).*; if these are people, add their domain to athenz\.userDomain$/m,
  );
  assert.match(out, /^skipped: 1 namespace of prod, excluded: kube-system$/m);

  await fixture.editConfig((text) => text.replace('athenz:\n', 'athenz:\n  userDomain: [user, contractor]\n'));
  const several = await fixture.expect(0, ['plan']);
  assert.match(several.out, /\+ contractor\.bob +k8s_ns_admins/);
  assert.doesNotMatch(several.out, /contractor \(/);
});

test('plan of a pull request takes its own namespaces and templates, and says so', async () => {
  await using fixture = await openFixture({ rendered: true });
  const base = fixture.git('rev-parse', 'main');
  fixture.git('switch', '--quiet', '--create', 'moves');
  await fixture.editConfig((text) =>
    text.replace('clusters/prod/*.yaml', 'teams/**/*.yaml').replace('path: output', 'templates: rbac\n  path: output'),
  );
  const moved = fixture.git('show', 'main:clusters/prod/namespaces.yaml');
  await fixture.commit({
    'clusters/prod/namespaces.yaml': null,
    'teams/prod/namespaces.yaml': `${moved}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: brand-new}\n`,
    'rbac/role.yaml': '',
    'rbac/rolebinding.yaml': '',
  });
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, GITHUB_REF: 'refs/pull/1/merge', GITHUB_EVENT_NAME: 'pull_request' };
  const { out } = await fixture.expect(0, ['plan', '--json'], { env });
  const result = JSON.parse(out);
  assert.deepEqual([result.base.commit, result.pullRequest.commit], [base, fixture.git('rev-parse', 'HEAD')]);
  assert.deepEqual(
    result.plan.files.map((file: { readonly path: string }) => file.path),
    ['output/prod/brand-new/rbac.yaml'],
  );
  const { out: text, err } = await fixture.expect(0, ['plan'], { env });
  assert.doesNotMatch(err, /only the base is read/);
  assert.match(text, /^config, namespaces and templates of this pull request \([0-9a-f]{12}\), output of main \(/m);
  // Elsewhere the base alone counts, which has no such files.
  await assert.rejects(fixture.expect(0, ['plan']), /INVENTORY_NO_MATCH|TEMPLATE_NOT_FOUND/);
});

test('plan runs for a pull request', async () => {
  await using fixture = await openFixture();
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, GITHUB_REF: 'refs/pull/1/merge', GITHUB_EVENT_NAME: 'pull_request' };
  await fixture.expect(5, ['plan', '--exit-code'], { env });
});

async function planOf(fixture: Fixture): Promise<{ readonly files: readonly object[] }> {
  const { plan } = JSON.parse((await fixture.expect(0, ['plan', '--json'])).out);
  return { ...plan, at: '' };
}

async function conflict(fixture: Fixture): Promise<void> {
  const main = fixture.git('rev-parse', 'main');
  fixture.git('switch', '--quiet', '--create', 'theirs', main);
  await fixture.commit({ 'clusters/prod/namespaces.yaml': '[theirs]\n' });
  fixture.git('switch', '--quiet', '--create', 'ours', main);
  await fixture.commit({ 'clusters/prod/namespaces.yaml': '[ours]\n' });
  assert.throws(() => gitIn(fixture.dir, 'merge', '--quiet', 'theirs'));
}

test('plan says first, and once, that a template fits no domain', async () => {
  await using fixture = await openFixture({ config: (text) => text.replace('acme.eks.{', 'acme.esk.{') });
  const { err } = await fixture.expect(0, ['plan']);
  assert.match(err, /^warn: none of the domains of cluster prod exists \(6 of .*did you mean "acme\.eks".*\n$/);
});

for (const GITHUB_EVENT_NAME of ['pull_request', 'merge_group']) {
  test(`plan does not send anybody to sync where that refuses (${GITHUB_EVENT_NAME})`, async () => {
    await using fixture = await openFixture();
    const { out } = await fixture.expect(0, ['plan'], { env: { ...gitEnv, GITHUB_EVENT_NAME } });
    assert.match(out, /\nOnce this is merged, athenz-gitops sync proposes the changes to this repository\.\n$/);
  });
}

test('a glob that matches nothing says what to do', async () => {
  await using fixture = await openFixture();
  await fixture.editConfig((text) => text.replace('clusters/prod/*.yaml', 'nowhere/*.yaml'));
  const { out } = await fixture.expect(3, ['plan']);
  assert.match(
    out,
    /no file matches nowhere\/\*\.yaml; correct clusters\[\]\.namespaces\.files, or commit the files\)/,
  );
});

test('--summary prints counts alone, one line per scope', async () => {
  await using fixture = await openFixture();
  const { out } = await fixture.expect(5, ['plan', '--summary', '--exit-code']);
  assert.equal(out, 'prod  24 grants to add in 4 of 6 namespaces\n');
  await fixture.commit({ 'output/prod/notes.txt': 'mine' });
  const held = await fixture.expect(4, ['plan', '--summary']);
  assert.equal(held.out, 'prod  24 grants to add in 4 of 6 namespaces; held: 1 problem\n');
  assert.match((await fixture.expect(2, ['plan', '--summary', '--json'])).err, /cannot be used with option '--json'/);
});
