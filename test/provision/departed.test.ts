import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminsTag, clusterTag, mark } from '../../src/model/provision.ts';
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

const gone = [cluster('prod', [])];

/** What becomes of `eks.old`, whose namespace is not in git. */
function judge(old: DocumentParts, parts: PlanParts = {}, listed: readonly string[] = ['eks']) {
  const athenz = athenzOf([documentOf('eks.old', old)], { listed });
  const plan = planFrom({ inventory: gone, athenz, prune: 'delete', ...parts });
  return { kept: plan.departed[0]?.kept, steps: wordsOf(plan), found: plan.departed.length };
}

const deleted = { kept: undefined, steps: ['eks.old delete-domain'], found: 1 };
const untouched = { kept: undefined, steps: [], found: 0 };
const provision =
  '{adminUsers: [user.lead], roles: {viewers: {members: [user.ada]}}, groups: {devs: {members: [user.bo]}}}';
const asMade = { roles: { admin: ['user.lead'], viewers: ['user.ada'] }, groups: { devs: ['user.bo'] } };

for (const [what, old, parts] of [
  ['holds nothing', {}, {}],
  ['holds what it was created with', asMade, { provision }],
  ['lost what it was created with', { roles: { admin: [] } }, { provision }],
  [
    'has administrators whom its Namespace named',
    { settings: { tags: { ...ours, [adminsTag]: ['user.ada'] } }, roles: { admin: ['user.ada'] } },
    {},
  ],
  [
    'was made when the config named nobody',
    { settings: { tags: { ...ours, [adminsTag]: ['user.ada'] } }, roles: { admin: ['user.ada'] } },
    { provision: '{}' },
  ],
  ['has been as it is for just as long as it takes', { modified: '2026-11-14T00:00:00.000Z' }, {}],
  [
    'has changed, and no time is asked for',
    { modified: now.toISOString() },
    { provision: '{adminUsers: [user.lead], pruneAfterDays: 0}' },
  ],
  [
    'delegates its role as the config says',
    { trusts: { viewers: 'acme' } },
    { provision: '{adminUsers: [user.lead], roles: {viewers: {trust: {domain: acme, role: sre}}}}' },
  ],
] as const) {
  test(`a domain of ours goes when it ${what}`, () => {
    assert.deepEqual(judge(old, parts), deleted);
    assert.deepEqual(judge(old, { ...parts, prune: 'report' }), { ...deleted, steps: [] });
    assert.deepEqual(judge(old, { ...parts, prune: false }), untouched);
  });
}

for (const [what, old, reason, parts] of [
  ['changed lately', { modified: '2026-11-14T00:00:00.001Z' }, /within the last 7 days/, {}],
  ['changed in the future', { modified: '2027-01-01T00:00:00.000Z' }, /within the last 7 days/, {}],
  ['disabled', { enabled: false }, /disabled/, {}],
  ['with a service', { services: ['api'] }, /the service api/, {}],
  ['with a policy', { policies: ['admin', 'readers'] }, /the policy readers/, {}],
  ['with a role of somebody', { roles: { admin: ['user.lead'], ops: [] } }, /the role ops/, {}],
  [
    'with a member entered by hand',
    { roles: { admin: ['user.lead'], viewers: ['user.eve'] } },
    /user\.eve is in its role viewers/,
    {},
  ],
  [
    'with one more member than we wrote',
    { ...asMade, roles: { viewers: ['user.ada', 'user.eve'] } },
    /user\.eve/,
    { provision },
  ],
  ['with another administrator', { roles: { admin: ['user.lead', 'user.eve'] } }, /user\.eve is in its role admin/, {}],
  ['with a group of somebody', { groups: { sre: [] } }, /the group sre/, {}],
  [
    'with another in our group',
    { ...asMade, groups: { devs: ['user.bo', 'user.eve'] } },
    /user\.eve is in its group devs/,
    { provision },
  ],
  ['with a delegated role', { trusts: { viewers: 'acme' } }, /role viewers is delegated/, {}],
  ['with delegated administrators', { trusts: { admin: 'acme' } }, /role admin is delegated/, {}],
  [
    'made for a cluster of another config',
    { settings: { tags: { ...ours, [clusterTag]: ['dev'] } } },
    /created for the cluster dev, which is not in this config/,
    {},
  ],
  [
    'that does not say for whom it was made',
    { settings: { tags: { [mark.key]: [mark.value] } } },
    /nobody knows which/,
    {},
  ],
  ['without anybody who made it', {}, /does not say what it was created with/, { provision: '{}' }],
] as const) {
  test(`a domain ${what} is kept, and it is said why`, () => {
    const { kept, steps } = judge(old, parts);
    assert.match(kept ?? '', reason);
    assert.deepEqual(steps, []);
  });
}

test('a domain with a subdomain is kept, also where the subdomain goes', () => {
  assert.match(judge({}, {}, ['eks', 'eks.old.below']).kept ?? '', /subdomain eks\.old\.below/);
  assert.deepEqual(judge({}, {}, ['eks', 'eks.older', 'eks.old-2']), deleted);
});

for (const [what, settings] of [
  ['without a tag', { tags: {} }],
  ["with somebody else's tag", { tags: { 'athenz-gitops.managed-by': ['terraform'] } }],
  ['with our word under another key', { tags: { 'managed-by': ['athenz-gitops'] } }],
] as const) {
  test(`a domain ${what} is not even named`, () => {
    assert.deepEqual(judge({ settings }), untouched);
  });
}

const bad = { code: 'INVENTORY_UNREADABLE', message: 'no' } as const;
const shared = { dev: 'eks.{namespace}', prod: 'eks.{namespace}' };
for (const [what, inventory, clusters] of [
  ['its inventory is incomplete', [cluster('prod', [], { problems: [bad] })], undefined],
  ['its inventory was not read', [], undefined],
  ['the config excludes its namespace', [cluster('prod', [], { excluded: ['old'] })], undefined],
  [
    'its namespace asks for what cannot be',
    [cluster('prod', [{ name: 'old', annotations: { admins: 'nobody!' } }])],
    undefined,
  ],
  [
    'another cluster with its template is incomplete',
    [cluster('dev', []), cluster('prod', [], { problems: [bad] })],
    shared,
  ],
  ['another cluster with its template has the namespace', [cluster('dev', []), cluster('prod', ['old'])], shared],
  [
    'another cluster with its template excludes it',
    [cluster('dev', []), cluster('prod', [], { excluded: ['old'] })],
    shared,
  ],
] as const) {
  test(`no domain is a candidate where ${what}`, () => {
    const more = { inventory, provision: '{adminUsers: [user.lead], annotations: {adminUsers: admins}}' };
    assert.deepEqual(judge({}, clusters === undefined ? more : { ...more, clusters }), untouched);
  });
}

test('no domain goes because nobody is named as administrator any more', () => {
  const athenz = athenzOf([documentOf('eks.web')]);
  const plan = planFrom({ athenz, provision: '{}', prune: 'delete' });
  assert.deepEqual([wordsOf(plan), plan.departed, codesOf(plan)], [[], [], ['web PROVISION_NO_ADMIN']]);
});

test('domains beside and below the template are nobody’s to delete', () => {
  const documents = ['eks', 'eks.a.b', 'eksx', 'other.old', 'eks.UPPER', 'eks.under_score'].map((it) => documentOf(it));
  const plan = planFrom({ inventory: gone, athenz: athenzOf(documents), prune: 'delete' });
  assert.deepEqual([plan.departed, wordsOf(plan)], [[], []]);
});

test('a document that could not be read is named, and nothing is deleted', () => {
  const athenz = athenzOf([], { unknown: ['eks.old'] });
  const plan = planFrom({ inventory: gone, athenz, prune: 'delete' });
  assert.deepEqual([wordsOf(plan), codesOf(plan)], [[], ['old ZMS_UNAVAILABLE']]);
  assert.deepEqual(codesOf(planFrom({ inventory: gone, athenz })), []);
});

test('no more go in one run than the config lets; the kept do not count', () => {
  const documents = ['a', 'b', 'c', 'd'].map((it) => documentOf(`eks.${it}`));
  const kept = documentOf('eks.0', { services: ['api'] });
  const limited = '{adminUsers: [user.lead], maxPruned: 2}';
  const plan = planFrom({
    inventory: gone,
    athenz: athenzOf([kept, ...documents]),
    prune: 'delete',
    provision: limited,
  });
  assert.deepEqual(wordsOf(plan), ['eks.a delete-domain', 'eks.b delete-domain']);
  const later = plan.departed.filter(({ kept: why }) => why?.includes('maxPruned')).map(({ domain }) => domain);
  assert.deepEqual(later, ['eks.c', 'eks.d']);
});
