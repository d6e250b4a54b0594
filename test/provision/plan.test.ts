import assert from 'node:assert/strict';
import { test } from 'node:test';
import { domainsToRead } from '../../src/provision/plan.ts';
import { renderProvision } from '../../src/provision/text.ts';
import {
  athenzOf,
  cluster,
  codesOf,
  configFrom,
  documentOf,
  now,
  planFrom,
  stepOf,
  wordsOf,
} from '../support/provision-plan.ts';
import { resultOf } from '../support/provision-result.ts';

test('creates a missing domain before its groups and roles', () => {
  const plan = planFrom({ provision: '{adminUsers: [user.lead], groups: {devs: {}}}', roles: ['viewers', 'oncall'] });
  const created = ['create-domain', 'create-group devs', 'create-role oncall', 'create-role viewers'];
  assert.deepEqual(
    wordsOf(plan),
    created.map((it) => `eks.web ${it}`),
  );
  assert.deepEqual([plan.needed, plan.ready], [1, 0]);
});

test('creates only what an unmanaged domain lacks', () => {
  const parts = { provision: '{adminUsers: [user.lead], groups: {devs: {}}}', roles: ['viewers', 'oncall'] };
  for (const settings of [{ tags: {} }, { tags: { team: ['x'] } }]) {
    const athenz = athenzOf([documentOf('eks.web', { settings, groups: { others: ['user.bo'] } })]);
    assert.deepEqual(wordsOf(planFrom({ ...parts, athenz })), [
      'eks.web create-group devs',
      'eks.web create-role oncall',
    ]);
  }
});

for (const documents of [[], [documentOf('eks.web', { roles: {} })]]) {
  test(`never creates the admin role, with ${documents.length} existing domains`, () => {
    const plan = planFrom({ athenz: athenzOf(documents), roles: ['admin', 'viewers'] });
    assert.ok(wordsOf(plan).includes('eks.web create-role viewers'));
    assert.ok(!wordsOf(plan).includes('eks.web create-role admin'));
  });
}

test('a missing parent only affects its own namespace', () => {
  const plan = planFrom({
    clusters: { dev: 'gone.{namespace}', prod: 'eks.{namespace}' },
    inventory: [cluster('dev', ['web']), cluster('prod', ['web'])],
  });
  assert.deepEqual(wordsOf(plan), ['eks.web create-domain', 'eks.web create-role viewers']);
  assert.deepEqual(
    plan.problems.map(({ cluster, problem }) => [cluster, problem.code]),
    [['dev', 'PROVISION_PARENT_MISSING']],
  );
  assert.match(plan.problems[0]?.problem.message ?? '', /there is no domain gone;/);
});

test('one wrong template is one problem, however many namespaces it concerns', () => {
  const names = Array.from({ length: 100 }, (_, index) => `n${index}`);
  const plan = planFrom({ clusters: { prod: 'esk.{namespace}' }, inventory: [cluster('prod', names)] });
  assert.deepEqual(codesOf(plan), ['PROVISION_PARENT_MISSING']);
  assert.deepEqual([plan.needed, plan.ready], [100, 0]);
});

for (const [what, listed, steps, codes] of [
  ['can be created by the same plan', ['eks'], ['eks.a', 'eks.a.web'], []],
  ['that cannot be created blocks its subdomains', [], [], ['PROVISION_PARENT_MISSING', 'PROVISION_PARENT_MISSING']],
] as const) {
  test(`a parent ${what}`, () => {
    const plan = planFrom({
      clusters: { one: 'eks.{namespace}', two: 'eks.a.{namespace}' },
      inventory: [cluster('one', ['a']), cluster('two', ['web'])],
      athenz: athenzOf([documentOf('other')], { listed }),
    });
    assert.deepEqual(
      wordsOf(plan).filter((it) => it.endsWith('create-domain')),
      steps.map((it) => `${it} create-domain`),
    );
    assert.deepEqual(codesOf(plan), codes);
  });
}

test('an unreadable domain gets no writes', () => {
  const plan = planFrom({ athenz: athenzOf([], { unknown: ['eks.web'] }), update: true });
  assert.deepEqual([wordsOf(plan), codesOf(plan), plan.ready], [[], ['web ZMS_UNAVAILABLE'], 0]);
});

test('a disabled domain is reported, unchanged and not ready', () => {
  const athenz = athenzOf([documentOf('eks.web', { enabled: false, roles: {} })]);
  const plan = planFrom({ athenz, update: true });
  assert.deepEqual([wordsOf(plan), plan.ready, plan.domains[0]?.drift[0]?.setting], [[], 0, 'enabled']);
  const text = renderProvision(resultOf(plan, { room: [] }), { color: false });
  assert.match(text, /skipped: the domain is disabled in Athenz and read-only\n/);
  assert.match(text, /No changes now: 1 disabled domain skipped; 0 of 1 domain complete\./);
  assert.doesNotMatch(text, /the config says/);
});

test('an administrator is needed only for a domain that is to be created', () => {
  const provision = '{adminUsers: []}';
  const inventory = [cluster('prod', ['checkout', 'web'])];
  const plan = planFrom({ provision, inventory, athenz: athenzOf([documentOf('eks.web')]) });
  assert.deepEqual([plan.needed, plan.ready, wordsOf(plan)], [2, 1, []]);
  const [lacking] = plan.problems;
  assert.equal(lacking?.problem.code, 'PROVISION_NO_ADMIN');
  assert.match(lacking?.problem.message ?? '', /^no administrator is named for eks\.checkout: it does not exist/);
  const text = renderProvision(resultOf(plan, { room: [] }), { color: false });
  assert.match(text, /No changes now: 1 domain could not be read or created; 1 of 2 domains complete\./);
});

test('a domain with all roles is ready even if its settings differ', () => {
  const provision = '{adminUsers: [user.lead], description: ours}';
  const plan = planFrom({ provision, athenz: athenzOf([documentOf('eks.web')]) });
  assert.deepEqual([plan.needed, plan.ready, wordsOf(plan)], [1, 1, []]);
  assert.equal(plan.domains[0]?.drift.length, 1);
});

test('reports an incomplete inventory and creates what is known', () => {
  const problem = { code: 'INVENTORY_UNREADABLE', message: 'no' } as const;
  const plan = planFrom({ inventory: [cluster('prod', ['web'], { problems: [problem] })] });
  assert.deepEqual(wordsOf(plan), ['eks.web create-domain', 'eks.web create-role viewers']);
  assert.deepEqual(plan.problems, [{ cluster: 'prod', problem }]);
});

test('without Athenz, plans everything from git as missing', () => {
  const provision = '{adminUsers: [user.lead], roles: {viewers: {trust: {domain: acme, role: sre, policy: true}}}}';
  const plan = planFrom({ provision, athenz: undefined, prune: 'delete', clusters: { prod: 'no.such.{namespace}' } });
  assert.deepEqual(wordsOf(plan), [
    'no.such.web create-domain',
    'no.such.web create-role viewers',
    'no.such.web create-policy athenz-gitops.no.such.web.viewers',
  ]);
  assert.deepEqual([plan.problems, plan.departed], [[], []]);
});

test('the order of clusters, namespaces and documents does not matter', () => {
  const clusters = { a: 'eks.{namespace}', b: 'eks.b.{namespace}' };
  const inventory = [cluster('a', ['web', 'b']), cluster('b', ['x', 'y'])];
  const documents = [documentOf('eks.web', { roles: {} }), documentOf('eks.left'), documentOf('eks.b.old')];
  const plan = planFrom({ clusters, inventory, athenz: athenzOf(documents), prune: 'delete' });
  const reversed = inventory.map((it) => ({ ...it, namespaces: it.namespaces.toReversed() })).toReversed();
  assert.deepEqual(
    planFrom({ clusters, inventory: reversed, athenz: athenzOf(documents.toReversed()), prune: 'delete' }),
    plan,
  );
  assert.deepEqual(
    plan.domains.map(({ domain }) => domain),
    plan.domains.map(({ domain }) => domain).toSorted(),
  );
});

test('reads needed and trusted domains, and with prune deletable ones', () => {
  const config = configFrom({
    provision: '{roles: {viewers: {trust: {domain: acme, role: sre}}}, adminUsers: [user.lead]}',
  });
  const { list } = athenzOf([documentOf('eks.old'), documentOf('eks.old.below'), documentOf('eksother')]);
  const input = { config, inventory: [cluster('prod', ['web'])], update: false };
  assert.deepEqual([...domainsToRead({ ...input, prune: false }, list)], ['eks.web', 'acme']);
  for (const prune of ['report', 'delete'] as const) {
    assert.deepEqual([...domainsToRead({ ...input, prune }, list)], ['eks.web', 'acme', 'eks.old']);
  }
});

test('a deletion carries the modified time it was based on', () => {
  const plan = planFrom({
    inventory: [cluster('prod', [])],
    athenz: athenzOf([documentOf('eks.old')]),
    prune: 'delete',
    now,
  });
  assert.equal(stepOf(plan, 'delete-domain').modified, documentOf('eks.old').modified);
});

for (const [what, principal, namespaces, expected] of [
  ['is an administrator', 'user.lead', ['web'], undefined],
  ['is not known', undefined, ['web'], undefined],
  ['is no administrator', 'acme.ci.gitops', ['web'], /^acme\.ci\.gitops is not an administrator of eks\.web:/],
  ['is no administrator of many', 'acme.ci.gitops', ['a', 'b'], /of 2 domains to create \(eks\.a first\)/],
  ['creates nothing', 'acme.ci.gitops', [], undefined],
] as const) {
  test(`warns once where the service could write no roles: it ${what}`, () => {
    const { warnings } = planFrom({ principal, inventory: [cluster('prod', namespaces)] });
    assert.equal(warnings.length, expected === undefined ? 0 : 1);
    if (expected !== undefined) assert.match(warnings[0]?.message ?? '', expected);
  });
}
