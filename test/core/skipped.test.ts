import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skippedMembersSentence } from '../../src/generators/rbac/words/skipped.ts';
import type { Dropped } from '../../src/model/grant.ts';
import { skippedSentences } from '../../src/report/skipped.ts';
import { planOf } from '../support/planning.ts';
import { configOf, granted, type RoleId } from '../support/roles.ts';

const admin: RoleId = 'prod/web/k8s_ns_admins';
const viewer: RoleId = 'prod/web/k8s_ns_viewers';

function skipped(...members: readonly string[]): { readonly dropped: readonly Dropped[] } {
  return { dropped: members.map((member) => ({ member, reason: 'service', path: {} })) };
}

test('services that the config leaves out are counted per role and domain', () => {
  const access = [
    granted(admin, ['user.ada'], skipped('contractor.bob', 'acme.ci.deployer', 'acme.ci.builder', 'acme.ci.builder')),
    granted(viewer, [], skipped('contractor.bob')),
  ];
  const { skippedMembers, skippedNamespaces, dropped } = planOf({ config: configOf(), access });
  const where = { cluster: 'prod', namespace: 'web', setting: 'members.services' };
  assert.deepEqual(skippedMembers, [
    { ...where, role: 'k8s_ns_admins', domain: 'acme.ci', members: 2 },
    { ...where, role: 'k8s_ns_admins', domain: 'contractor', members: 1 },
    { ...where, role: 'k8s_ns_viewers', domain: 'contractor', members: 1 },
  ]);
  assert.deepEqual([skippedNamespaces, dropped], [[], []]);
  assert.deepEqual(
    skippedMembersSentence(skippedMembers, (text) => text),
    [
      '4 services in 2 roles, by members.services: acme.ci (2), contractor (2); if these are people, add their domain to athenz.userDomain',
    ],
  );
});

test('the largest of many skipped domains are named, and the rest counted', () => {
  const names = Array.from({ length: 12 }, (_, index) => `acme.ci${index}.deployer`);
  const { skippedMembers } = planOf({
    config: configOf(),
    access: [granted(admin, [], skipped(...names, 'acme.ci11.builder')), granted(viewer, [])],
  });
  const [sentence = ''] = skippedMembersSentence(skippedMembers, (text) => text);
  assert.match(sentence, /^13 services in 1 role, by members\.services: acme\.ci11 \(2\), .* and 2 more; /);
});

test('excluded namespaces and files are counted and named', () => {
  const skippedNamespaces = [{ cluster: 'prod', namespaces: ['default', 'monitoring'], files: ['a/b.yaml'] }];
  assert.deepEqual(
    skippedSentences(skippedNamespaces, (text) => text),
    ['2 namespaces of prod, excluded: default, monitoring', '1 namespace file of prod, excluded: a/b.yaml'],
  );
});
