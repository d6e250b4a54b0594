import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPlace } from '../support/place.ts';
import { fingerprint, gitIn, refsOf } from '../support/repository.ts';
import { merge, openStage, type Stage } from '../support/stage.ts';

test('plan shows what sync would propose and writes nothing at all', async () => {
  await using stage = await openStage();
  const before = await fingerprint(stage.dir);
  const { out } = await stage.expect(0, ['plan']);
  assert.match(out, /^prod {2}24 gain, 0 lose in 4 of 6 namespaces\n/);
  assert.match(out, /\+ user\.lena +k8s_ns_admins +member of the role\n/);
  assert.match(out, /Run athenz-gitops sync to propose this to this repository\.\n$/);
  assert.deepEqual(await fingerprint(stage.dir), before);
});

test('--exit-code exits 5 when there are changes and 0 when there are none', async () => {
  await using stage = await openStage();
  await stage.expect(5, ['plan', '--exit-code']);
  await stage.expect(0, ['sync']);
  await stage.expect(5, ['plan', '--exit-code']);
  merge(stage.dir, 'athenz-gitops/main/prod');
  const { out } = await stage.expect(0, ['plan', '--exit-code']);
  assert.match(out, /^Nothing to change/);
});

/** Ways in which the work tree and the index differ from the base commit. */
const dirt: readonly (readonly [name: string, make: (stage: Stage) => unknown])[] = [
  ['namespaces that are not committed', (it) => it.write({ 'clusters/prod/new.yaml': '[new]\n' })],
  [
    'namespaces that are staged',
    (it) => it.write({ 'clusters/prod/new.yaml': '[new]\n' }).then(() => it.git('add', '.')),
  ],
  ['namespace files that are missing', (it) => it.write({ clusters: null })],
  ['namespace files that cannot be parsed', (it) => it.write({ 'clusters/prod/namespaces.yaml': '{' })],
  ['an output that is missing', (it) => it.write({ output: null })],
  ['an output that was edited', (it) => it.write({ 'output/prod/search/rbac.yaml': 'foreign\n' })],
  ['a link in place of the output', (it) => it.write({ output: '->clusters' })],
  ['another branch checked out', (it) => it.git('switch', '--quiet', '--orphan', 'other')],
  ['a merge in progress', (it) => conflict(it)],
];
test('plan reads the base commit and never the work tree', async (t) => {
  await using stage = await openStage({ rendered: true });
  stage.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  const clean = await planOf(stage);
  assert.equal(clean.files.length, 1);
  const config = { 'athenz-gitops.yaml': stage.git('show', 'main:athenz-gitops.yaml') };
  for (const [name, make] of dirt) {
    await t.test(name, async () => {
      await make(stage);
      // The config file alone is taken from the work tree.
      await stage.write(config);
      assert.deepEqual(await planOf(stage), clean);
      stage.git('reset', '--quiet', '--hard');
      stage.git('clean', '--quiet', '-d', '--force');
      stage.git('switch', '--quiet', '--force', 'main');
    });
  }
});

test('the config file is taken from the work tree', async () => {
  await using stage = await openStage();
  await stage.editConfig((text) => text.replace('k8s_ns_viewers', 'oncall2'));
  const { out } = await stage.expect(0, ['plan']);
  assert.doesNotMatch(out, /k8s_ns_viewers/);
});

test('with a remote, the base is what the remote has', async () => {
  await using place = await openPlace({ remote: true });
  await place.commit({ 'clusters/prod/new.yaml': '[new]\n' });
  const { out } = await place.expect(0, ['plan']);
  assert.match(out, /of 6 namespaces/);
  place.pushMain();
  const refs = refsOf(place.target);
  assert.match((await place.expect(0, ['plan'])).out, /of 7 namespaces/);
  assert.equal(refsOf(place.target), refs);
  assert.equal(refsOf(place.dir, 'refs/heads', 'refs/notes'), `refs/heads/main ${place.git('rev-parse', 'main')}`);
});

test('plan may run for a pull request', async () => {
  await using stage = await openStage();
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, GITHUB_REF: 'refs/pull/1/merge', GITHUB_EVENT_NAME: 'pull_request' };
  await stage.expect(5, ['plan', '--exit-code'], { env });
});

async function planOf(stage: Stage): Promise<{ readonly files: readonly object[] }> {
  const { plan } = JSON.parse((await stage.expect(0, ['plan', '--json'])).out);
  return { ...plan, at: '' };
}

async function conflict(stage: Stage): Promise<void> {
  const main = stage.git('rev-parse', 'main');
  stage.git('switch', '--quiet', '--create', 'theirs', main);
  await stage.commit({ 'clusters/prod/namespaces.yaml': '[theirs]\n' });
  stage.git('switch', '--quiet', '--create', 'ours', main);
  await stage.commit({ 'clusters/prod/namespaces.yaml': '[ours]\n' });
  assert.throws(() => gitIn(stage.dir, 'merge', '--quiet', 'theirs'));
}
