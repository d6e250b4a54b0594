import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterTag, mark } from '../../src/model/provision.ts';
import { isWrite, openProvisionFixture } from '../support/provision-fixture.ts';

const config = (rest: string) => `{adminUsers: [user.lead, acme.platform.gitops], ${rest}}`;

test('--update writes only what differs and keeps concurrent changes', async () => {
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
        tags: { ...role?.tags, own: ['1'] },
      };
      const changed = { ...web, description: 'Ours', tags: { ...web.tags, own: ['2'] } };
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
    [web?.description, web?.tags],
    ['Ours', { [mark.key]: [mark.value], [clusterTag]: ['prod'], team: ['b'], own: ['2'] }],
  );
  const { members = [], tags, selfServe, description } = web?.roles['k8s_ns_admins'] ?? {};
  assert.deepEqual(
    members.map(({ name }) => name),
    ['user.ada'],
  );
  assert.deepEqual(
    [selfServe, description, tags],
    [true, 'Ask us', { [mark.key]: [mark.value], tier: ['y'], own: ['1'] }],
  );

  await fixture.provision(0, ['--apply', '--update']);
  assert.deepEqual(fixture.asked().filter(isWrite), [], 'no writes in the second run');
});
