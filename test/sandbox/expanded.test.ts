import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SandboxMember } from '../../src/sandbox/role-state.ts';
import type { StateInput } from '../../src/sandbox/state.ts';
import { openSandbox } from '../support/authority.ts';
import { readExpanded } from '../support/expanded.ts';
import { type RecordedDomain, type RecordedMember, readRecording } from '../support/oracle.ts';
import { acme } from '../support/recording.ts';
import { call } from './client.ts';
import { comparable } from './comparable.ts';

const recording = readRecording(acme);
const json = { 'content-type': 'application/json' };

/** Covers groups, delegated roles, and expired and suspended members. */
test('expands every role of the recorded company like ZMS', async () => {
  await using sandbox = await openSandbox({ state: stateOf([...recording.domains.values()]) });
  const credentials = await sandbox.authority.issue({ principal: 'acme.platform.gitops' });
  const files = readdirSync(join(acme, 'expanded'));
  assert.notEqual(files.length, 0);
  for (const file of files) {
    const [, namespace = '', role = ''] = /^acme\.eks\.(.+)\.(\w+)\.json$/.exec(file) ?? [];
    const path = `/domain/acme.eks.${namespace}/role/${role}?expand=true`;
    const { status, headers, body } = await call(sandbox, path, { credentials });
    const expected = readExpanded(recording, namespace, role);
    // The recorded writes had an audit reference, which the state cannot express.
    assert.deepEqual(
      comparable({ status, headers, body }, ['auditRef']),
      comparable({ ...expected, headers: json }, ['auditRef']),
      file,
    );
  }
});

const r = { trust: 'acme.b' };
const sre = ['user.ada', { name: 'user.bo', expires: '2020-01-01T00:00:00Z' }, 'acme.org:group.infra'];
const ops = [{ name: 'user.ada', expires: '2030-01-01T00:00:00Z' }, 'user.cy'];
const toAll = { role: '*', resource: '*' };

/** From the ZMS source; no recording covers these. */
const delegations: readonly (readonly [outcome: string, domains: StateInput['domains'], members: readonly string[]])[] =
  [
    [
      'each member once, groups unexpanded, for any effect',
      {
        'acme.b': {
          roles: { sre, ops },
          assumes: [
            { role: 'sre', resource: 'acme.?:role.r', effect: 'DENY' },
            { role: 'acme.b:role.o*', resource: 'acme.a:role.*' },
          ],
        },
      },
      ['user.ada', 'user.bo 2020-01-01T00:00:00.000Z', 'acme.org:group.infra', 'user.cy'],
    ],
    [
      'no member for an assertion on another role',
      { 'acme.b': { assumes: [{ role: '*', resource: 'acme.a:role.r?' }] } },
      [],
    ],
    [
      'no member if a dot would have to match any character',
      { 'acme.b': { roles: { ops }, assumes: [{ role: 'o.s', resource: '*' }] } },
      [],
    ],
    ['no member if the trusted domain is missing', {}, []],
    [
      'no member if it trusts its own domain',
      { 'acme.a': { roles: { r: { trust: 'acme.a' }, ops }, assumes: [toAll] } },
      [],
    ],
  ];
for (const [outcome, domains, members] of delegations) {
  test(`expands a delegated role to ${outcome}`, async () => {
    await using sandbox = await openSandbox({ state: { domains: { 'acme.a': { roles: { r } }, ...domains } } });
    const { body } = await call(sandbox, '/domain/acme.a/role/r?expand=true');
    const names = (body.roleMembers ?? []).map(({ memberName, expiration }: RecordedMember) =>
      [memberName, expiration].join(' ').trim(),
    );
    assert.deepEqual(names, members);
  });
}

function stateOf(domains: readonly RecordedDomain[]): StateInput {
  return { domains: Object.fromEntries(domains.map((domain) => [domain.name, contentOf(domain)])) };
}

function contentOf({ enabled, roles, groups, policies }: RecordedDomain): StateInput['domains'][string] {
  const assertions = (policies?.contents.policies ?? []).flatMap((policy) => policy.assertions ?? []);
  return {
    enabled: enabled !== false,
    roles: Object.fromEntries(
      (roles ?? []).map(({ name, trust, roleMembers }) => [
        name.replace(/^.*:role\./, ''),
        { members: membersOf(roleMembers), ...(trust ? { trust } : {}) },
      ]),
    ),
    groups: Object.fromEntries(
      (groups ?? []).map(({ name, groupMembers }) => [name.replace(/^.*:group\./, ''), membersOf(groupMembers)]),
    ),
    assumes: assertions
      .filter(({ action }) => action === 'assume_role')
      .map(({ role, resource, effect }) => ({ role, resource, effect: effect === 'DENY' ? 'DENY' : 'ALLOW' })),
  };
}

function membersOf(members: readonly RecordedMember[] | null | undefined): readonly SandboxMember[] {
  return (members ?? []).map(({ memberName, expiration, systemDisabled }) => ({
    name: memberName,
    ...(expiration ? { expires: expiration } : {}),
    ...(systemDisabled ? { suspended: true } : {}),
  }));
}
