import assert from 'node:assert/strict';
import { readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { configMap, syncFile } from '../support/copies.ts';
import { caBundle, openCopies } from '../support/copies-fixture.ts';
import { type Fixture, merge, openFixture } from '../support/fixture.ts';
import { gitIn } from '../support/repository.ts';

const branch = 'athenz-gitops/main/copies@+athenz-gitops_yaml.prod';
async function paths({ dir }: Fixture, ref: string): Promise<readonly string[]> {
  return gitIn(dir, 'ls-tree', '-r', '--name-only', ref, 'copies').split('\n').filter(Boolean);
}

describe('copies', () => {
  test('are planned, proposed, guarded, merged, follow their source, and go with their ObjectSync', async () => {
    await using fixture = await openCopies();
    const { dir } = fixture;
    const planned = await fixture.expect(5, ['plan', '--exit-code']);
    assert.match(
      planned.out,
      /^copies prod {2}6 copies to add \(0 copies now, 6 after\)\n\n {2}configmap\/ca-bundle\n {4}\+ checkout {6}default\/ca-bundle {2}ObjectSync default\/ca$/m,
    );
    await fixture.expect(0, ['sync']);
    assert.match(
      gitIn(dir, 'log', '-1', '--format=%B', branch),
      /^athenz-gitops: copies prod: 6 copies to add \(6 copies\)$/m,
    );
    assert.equal((await fixture.run(['guard', '--base', 'main', '--head', branch, '--head-ref', branch])).code, 0);
    merge(dir, branch);
    const copy = join(dir, 'copies/prod/search/configmap.ca-bundle.yaml');
    assert.match(await readFile(copy, 'utf8'), /namespace: "search"[\s\S]*ca\.crt: \|\n {4}one\n$/);

    const settled = await fixture.expect(0, ['plan']);
    assert.match(settled.out, /^No changes\. Git matches Athenz\.$/m);

    await fixture.commit({ 'sources/ca.yaml': configMap('ca-bundle', 'default', { 'ca.crt': 'two\n' }) }, 'Rotate');
    const edited = await fixture.expect(0, ['sync']);
    assert.match(edited.out, /~ search {8}default\/ca-bundle {2}data\.ca\.crt \(ObjectSync default\/ca\)$/m);
    assert.doesNotMatch(edited.out, /two/);
    merge(dir, branch);
    assert.match(await readFile(copy, 'utf8'), /ca\.crt: \|\n {4}two\n$/);

    await rm(join(dir, 'inputs/copies/ca.yaml'));
    await fixture.commit({}, 'Remove');
    const removed = await fixture.expect(0, ['sync']);
    assert.match(removed.out, /^skipped: copies\.syncs: no file matches inputs\/copies\/\*\*\/\*\.yaml$/m);
    merge(dir, branch);
    assert.deepEqual(await paths(fixture, 'main'), ['copies/prod/athenz-gitops-copies.yaml']);
  });

  test('a new namespace has its copies in the next proposal', async () => {
    await using fixture = await openCopies();
    await fixture.expect(0, ['sync']);
    merge(fixture.dir, branch);
    const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: fresh}\n';
    await fixture.commit({ 'clusters/prod/fresh.yaml': namespace }, 'Namespace');
    await fixture.expect(0, ['sync']);
    const added = gitIn(fixture.dir, 'diff', '--name-only', 'main', branch).trim();
    assert.equal(added, 'copies/prod/fresh/configmap.ca-bundle.yaml');
  });

  test('an error in an ObjectSync does not hold up a revocation', async () => {
    await using fixture = await openCopies({
      'inputs/copies/ca.yaml': syncFile('ca', caBundle, [{ namespaces: '*' }]),
    });
    fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.eli']);
    const { out } = await fixture.expect(4, ['sync']);
    assert.match(
      out,
      /held: ObjectSync default\/ca \(inputs\/copies\/ca\.yaml\): spec\.destinations\[0\]\.namespaces: .* \(COPY_SYNC_INVALID\)$/m,
    );
    assert.match(gitIn(fixture.dir, 'show', 'athenz-gitops/main/prod:output/prod/search/rbac.yaml'), /user\.eli/);
  });

  test('a link on the way to the ObjectSyncs removes nothing', async () => {
    await using fixture = await openCopies();
    await fixture.expect(0, ['sync']);
    merge(fixture.dir, branch);
    gitIn(fixture.dir, 'mv', 'inputs', 'shared');
    await symlink('shared', join(fixture.dir, 'inputs'));
    await fixture.commit({}, 'Link');
    for (const command of ['plan', 'render']) {
      const { out } = await fixture.expect(4, [command]);
      assert.match(out, /held: reading inputs: it is a link, which is not followed/);
      assert.doesNotMatch(out, /^ +- /m);
    }
  });

  test('a proposal stays while its sources cannot be read', async () => {
    const selected = { group: '', kind: 'ConfigMap', selector: { matchLabels: { share: 'yes' } } };
    const metadata = { name: 'ca-bundle', namespace: 'default', labels: { share: 'yes' } };
    await using fixture = await openCopies({
      'sources/ca.yaml': JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata }),
      'inputs/copies/ca.yaml': syncFile('ca', selected, [{ namespace: '*' }]),
    });
    await fixture.editConfig((text) => text.replace('copies: {}', 'copies: {marker: null}'));
    await fixture.commit({}, 'No marker');
    await fixture.expect(0, ['sync']);
    const proposed = gitIn(fixture.dir, 'rev-parse', branch);
    await fixture.commit({ 'sources/ca.yaml': '{' }, 'Damage');
    const { out } = await fixture.expect(3, ['sync']);
    assert.match(out, /^ {2}unchanged \(read failed\): ObjectSync default\/ca \(COPY_SOURCE_UNREADABLE: /m);
    assert.equal(gitIn(fixture.dir, 'rev-parse', branch), proposed);
  });

  test('removals are limited, and approved by their digest', async () => {
    await using fixture = await openCopies();
    await fixture.editConfig((text) => text.replace('copies: {}', 'copies: {limits: {maxRemovedCopies: {floor: 1}}}'));
    await fixture.commit({}, 'Limit');
    await fixture.expect(0, ['sync']);
    merge(fixture.dir, branch);
    await rm(join(fixture.dir, 'inputs/copies/ca.yaml'));
    await fixture.commit({}, 'Remove');
    const held = await fixture.expect(4, ['plan']);
    assert.match(held.out, /held: 6 removals in prod exceed limits\.maxRemovedCopies \(1 of 6 copies\)/);
    const digest = /--accept-removals ([0-9a-f]{16})/.exec(held.out)?.[1] ?? '';
    assert.match(
      (await fixture.expect(0, ['plan', '--accept-removals', digest])).out,
      /copies prod {2}6 copies to remove/,
    );
  });

  test('the value of a Secret is in no output, log, note or branch', async () => {
    // Letters alone, also in base64 again: what a note holds of others is escaped.
    const value = 'c3dvcmRmaXNoc3dvcmRmaXNo';
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'ca-bundle', namespace: 'default' },
      data: { token: value },
    };
    await using fixture = await openCopies({
      'sources/ca.yaml': JSON.stringify(secret),
      'inputs/copies/ca.yaml': syncFile('ca', { ...caBundle, kind: 'Secret' }, [{ namespace: '*' }]),
    });
    const printed: string[] = [];
    for (const command of [['plan'], ['plan', '--json'], ['sync', '--log-level', 'debug'], ['render']]) {
      const { out, err } = await fixture.expect(4, command);
      assert.match(out, /COPY_SECRET_PLAINTEXT|plaintext key \(token\)/);
      printed.push(out, err);
    }
    const { dir } = fixture;
    for (const ref of gitIn(dir, 'for-each-ref', '--format=%(refname)').split('\n').filter(Boolean)) {
      if (ref === 'refs/heads/main') continue;
      printed.push(
        gitIn(dir, 'log', '-p', '--format=%B%N', `main..${ref}`),
        gitIn(dir, 'ls-tree', '-r', ref, 'copies'),
      );
    }
    for (const hidden of [value, Buffer.from(value, 'base64').toString(), Buffer.from(value).toString('base64')]) {
      assert.ok(!printed.join('\n').includes(hidden));
    }
  });
});

describe('copies status', () => {
  test('shows which ObjectSyncs are ready and in sync', async () => {
    await using fixture = await openCopies({
      'inputs/copies/bad.yaml': syncFile('bad', caBundle, [{ namespace: 'nope' }]),
    });
    const before = await fixture.expect(4, ['copies', 'status']);
    assert.equal(
      before.out,
      [
        'NAMESPACE   NAME   READY   INSYNC    MESSAGE',
        'default     bad    False   Unknown   namespace nope is not in the inventory of prod',
        'default     ca     True    False     0 out of 6 destinations are in sync',
        '',
      ].join('\n'),
    );
    await fixture.expect(4, ['sync']);
    merge(fixture.dir, branch);
    const { objectSyncs } = JSON.parse((await fixture.expect(4, ['copies', 'status', '--json'])).out);
    const { status } = objectSyncs[1];
    assert.deepEqual(status.conditions[1], {
      type: 'InSync',
      status: 'True',
      reason: 'Success',
      message: '6 out of 6 destinations are in sync',
    });
    const [{ sourceVersion, syncedVersion, ...first }] = status.destinations;
    assert.deepEqual(first, { name: 'ca-bundle', namespace: 'checkout', group: '', version: 'v1', kind: 'ConfigMap' });
    assert.deepEqual(syncedVersion, sourceVersion);
  });

  test('shows what is held, and what belongs to no ObjectSync', async () => {
    await using fixture = await openCopies({
      'inputs/copies/other.yaml': syncFile('other', { ...caBundle, name: 'other' }, [
        { namespace: 'search', name: 'ca-bundle' },
      ]),
      'sources/other.yaml': configMap('other'),
      'inputs/copies/broken.yaml': '{',
      'copies/prod/labs/notes.yaml': 'mine: true\n',
      'copies/prod/labs/configmap.ca-bundle.yaml': 'mine: true\n',
    });
    const { out } = await fixture.expect(4, ['copies', 'status']);
    assert.match(
      out,
      /^default +ca +True +False +0 out of 6 .*; labs\/ca-bundle is held: .* was not written by athenz-gitops$/m,
    );
    assert.match(
      out,
      /^default +other +True +False +0 out of 1 .*; search\/ca-bundle is held: ObjectSync default\/other also targets/m,
    );
    assert.match(out, /^reading inputs\/copies\/broken\.yaml: /m);
    assert.match(out, /^copies\/prod\/labs\/notes\.yaml was not written/m);
  });

  test('says why a copy cannot be, and counts each once', async () => {
    const external = { storeRef: { name: 'vault', kind: 'SecretStore' }, remoteKey: 'k' };
    await using fixture = await openCopies({
      'inputs/copies/pull.yaml': syncFile(
        'pull',
        { group: '', kind: 'Secret', name: 'pull' },
        [{ namespace: 'search' }],
        {
          secret: { externalSecret: external },
        },
      ),
      'inputs/copies/ca.yaml': syncFile('ca', caBundle, [{ namespace: '*' }, { namespace: 'search' }]),
    });
    const { out } = await fixture.expect(4, ['copies', 'status']);
    assert.match(out, /^default +ca +True +False +0 out of 6 destinations are in sync$/m);
    assert.match(
      out,
      /^default +pull +True +False +0 out of 1 .*; search\/pull is held: the ExternalSecret needs the SecretStore vault/m,
    );
    const { objectSyncs, others } = JSON.parse((await fixture.expect(4, ['copies', 'status', '--json'])).out);
    assert.deepEqual(others, []);
    assert.equal(objectSyncs[1].status.destinations[0].syncedVersion, undefined);
  });

  test('needs a config with copies', async () => {
    await using fixture = await openFixture({ rendered: true });
    assert.match((await fixture.expect(2, ['copies', 'status'])).err, /does not configure copies/);
  });
});
