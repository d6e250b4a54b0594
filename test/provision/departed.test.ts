import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminsTag, clusterTag, configTag, mark } from '../../src/model/tags.ts';
import {
  athenzOf,
  cluster,
  codesOf,
  type DocumentParts,
  documentOf,
  now,
  ours,
  type PlanParts,
  planFrom,
  wordsOf,
} from '../support/provision-plan.ts';

const emptyInventory = [cluster('prod', [])];

/** Plans `eks.old`, whose namespace is not in git. */
function planOld(old: DocumentParts, parts: PlanParts = {}, listed: readonly string[] = ['eks']) {
  const athenz = athenzOf([documentOf('eks.old', old)], { listed });
  const plan = planFrom({ inventory: emptyInventory, athenz, prune: 'delete', ...parts });
  return { kept: plan.departed[0]?.kept, steps: wordsOf(plan), found: plan.departed.length };
}

const deleted = { kept: undefined, steps: ['eks.old delete-domain'], found: 1 };
const untouched = { kept: undefined, steps: [], found: 0 };
const provision =
  '{adminUsers: [user.lead], roles: {viewers: {members: [user.ada]}}, groups: {devs: {members: [user.bo]}}}';
const { [configTag]: _, ...withoutConfig } = ours;
const asMade = { roles: { admin: ['user.lead'], viewers: ['user.ada'] }, groups: { devs: ['user.bo'] } };

for (const [what, old, parts] of [
  ['is empty', {}, {}],
  ['has what it was created with', asMade, { provision }],
  ['lost what it was created with', { roles: { admin: [] } }, { provision }],
  [
    'has administrators from its Namespace',
    { settings: { tags: { ...ours, [adminsTag]: ['user.ada'] } }, roles: { admin: ['user.ada'] } },
    {},
  ],
  [
    'has administrators only from its Namespace',
    { settings: { tags: { ...ours, [adminsTag]: ['user.ada'] } }, roles: { admin: ['user.ada'] } },
    { provision: '{}' },
  ],
  ['is unchanged for exactly pruneAfterDays', { modified: '2026-11-14T00:00:00.000Z' }, {}],
  [
    'changed just now, with pruneAfterDays: 0',
    { modified: now.toISOString() },
    { provision: '{adminUsers: [user.lead], pruneAfterDays: 0}' },
  ],
  [
    'delegates its role as configured',
    { trusts: { viewers: 'acme' } },
    { provision: '{adminUsers: [user.lead], roles: {viewers: {trust: {domain: acme, role: sre}}}}' },
  ],
] as const) {
  test(`deletes a managed domain that ${what}`, () => {
    assert.deepEqual(planOld(old, parts), deleted);
    assert.deepEqual(planOld(old, { ...parts, prune: 'report' }), { ...deleted, steps: [] });
    assert.deepEqual(planOld(old, { ...parts, prune: false }), untouched);
  });
}

for (const [what, old, reason, parts] of [
  ['modified recently', { modified: '2026-11-14T00:00:00.001Z' }, /within the last 7 days/, {}],
  ['modified in the future', { modified: '2027-01-01T00:00:00.000Z' }, /within the last 7 days/, {}],
  ['that is disabled', { enabled: false }, /^it is disabled/, {}],
  ['with a service', { services: ['api'] }, /the service api/, {}],
  ['with a policy', { policies: ['admin', 'readers'] }, /the policy readers/, {}],
  ['with another role', { roles: { admin: ['user.lead'], ops: [] } }, /the role ops/, {}],
  [
    'with a member added by hand',
    { roles: { admin: ['user.lead'], viewers: ['user.eve'] } },
    /user\.eve is in its role viewers/,
    {},
  ],
  [
    'with one more member than created',
    { ...asMade, roles: { viewers: ['user.ada', 'user.eve'] } },
    /^user\.eve is in its role viewers$/,
    { provision },
  ],
  ['with another administrator', { roles: { admin: ['user.lead', 'user.eve'] } }, /user\.eve is in its role admin/, {}],
  ['with another group', { groups: { sre: [] } }, /the group sre/, {}],
  [
    'with another member in our group',
    { ...asMade, groups: { devs: ['user.bo', 'user.eve'] } },
    /user\.eve is in its group devs/,
    { provision },
  ],
  ['with a delegated role', { trusts: { viewers: 'acme' } }, /role viewers is delegated/, {}],
  ['with delegated administrators', { trusts: { admin: 'acme' } }, /role admin is delegated/, {}],
  [
    'created for a cluster of another config',
    { settings: { tags: { ...ours, [clusterTag]: ['dev'] } } },
    /created for the cluster dev, which is not in this config/,
    {},
  ],
  [
    'without a cluster tag',
    { settings: { tags: { [mark.key]: [mark.value], [configTag]: ['ours'] } } },
    /\(unknown\)/,
    {},
  ],
  [
    'of another config with the same cluster',
    { settings: { tags: { ...ours, [configTag]: ['acme/other:g.yaml'] } } },
    /another config created it: acme\/other:g\.yaml/,
    {},
  ],
  ['that does not say whose it is', { settings: { tags: withoutConfig } }, /does not say which config created it/, {}],
  ['where this config has no identity', {}, /neither an id nor forge\.repository/, { owner: undefined }],
  ['without known administrators', {}, /no longer says what it was created with/, { provision: '{}' }],
] as const) {
  test(`keeps a domain ${what}, with a reason`, () => {
    const { kept, steps, found } = planOld(old, parts);
    assert.match(kept ?? '', reason);
    assert.deepEqual([steps, found], [[], 1]);
  });
}

test('keeps a domain with a subdomain', () => {
  assert.match(planOld({}, {}, ['eks', 'eks.old.below']).kept ?? '', /subdomain eks\.old\.below/);
  assert.deepEqual(planOld({}, {}, ['eks', 'eks.older', 'eks.old-2']), deleted);
});

for (const [what, settings] of [
  ['without a tag', { tags: {} }],
  ['with the tag of another tool', { tags: { 'athenz-gitops.managed-by': ['terraform'] } }],
  ['with our value under another key', { tags: { 'managed-by': ['athenz-gitops'] } }],
] as const) {
  test(`ignores a domain ${what}`, () => {
    assert.deepEqual(planOld({ settings }), untouched);
  });
}

const bad = { code: 'INVENTORY_UNREADABLE', message: 'no' } as const;
const shared = { dev: 'eks.{namespace}', prod: 'eks.{namespace}' };
for (const [what, inventory, clusters] of [
  ['the inventory is incomplete', [cluster('prod', [], { problems: [bad] })], undefined],
  ['the inventory was not read', [], undefined],
  [
    'the config excludes the namespace',
    [cluster('prod', [], { excluded: [{ name: 'old', by: 'config' }] })],
    undefined,
  ],
  [
    'the namespace has an invalid annotation',
    [cluster('prod', [{ name: 'old', annotations: { admins: 'nobody!' } }])],
    undefined,
  ],
  [
    'another cluster with the same template is incomplete',
    [cluster('dev', []), cluster('prod', [], { problems: [bad] })],
    shared,
  ],
  ['another cluster with the same template has the namespace', [cluster('dev', []), cluster('prod', ['old'])], shared],
  [
    'another cluster with the same template excludes it',
    [cluster('dev', []), cluster('prod', [], { excluded: [{ name: 'old', by: 'config' }] })],
    shared,
  ],
] as const) {
  test(`deletes no domain if ${what}`, () => {
    const more = { inventory, provision: '{adminUsers: [user.lead], annotations: {adminUsers: admins}}' };
    assert.deepEqual(planOld({}, clusters === undefined ? more : { ...more, clusters }), untouched);
  });
}

test('deletes no domain for a missing administrator', () => {
  const athenz = athenzOf([documentOf('eks.web')]);
  const plan = planFrom({ athenz, provision: '{}', prune: 'delete' });
  assert.deepEqual([wordsOf(plan), plan.departed, codesOf(plan)], [[], [], []]);
});

test('ignores domains that do not match the template', () => {
  const documents = ['eks', 'eks.a.b', 'eksx', 'other.old', 'eks.UPPER', 'eks.under_score'].map((it) => documentOf(it));
  const plan = planFrom({ inventory: emptyInventory, athenz: athenzOf(documents), prune: 'delete' });
  assert.deepEqual([plan.departed, wordsOf(plan)], [[], []]);
});

test('reports an unreadable domain and deletes nothing', () => {
  const athenz = athenzOf([], { unknown: ['eks.old'] });
  const plan = planFrom({ inventory: emptyInventory, athenz, prune: 'delete' });
  assert.deepEqual([wordsOf(plan), codesOf(plan)], [[], ['old ZMS_UNAVAILABLE']]);
  assert.deepEqual(codesOf(planFrom({ inventory: emptyInventory, athenz })), []);
});

test('deletes at most maxPruned domains, not counting kept ones', () => {
  const documents = ['a', 'b', 'c', 'd'].map((it) => documentOf(`eks.${it}`));
  const kept = documentOf('eks.0', { services: ['api'] });
  const limited = '{adminUsers: [user.lead], maxPruned: 2}';
  const plan = planFrom({
    inventory: emptyInventory,
    athenz: athenzOf([kept, ...documents]),
    prune: 'delete',
    provision: limited,
  });
  assert.deepEqual(wordsOf(plan), ['eks.a delete-domain', 'eks.b delete-domain']);
  const postponed = plan.departed.filter(({ kept: why }) => why?.includes('maxPruned')).map(({ domain }) => domain);
  assert.deepEqual(postponed, ['eks.c', 'eks.d']);
});
