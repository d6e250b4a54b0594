import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminsTag, mark } from '../../src/model/provision.ts';
import { collectNeeds } from '../../src/provision/needs.ts';
import { cluster, configFrom, ours } from '../support/provision-plan.ts';

const keys = 'annotations: {adminUsers: acme/admins, org: acme/org, description: acme/about}';
const lead = 'adminUsers: [user.lead]';

/** What one namespace asks for, or the code of why it cannot. */
function ask(provision: string, annotations: Record<string, string>, name = 'web') {
  const config = configFrom({ provision: `{${provision}}` });
  const { needs, problems } = collectNeeds(config, [cluster('prod', [{ name, annotations }])]);
  return [...needs.values()][0]?.settings ?? problems[0]?.problem.code;
}

const plain = { adminUsers: ['user.lead'], tags: ours, fromNamespace: [] };
const named = (all: readonly string[], ...names: readonly string[]) => ({
  ...plain,
  adminUsers: all,
  tags: { ...ours, [adminsTag]: names },
  fromNamespace: ['adminUsers'],
});

for (const [what, provision, annotations, expected] of [
  ['nothing but the config', lead, {}, plain],
  ['keys that the config does not allow', lead, { 'acme/admins': 'user.eve', 'acme/org': 'evil' }, plain],
  ['other keys than those allowed', `${lead}, ${keys}`, { 'acme/admin': 'user.eve', admins: 'user.eve' }, plain],
  [
    'one administrator',
    `${lead}, ${keys}`,
    { 'acme/admins': 'user.ada' },
    named(['user.ada', 'user.lead'], 'user.ada'),
  ],
  [
    'several, by commas and blanks, one of them twice',
    `${lead}, ${keys}`,
    { 'acme/admins': ' user.bo,\n user.ada  acme.ci.bot,,user.bo ' },
    named(['acme.ci.bot', 'user.ada', 'user.bo', 'user.lead'], 'acme.ci.bot', 'user.ada', 'user.bo'),
  ],
  ['administrators where the config has none', keys, { 'acme/admins': 'user.ada' }, named(['user.ada'], 'user.ada')],
  ['blank values', `${lead}, ${keys}`, { 'acme/admins': ' \n', 'acme/org': '', 'acme/about': '  ' }, plain],
  [
    'an organisation and a description of its own',
    `${lead}, ${keys}, org: acme, description: 'of {namespace}'`,
    { 'acme/org': ' shop ', 'acme/about': '{cluster} is text' },
    { ...plain, org: 'shop', description: '{cluster} is text', fromNamespace: ['org', 'description'] },
  ],
  [
    'a template',
    `${lead}, description: '{namespace} in {cluster}, {namespace}'`,
    {},
    { ...plain, description: 'web in prod, web' },
  ],
  ['nobody at all', keys, {}, 'PROVISION_NO_ADMIN'],
  ['commas alone', `${lead}, ${keys}`, { 'acme/admins': ' , ,' }, plain],
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
      [`the name ${bad}`, `${lead}, ${keys}`, { 'acme/admins': `user.ada, ${bad}` }, 'PROVISION_BAD_VALUE'] as const,
  ),
  [
    'tags and days',
    `${lead}, tags: {team: [b, a, b]}, memberExpiryDays: 30`,
    {},
    { ...plain, memberExpiryDays: 30, tags: { team: ['a', 'b'], ...ours } },
  ],
] as const) {
  test(`a namespace with ${what}`, () => {
    assert.deepEqual(ask(provision, annotations), expected);
  });
}

test('a bad annotation is told with its key, its namespace, its file and the name', () => {
  const config = configFrom({ provision: `{${lead}, ${keys}}` });
  const { problems } = collectNeeds(config, [cluster('prod', [{ name: 'web', annotations: { 'acme/admins': 'x' } }])]);
  assert.deepEqual(problems[0]?.namespace, 'web');
  assert.match(problems[0]?.problem.message ?? '', /acme\/admins.* web in ns\.yaml: x$/);
});

for (const [length, expected] of [
  [128, [1, undefined]],
  [129, [0, 'PROVISION_BAD_VALUE']],
] as const) {
  test(`a domain's name of ${length} characters ${length > 128 ? 'is more than' : 'is the longest that'} ZMS takes`, () => {
    const above = 'a.'.repeat(33);
    const config = configFrom({ clusters: { prod: `${above}{namespace}` } });
    const { needs, problems } = collectNeeds(config, [cluster('prod', ['n'.repeat(length - above.length)])]);
    assert.deepEqual([needs.size, problems[0]?.problem.code], expected);
  });
}

test('clusters that share a domain make it once: settings of the first, roles of both', () => {
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

test('a role has the settings of the config and our mark', () => {
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
