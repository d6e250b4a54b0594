import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminsTag, mark } from '../../src/model/tags.ts';
import { collectNeeds } from '../../src/provision/needs.ts';
import { cluster, configFrom, ours } from '../support/provision-plan.ts';

const keys = 'annotations: {adminUsers: acme/admins, org: acme/org, description: acme/about}';
const lead = 'adminUsers: [user.lead]';

/** The settings one namespace needs, or the code of its problem. */
function settingsOf(provision: string, annotations: Record<string, string>, name = 'web') {
  const config = configFrom({ provision: `{${provision}}` });
  const { needs, problems } = collectNeeds(config, [cluster('prod', [{ name, annotations }])]);
  return [...needs.values()][0]?.settings ?? problems[0]?.problem.code;
}

const plain = { adminUsers: ['user.lead'], tags: ours, fromNamespace: [] };
const withAdmins = (all: readonly string[], ...names: readonly string[]) => ({
  ...plain,
  adminUsers: all,
  tags: { ...ours, [adminsTag]: names },
  fromNamespace: ['adminUsers'],
});

for (const [what, provision, annotations, expected] of [
  ['no annotations', lead, {}, plain],
  ['annotations that are not configured', lead, { 'acme/admins': 'user.eve', 'acme/org': 'evil' }, plain],
  [
    'other annotations than those configured',
    `${lead}, ${keys}`,
    { 'acme/admin': 'user.eve', admins: 'user.eve' },
    plain,
  ],
  [
    'one administrator',
    `${lead}, ${keys}`,
    { 'acme/admins': 'user.ada' },
    withAdmins(['user.ada', 'user.lead'], 'user.ada'),
  ],
  [
    'several administrators and a duplicate',
    `${lead}, ${keys}`,
    { 'acme/admins': ' user.bo,\n user.ada  acme.ci.bot,,user.bo ' },
    withAdmins(['acme.ci.bot', 'user.ada', 'user.bo', 'user.lead'], 'acme.ci.bot', 'user.ada', 'user.bo'),
  ],
  ['administrators and none in the config', keys, { 'acme/admins': 'user.ada' }, withAdmins(['user.ada'], 'user.ada')],
  ['blank values', `${lead}, ${keys}`, { 'acme/admins': ' \n', 'acme/org': '', 'acme/about': '  ' }, plain],
  [
    'its own org and description',
    `${lead}, ${keys}, org: acme, description: 'of {namespace}'`,
    { 'acme/org': ' shop ', 'acme/about': '{cluster} is text' },
    { ...plain, org: 'shop', description: '{cluster} is text', fromNamespace: ['org', 'description'] },
  ],
  [
    'a description template',
    `${lead}, description: '{namespace} in {cluster}, {namespace}'`,
    {},
    { ...plain, description: 'web in prod, web' },
  ],
  ['only commas', `${lead}, ${keys}`, { 'acme/admins': ' , ,' }, plain],
  ...[
    'ada',
    'user.*',
    '*',
    'User.Ada',
    'user..ada',
    'user.ada; rm',
    'acme.org:group.sre',
    'user.a\u200bb',
    'user.ada/..',
  ].map(
    (bad) =>
      [
        `the invalid name ${bad}`,
        `${lead}, ${keys}`,
        { 'acme/admins': `user.ada, ${bad}` },
        'PROVISION_BAD_VALUE',
      ] as const,
  ),
  [
    'tags and memberExpiryDays',
    `${lead}, tags: {team: [b, a, b]}, memberExpiryDays: 30`,
    {},
    { ...plain, memberExpiryDays: 30, tags: { team: ['a', 'b'], ...ours } },
  ],
] as const) {
  test(`a namespace with ${what}`, () => {
    assert.deepEqual(settingsOf(provision, annotations), expected);
  });
}

test('reports an invalid annotation with key, namespace, file and name', () => {
  const config = configFrom({ provision: `{${lead}, ${keys}}` });
  const { problems } = collectNeeds(config, [cluster('prod', [{ name: 'web', annotations: { 'acme/admins': 'x' } }])]);
  assert.deepEqual(problems[0]?.namespace, 'web');
  assert.match(problems[0]?.problem.message ?? '', /acme\/admins.* web in ns\.yaml: x$/);
});

for (const [length, expected] of [
  [128, [1, undefined]],
  [129, [0, 'PROVISION_BAD_VALUE']],
] as const) {
  test(`${length > 128 ? 'rejects' : 'accepts'} a domain name of ${length} characters`, () => {
    const above = 'a.'.repeat(33);
    const config = configFrom({ clusters: { prod: `${above}{namespace}` } });
    const { needs, problems } = collectNeeds(config, [cluster('prod', ['n'.repeat(length - above.length)])]);
    assert.deepEqual([needs.size, problems[0]?.problem.code], expected);
  });
}

for (const [count, expected] of [
  [22, undefined],
  [23, 'PROVISION_BAD_VALUE'],
] as const) {
  test(`${count} administrators from a Namespace ${expected ? 'exceed' : 'fit'} ZMS' quota of tag values`, () => {
    const annotations = { 'acme/admins': Array.from({ length: count }, (_, index) => `user.u${index}`).join(' ') };
    const { problems } = collectNeeds(configFrom({ provision: `{${lead}, ${keys}}` }), [
      cluster('prod', [{ name: 'web', annotations }]),
    ]);
    assert.equal(problems[0]?.problem.code, expected);
  });
}

test('a shared domain gets settings of the first cluster and roles of both', () => {
  const base = configFrom({
    clusters: { dev: 'eks.{namespace}', prod: 'eks.{namespace}' },
    provision: `{${lead}, description: '{cluster}', groups: {devs: {members: [user.ada]}}}`,
  });
  const [dev, prod] = base.clusters;
  assert.ok(dev !== undefined && prod !== undefined);
  const [role] = prod.roles;
  assert.ok(role !== undefined);
  const clusters = [dev, { ...prod, roles: [{ ...role, athenzRole: 'oncall' }] }];
  const inventory = [cluster('prod', ['web', 'search']), cluster('dev', ['web'])];
  const { needs } = collectNeeds({ ...base, clusters }, inventory);
  assert.deepEqual([...needs.keys()], ['eks.search', 'eks.web']);
  const web = needs.get('eks.web');
  assert.deepEqual([web?.cluster, web?.settings.description], ['dev', 'dev']);
  assert.deepEqual([...(web?.roles.keys() ?? [])], ['viewers', 'oncall']);
  assert.deepEqual([...(web?.groups ?? [])], [['devs', ['user.ada']]]);
  assert.deepEqual([...(needs.get('eks.search')?.roles.keys() ?? [])], ['oncall']);
});

test('a role gets the configured settings and our tag', () => {
  const marked = { [mark.key]: [mark.value] };
  const provision = `{${lead}, roles: {viewers: {members: [user.bo, user.ada, user.bo], description: who looks, memberExpiryDays: 9, selfServe: true, reviewEnabled: true, tags: {team: [shop]}}}}`;
  const { needs } = collectNeeds(configFrom({ provision, roles: ['viewers', 'oncall'] }), [cluster('prod', ['web'])]);
  assert.deepEqual([...(needs.get('eks.web')?.roles ?? [])].toSorted(), [
    ['oncall', { members: [], tags: marked }],
    [
      'viewers',
      {
        members: ['user.ada', 'user.bo'],
        description: 'who looks',
        memberExpiryDays: 9,
        selfServe: true,
        reviewEnabled: true,
        tags: { team: ['shop'], ...marked },
      },
    ],
  ]);
});
