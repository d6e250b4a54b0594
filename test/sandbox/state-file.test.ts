import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/model/error.ts';
import { loadState, parseState } from '../../src/sandbox/state-file.ts';
import { openSandbox } from '../support/authority.ts';
import { provisioner, putRole, send, state } from './writing.ts';

const full = `
domains:
  acme.org:
    groups:
      payments: [user.ada, {name: user.bo, expires: 2027-01-01T00:00:00Z}]
  acme.platform:
    roles: {sre: [user.chen, acme.org:group.infra]}
    assumes:
      - {role: sre, resource: "acme.eks.*:role.k8s_ns_viewers"}
      - {role: sre, resource: "acme.eks.secret:role.*", effect: DENY}
  acme.eks.payments-api:
    roles:
      k8s_ns_admins: [{name: user.zed, suspended: true}, user.*]
      k8s_ns_viewers: {trust: acme.platform}
      empty:
  acme.eks.old: {enabled: false}
  acme.eks.bare:
`;

test('reads every part of a state file', () => {
  const none = { enabled: true, roles: {}, groups: {}, assumes: [] };
  assert.deepEqual(parseState(full, 'athenz.yaml').domains, {
    'acme.org': {
      ...none,
      groups: { payments: { members: [{ name: 'user.ada' }, { name: 'user.bo', expires: '2027-01-01T00:00:00Z' }] } },
    },
    'acme.platform': {
      ...none,
      roles: { sre: { members: [{ name: 'user.chen' }, { name: 'acme.org:group.infra' }] } },
      assumes: [
        { role: 'sre', resource: 'acme.eks.*:role.k8s_ns_viewers', effect: 'ALLOW' },
        { role: 'sre', resource: 'acme.eks.secret:role.*', effect: 'DENY' },
      ],
    },
    'acme.eks.payments-api': {
      ...none,
      roles: {
        k8s_ns_admins: { members: [{ name: 'user.zed', suspended: true }, { name: 'user.*' }] },
        k8s_ns_viewers: { members: [], trust: 'acme.platform' },
        empty: { members: [] },
      },
    },
    'acme.eks.old': { ...none, enabled: false },
    'acme.eks.bare': none,
  });
});

test('reads fields that are otherwise set only by writes', () => {
  const written = `
domains:
  acme:
    org: lab
    description: all of it
    auditEnabled: true
    memberExpiryDays: 30
    tags: {team: [shop]}
    owners: {meta: gitops, object: gitops}
    quota: {subdomain: 500}
    policies:
      provisioner: [{role: provisioner, resource: "acme:domain", action: create}]
    roles:
      viewers:
        members: [{name: user.ada, by: user.bo, auditRef: T-1}]
        pending: [{name: user.chen, requested: 2026-01-01T00:00:00Z, by: user.chen}]
        selfServe: true
        reviewEnabled: false
        groupExpiryDays: 5
        description: who looks
        tags: {k8s: [view, edit]}
        owners: {members: ui}
`;
  assert.deepEqual(parseState(written, 'athenz.yaml').domains, {
    acme: {
      enabled: true,
      groups: {},
      assumes: [],
      org: 'lab',
      description: 'all of it',
      auditEnabled: true,
      memberExpiryDays: 30,
      tags: { team: ['shop'] },
      owners: { meta: 'gitops', object: 'gitops' },
      quota: { subdomain: 500 },
      policies: { provisioner: [{ role: 'provisioner', resource: 'acme:domain', action: 'create' }] },
      roles: {
        viewers: {
          members: [{ name: 'user.ada', by: 'user.bo', auditRef: 'T-1' }],
          pending: [{ name: 'user.chen', requested: '2026-01-01T00:00:00Z', by: 'user.chen' }],
          selfServe: true,
          groupExpiryDays: 5,
          description: 'who looks',
          tags: { k8s: ['view', 'edit'] },
          owners: { members: 'ui' },
        },
      },
    },
  });
});

test('a state changed by writes can be parsed again unchanged', async () => {
  await using sandbox = await openSandbox({ state });
  const body = { name: 'book', parent: 'acme.eks', adminUsers: [provisioner], tags: { team: { list: ['book'] } } };
  await send(sandbox, 'POST', '/subdomain/acme.eks', { body, headers: { 'Athenz-Resource-Owner': 'gitops' } });
  const roleMembers = [{ memberName: 'user.ada', expiration: '2027-01-01T00:00:00Z' }];
  await putRole(sandbox, 'viewers', { reviewEnabled: true, roleMembers }, { headers: { 'Y-Audit-Ref': 'T-1' } });
  assert.deepEqual(parseState(JSON.stringify(sandbox.state()), 's.json'), sandbox.state());
});

const mistakes: readonly (readonly [string, string, string, RegExp])[] = [
  ['broken YAML', 'domains: [', 'CONFIG_SYNTAX', /^s\.yaml:1:11: /],
  ['an empty file', '', 'CONFIG_INVALID', /^s\.yaml:1:1: expected object/],
  ['an unknown key', 'domains:\n  acme:\n    role: {}\n', 'CONFIG_INVALID', /^s\.yaml:2:3: domains > acme: .*"role"/],
  [
    'a member without a domain',
    'domains:\n  acme:\n    roles:\n      sre: [user.ada, bo]\n',
    'CONFIG_INVALID',
    /^s\.yaml:4:23: domains > acme > roles > sre > 2: must be a full Athenz name/,
  ],
  [
    'an invalid time',
    'domains:\n  acme:\n    groups:\n      g: [{name: user.a, expires: soon}]\n',
    'CONFIG_INVALID',
    /^s\.yaml:4:26: domains > acme > groups > g > 1 > expires: must be a time such as/,
  ],
  [
    'members of a delegated role',
    'domains:\n  acme:\n    roles:\n      sre: {trust: b, members: [user.a]}\n',
    'CONFIG_INVALID',
    /^s\.yaml:4:7: domains > acme > roles > sre: a delegated role/,
  ],
  [
    'an upper-case domain name',
    'domains:\n  Acme: {}\n',
    'CONFIG_INVALID',
    /^s\.yaml:2:3: domains > Acme: must be a lower-case/,
  ],
];

for (const [what, text, code, message] of mistakes) {
  test(`reports the place of ${what}`, () => {
    assert.throws(
      () => parseState(text, 's.yaml'),
      (error) => {
        assert.ok(error instanceof AppError);
        assert.equal(error.code, code);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test('reports all mistakes at once', () => {
  const text = 'domains:\n  acme:\n    roles:\n      a: [x]\n      b: [y]\n';
  assert.throws(
    () => parseState(text, 's.yaml'),
    (error) => error instanceof AppError && error.message.split('\n').length === 2,
  );
});

test('reports the path of a missing file', () => {
  assert.throws(
    () => loadState('/nowhere/athenz.yaml'),
    (error) => error instanceof AppError && error.code === 'CONFIG_NOT_FOUND' && /nowhere/.test(error.message),
  );
});
