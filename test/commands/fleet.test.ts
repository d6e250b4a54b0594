import assert from 'node:assert/strict';
import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { merge } from '../support/fixture.ts';
import { at, clusterFile, moduleFile } from '../support/fleet.ts';
import { openFleet } from '../support/fleet-fixture.ts';
import { gitIn } from '../support/repository.ts';

const branch = 'athenz-gitops/main/fleet@+athenz-gitops_yaml.prod';

describe('fleet', () => {
  test('modules are planned, proposed, guarded and merged; a new version of a channel changes its clusters alone', async () => {
    await using fixture = await openFleet();
    const { dir } = fixture;
    const planned = await fixture.expect(5, ['plan', '--exit-code']);
    assert.match(
      planned.out,
      /^fleet prod {2}6 modules to add \(0 modules now, 6 after\)\n\n {2}istio\n[\s\S]*\n {2}keda\n {4}\+ eu-1 {2}2\.0\.3 {2}channel regular\n {4}\+ eu-2 {2}2\.1\.0 {2}channel fast$/m,
    );
    await fixture.expect(0, ['sync']);
    assert.match(gitIn(dir, 'log', '-1', '--format=%B', branch), /^\+ keda, us-1: 2\.1\.0, channel fast$/m);
    assert.equal((await fixture.run(['guard', '--base', 'main', '--head', branch, '--head-ref', branch])).code, 0);
    merge(dir, branch);
    assert.match((await fixture.expect(0, ['plan'])).out, /^No changes\. Git matches Athenz\.$/m);

    await fixture.commit({ [at.module('keda')]: moduleFile('keda', { regular: '2.0.3', fast: '2.2.0' }) }, 'Bump');
    const bumped = await fixture.expect(0, ['sync']);
    assert.match(bumped.out, /^ {2}keda\n {4}~ eu-2 {2}2\.1\.0 → 2\.2\.0 {2}upgrade, channel fast\n {4}~ us-1 /m);
    assert.deepEqual(gitIn(dir, 'diff', '--name-only', 'main', branch).trim().split('\n'), [
      'fleet/18/us-1/keda.yaml',
      'fleet/ba/eu-2/keda.yaml',
    ]);
  });

  test('a cluster that leaves keeps the folder that Flux reads; removals are limited, and approved by their digest', async () => {
    await using fixture = await openFleet({}, '{limits: {maxRemovedModules: {floor: 1}}}');
    const { dir } = fixture;
    await fixture.expect(0, ['sync']);
    merge(dir, branch);
    await rm(join(dir, at.cluster('eu-2')));
    await fixture.commit({}, 'Remove');
    const held = await fixture.expect(4, ['plan']);
    assert.match(held.out, /held: 2 removals in prod exceed limits\.maxRemovedModules \(1 of 6 modules\)/);
    const digest = /--accept-removals ([0-9a-f]{16})/.exec(held.out)?.[1] ?? '';
    const { out } = await fixture.expect(0, ['sync', '--accept-removals', digest]);
    assert.match(out, /- eu-2 {2}2\.1\.0 {2}the cluster left the fleet$/m);
    merge(dir, branch);
    const left = gitIn(dir, 'ls-tree', '-r', '--name-only', 'main', 'fleet/ba').trim();
    assert.equal(left, 'fleet/ba/eu-2/athenz-gitops-fleet.yaml');
    await fixture.expect(0, ['plan']);
  });

  test('a module that no cluster has takes its source along in the next run', async () => {
    await using fixture = await openFleet();
    const { dir } = fixture;
    const isThere = () => gitIn(dir, 'ls-tree', '-r', '--name-only', 'main', 'fleet').includes('_sources/keda.yaml');
    await fixture.expect(0, ['sync']);
    merge(dir, branch);
    await rm(join(dir, at.module('keda')));
    const clusters = ['eu-1', 'eu-2', 'us-1'].map((name) => [at.cluster(name), clusterFile(name, ['istio'])]);
    await fixture.commit(Object.fromEntries(clusters), 'Remove');
    await fixture.expect(0, ['sync']);
    merge(dir, branch);
    assert.ok(isThere());
    await fixture.expect(0, ['sync']);
    merge(dir, branch);
    assert.ok(!isThere());
  });

  test('a mistake in the fleet does not hold up a revocation', async () => {
    await using fixture = await openFleet({ [at.cluster('eu-1')]: '{' });
    fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.eli']);
    const { out } = await fixture.expect(4, ['sync']);
    assert.match(
      out,
      /held: reading inputs\/fleet\/clusters\/eu-1\.yaml: it is not valid YAML.*\(FLEET_INPUT_INVALID\)$/m,
    );
    assert.match(gitIn(fixture.dir, 'show', 'athenz-gitops/main/prod:output/prod/search/rbac.yaml'), /user\.eli/);
  });

  test('a link on the way to the inputs removes nothing', async () => {
    await using fixture = await openFleet();
    const { dir } = fixture;
    await fixture.expect(0, ['sync']);
    merge(dir, branch);
    gitIn(dir, 'mv', 'inputs', 'shared');
    await symlink('shared', join(dir, 'inputs'));
    await fixture.commit({}, 'Link');
    for (const command of ['plan', 'render']) {
      const { out } = await fixture.expect(4, [command]);
      assert.match(out, /held: reading inputs: it is a link, which is not followed/);
      assert.doesNotMatch(out, /^ +- /m);
    }
  });

  test('a secret in values is in no output, log or branch', async () => {
    const value = 'swordfish';
    await using fixture = await openFleet({
      [at.module('istio')]: moduleFile('istio', undefined, { values: { auth: { adminPassword: value } } }),
    });
    for (const command of [['plan'], ['plan', '--json'], ['sync', '--log-level', 'debug'], ['render']]) {
      const { out, err } = await fixture.expect(4, command);
      assert.match(out, /FLEET_SECRET/);
      assert.ok(!`${out}${err}`.includes(value));
    }
    assert.ok(!gitIn(fixture.dir, 'log', '-p', '--format=%B%N', `main..${branch}`).includes(value));
  });

  test('with more clusters in the config, the fleet is of its hub', async () => {
    await using fixture = await openFleet({
      'clusters/other/a.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n',
    });
    const second = '  - {name: other, domain: "acme.eks.{namespace}", namespaces: {files: [clusters/other/*.yaml]}}\n';
    await fixture.editConfig((text) => text.replace(/^clusters:\n/m, `clusters:\n${second}`));
    await fixture.commit({}, 'Second cluster');
    const invalid = await fixture.run(['plan']);
    assert.equal(invalid.code, 2);
    assert.match(invalid.err, /fleet\.hub is missing/);
    await fixture.editConfig((text) => text.replace('fleet: {}', 'fleet: {hub: prod}'));
    await fixture.commit({}, 'Hub');
    assert.match((await fixture.expect(0, ['plan'])).out, /^fleet prod {2}6 modules to add/m);
    const filtered = await fixture.expect(0, ['plan', '--cluster', 'other']);
    assert.doesNotMatch(filtered.out, /fleet/);
    assert.match((await fixture.expect(0, ['plan', '--cluster', 'prod'])).out, /^fleet prod {2}6 modules to add/m);
  });
});
