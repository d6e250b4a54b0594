import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StateInput } from '../../src/sandbox/state.ts';
import { assertFinding, diagnose, type Expected } from '../support/diagnosis.ts';
import { allowed, openProvisionFixture, type ProvisionFixtureOptions } from '../support/provision-fixture.ts';

const principal = 'acme.platform.gitops';
const { 'acme.eks': parent, ...others } = allowed.domains;
const withDomains = (domains: StateInput['domains']): StateInput => ({ domains: { ...allowed.domains, ...domains } });
const delegated = `{adminUsers: [${principal}], roles: {oncall: {trust: {domain: acme.platform, role: sre, policy: true}}}}`;

const cases: readonly (readonly [name: string, options: ProvisionFixtureOptions, expected: Expected])[] = [
  [
    'a policy that allows to create',
    {},
    { check: 'provision', status: 'ok', says: /^may create domains below acme\.eks$/ },
  ],
  [
    'a parent without such a policy',
    { state: { domains: { ...others, 'acme.eks': null } } },
    {
      check: 'provision',
      status: 'warning',
      says: /^may not create domains below acme\.eks$/,
      fix: /^add a policy to acme\.eks: ALLOW create on acme\.eks:domain /,
    },
  ],
  [
    'a policy that an expired member has',
    {
      state: {
        domains: {
          ...others,
          'acme.eks': {
            ...parent,
            roles: { provisioner: [{ name: principal, expires: '2020-01-01T00:00:00Z' }] },
          },
        },
      },
    },
    { check: 'provision', status: 'warning', says: /^may not create domains below acme\.eks$/, fix: /policy/ },
  ],
  [
    'a parent that does not exist',
    { state: { domains: others } },
    { check: 'provision', status: 'warning', says: /no domain acme\.eks, and parents/, fix: /create acme\.eks/ },
  ],
  [
    'a missing role in a domain of others',
    { state: withDomains({ 'acme.eks.search': { roles: { k8s_ns_admins: ['user.ada'] } } }) },
    {
      check: 'provision',
      status: 'warning',
      says: /^acme\.eks\.search has no role k8s_ns_viewers, and this identity may not create it there$/,
      fix: /administrator of acme\.eks\.search/,
    },
  ],
  [
    'a delegated role without the permission for its policy',
    { provision: delegated },
    {
      check: 'provision',
      status: 'warning',
      says: /^may not create the policy in acme\.platform that oncall is delegated by$/,
      fix: /ALLOW update on acme\.platform:policy\.athenz-gitops\.\*/,
    },
  ],
];
for (const [name, options, expected] of cases) {
  test(`${name}: ${expected.status}`, async () => {
    await using fixture = await openProvisionFixture(options);
    assertFinding(await diagnose(fixture), expected);
  });
}

test('nothing is asked about roles that are there, or may be written', async () => {
  const state = withDomains({
    'acme.eks.search': { roles: { k8s_ns_admins: ['user.ada'], k8s_ns_viewers: [], oncall: [] } },
    'acme.eks.web': { roles: { admin: [principal] } },
  });
  await using fixture = await openProvisionFixture({ state });
  const { findings } = await diagnose(fixture);
  assert.deepEqual(
    findings.filter(({ check, status }) => check === 'provision' && status !== 'ok'),
    [],
  );
  assert.deepEqual(
    fixture
      .asked()
      .filter((it) => it.includes('/access/'))
      .sort(),
    ['GET /access/create/acme.eks:domain', 'GET /access/update/acme.eks.web:role.k8s_ns_admins'],
  );
});

test('doctor only reads', async () => {
  await using fixture = await openProvisionFixture();
  await diagnose(fixture);
  assert.deepEqual(
    fixture.asked().filter((it) => !it.startsWith('GET ')),
    [],
  );
});

test('a ZMS that does not answer it: warning', async () => {
  await using fixture = await openProvisionFixture();
  fixture.sandbox.intercept(({ path }) =>
    path.includes('/access/') ? { kind: 'status', status: 404, body: '', contentType: 'text/html' } : undefined,
  );
  const { code, findings } = await diagnose(fixture);
  assert.equal(code, 0);
  assertFinding({ findings }, { check: 'provision', status: 'warning', says: /^ZMS_NOT_FOUND/, fix: /run provision/ });
});

test('without provision.adminUsers, nothing is asked', async () => {
  await using fixture = await openProvisionFixture({ provision: '{}' });
  await diagnose(fixture);
  assert.deepEqual(
    fixture.asked().filter((it) => it.includes('/access/')),
    [],
  );
});
