import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterTag, configTag, mark } from '../../src/model/tags.ts';
import { isWrite, openProvisionFixture } from '../support/provision-fixture.ts';

const config = (rest: string) => `{adminUsers: [user.lead, acme.platform.gitops], ${rest}}`;

test('--update writes what differs, and keeps flags and concurrent changes', async () => {
  const before = config('tags: {team: [a]}, roles: {k8s_ns_admins: {tags: {tier: [x]}}}');
  await using fixture = await openProvisionFixture({ namespaces: ['web'], provision: before });
  const { sandbox } = fixture;
  await fixture.provision(0, ['--apply']);
  const after = config('tags: {team: [b]}, roles: {k8s_ns_admins: {tags: {tier: [y]}, selfServe: true}}');
  await fixture.editConfig((text) => text.replace(before, after));
  await fixture.commit({}, 'Other settings');
  fixture.asked();
  await fixture.provision(0, ['--apply']);
  assert.deepEqual(fixture.asked().filter(isWrite), [], 'no writes without --update');

  // Settings and members change between the poll and the first write.
  let reads = 0;
  sandbox.intercept(({ path }) => {
    // The first read is the poll.
    if (!path.endsWith('/domain/acme.eks.web/signed') || ++reads !== 2) return undefined;
    sandbox.update(({ domains }) => {
      const { 'acme.eks.web': web, ...others } = domains;
      assert.ok(web !== undefined);
      const { k8s_ns_admins: role, ...roles } = web.roles;
      const admins = {
        ...role,
        members: [{ name: 'user.ada' }],
        description: 'Ask us',
        reviewEnabled: true,
        deleteProtection: true,
        tags: { ...role?.tags, own: ['1'] },
      };
      const flagged = { applicationId: 'app', autoDeleteTenantAssumeRoleAssertions: true };
      const changed = { ...web, ...flagged, description: 'Ours', tags: { ...web.tags, own: ['2'] } };
      return { domains: { ...others, 'acme.eks.web': { ...changed, roles: { ...roles, k8s_ns_admins: admins } } } };
    });
    return undefined;
  });
  const { steps } = await fixture.provision(0, ['--apply', '--update']);
  sandbox.intercept(undefined);
  assert.ok(reads > 2);
  assert.deepEqual(
    steps.map(({ step, outcome }) => [step.kind, outcome.kind]),
    [
      ['update-domain', 'done'],
      ['update-role', 'done'],
    ],
  );
  assert.deepEqual(fixture.asked().filter(isWrite), [
    'PUT /domain/acme.eks.web/meta',
    'PUT /domain/acme.eks.web/role/k8s_ns_admins/meta',
  ]);
  const web = sandbox.state().domains['acme.eks.web'];
  assert.deepEqual(
    [web?.description, web?.applicationId, web?.autoDeleteTenantAssumeRoleAssertions, web?.tags],
    [
      'Ours',
      'app',
      true,
      { [mark.key]: [mark.value], [clusterTag]: ['prod'], [configTag]: ['ours'], team: ['b'], own: ['2'] },
    ],
  );
  const { members = [], tags, description, ...flags } = web?.roles['k8s_ns_admins'] ?? {};
  assert.deepEqual(
    members.map(({ name }) => name),
    ['user.ada'],
  );
  assert.deepEqual(
    [flags, description, tags],
    [
      { selfServe: true, reviewEnabled: true, deleteProtection: true },
      'Ask us',
      { [mark.key]: [mark.value], tier: ['y'], own: ['1'] },
    ],
  );

  await fixture.provision(0, ['--apply', '--update']);
  assert.deepEqual(fixture.asked().filter(isWrite), [], 'no writes in the second run');

  // An explicit false is set, and nothing else is.
  await fixture.editConfig((text) => text.replace('selfServe: true', 'selfServe: false'));
  await fixture.commit({}, 'No self-serve');
  const { out } = await fixture.expect(0, ['provision', '--apply', '--update']);
  assert.match(out, /~ settings of role k8s_ns_admins: not self-serve {2}done/);
  const { selfServe, reviewEnabled, deleteProtection } =
    sandbox.state().domains['acme.eks.web']?.roles['k8s_ns_admins'] ?? {};
  assert.deepEqual([selfServe, reviewEnabled, deleteProtection], [undefined, true, true]);
});
