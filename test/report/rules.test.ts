import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { describeRuleChange, describeRules } from '../../src/generators/rbac/words/rules.ts';
import type { PolicyRule } from '../../src/model/manifest.ts';

const as = (text: string) => text;

/** A rule from comma-separated lists. */
function rule(verbs: string, resources: string, apiGroups: string, names?: string): PolicyRule {
  const lists = { apiGroups: apiGroups.split(','), resources: resources.split(','), verbs: verbs.split(',') };
  return names === undefined ? lists : { ...lists, resourceNames: names.split(',') };
}

const core = '';

for (const [rules, words] of [
  [[rule('*', '*', '*')], 'all on everything'],
  [[rule('get,list', '*', '*')], 'get, list on everything'],
  [[rule('*', '*', '*,apps')], 'all on everything'],
  [[rule('get', 'pods,services', core)], 'get on pods, services'],
  [[rule('get', 'deployments', 'apps')], 'get on deployments (apps)'],
  [[rule('get', 'pods,deployments', ',apps')], 'get on pods, deployments (core, apps)'],
  [[rule('get', 'secrets', '*')], 'get on secrets'],
  [[rule('*', '*', core)], 'all on * (core)'],
  [[rule('*', '*', ',apps')], 'all on * (core, apps)'],
  [[rule('get', 'secrets', core, 'a,b')], 'get on secrets named a, b'],
  [[rule('get', 'pods', core), rule('create', 'pods/exec', core)], 'get on pods; create on pods/exec'],
  [[rule('a,b,c,d,e,f,g', 'pods', core)], 'a, b, c, d, e, f, g on pods'],
  [[rule('a,b,c,d,e,f,g,h', 'pods', core)], 'a, b, c, d, e, f, … 2 more on pods'],
  [[], 'nothing'],
] as const) {
  test(`describes rules as: ${words}`, () => {
    assert.equal(describeRules(rules, as), words);
  });
}

const pods = rule('get,list', 'pods', core);

for (const [name, before, after, words] of [
  ['an added resource', [pods], [rule('get,list', 'pods,secrets', core)], 'adds get, list on secrets'],
  ['a removed resource', [rule('get', 'pods,secrets', core)], [rule('get', 'pods', core)], 'removes get on secrets'],
  ['an added verb', [rule('get', 'pods', core)], [rule('get,delete', 'pods', core)], 'adds delete on pods'],
  ['a removed verb', [rule('get,delete', 'pods', core)], [rule('get', 'pods', core)], 'removes delete on pods'],
  [
    'a replaced verb',
    [rule('get', 'pods', core)],
    [rule('list', 'pods', core)],
    'adds list on pods; removes get on pods',
  ],
  ['an added rule', [pods], [pods, rule('create', 'pods/exec', core)], 'adds create on pods/exec'],
  ['an added wildcard rule', [pods], [pods, rule('*', '*', '*')], 'adds all on everything'],
  [
    'a replaced API group',
    [rule('get', 'jobs', core)],
    [rule('get', 'jobs', 'batch')],
    'adds get on jobs (batch); removes get on jobs',
  ],
  ['rules added to none', [], [pods], 'adds get, list on pods'],
  ['all rules removed', [pods], [], 'removes get, list on pods'],
  [
    'replaced names',
    [rule('get', 'secrets', core, 'a')],
    [rule('get', 'secrets', core, 'b')],
    'adds get on secrets named b; removes get on secrets named a',
  ],
  [
    'two resources with the same verbs',
    [],
    [rule('get', 'pods', core), rule('get', 'jobs', 'batch')],
    'adds get on pods, jobs (batch)',
  ],
  [
    'different verbs',
    [],
    [rule('get', 'pods', core), rule('list', 'jobs', 'batch')],
    'adds get on pods and list on jobs (batch)',
  ],
  [
    'one rule split in two',
    [rule('get,list', 'pods', core)],
    [rule('get', 'pods', core), rule('list', 'pods', core)],
    'the same rules, written differently',
  ],
  ['everything narrowed', [rule('*', '*', '*')], [pods], 'get, list on pods instead of all on everything'],
  ['widened to everything', [pods], [rule('*', '*', '*')], 'all on everything instead of get, list on pods'],
  [
    'widened to all verbs',
    [pods, rule('get', 'jobs', 'batch')],
    [rule('*', 'pods', core), rule('get', 'jobs', 'batch')],
    'all on pods instead of get, list on pods',
  ],
  [
    'narrowed to one name',
    [rule('get', 'secrets', core)],
    [rule('get', 'secrets', core, 'a')],
    'get on secrets named a instead of get on secrets',
  ],
] as const) {
  test(`${name}: ${words}`, () => {
    assert.equal(describeRuleChange(before, after, as), words);
  });
}

const words = fc.constantFrom('get', 'list', '*', 'pods', 'secrets', '', 'apps');
const lists = fc.uniqueArray(words, { minLength: 1, maxLength: 3 });
const anyRule: fc.Arbitrary<PolicyRule> = fc.record(
  { apiGroups: lists, resources: lists, verbs: lists, resourceNames: lists },
  { requiredKeys: ['apiGroups', 'resources', 'verbs'] },
);

test('the order of rules and of their lists is not a change', () => {
  fc.assert(
    fc.property(fc.array(anyRule, { maxLength: 4 }), (rules) => {
      const reversed = rules.toReversed().map(({ apiGroups, resources, verbs, ...names }) => ({
        ...names,
        apiGroups: apiGroups.toReversed(),
        resources: resources.toReversed(),
        verbs: verbs.toReversed(),
      }));
      assert.equal(describeRuleChange(rules, reversed, as), 'the same rules, written differently');
    }),
  );
});

test('passes all external text to the escape function', () => {
  const marked = fc.constantFrom('get', 'x').map((text) => `<${text}>`);
  const some = fc.array(marked, { minLength: 1, maxLength: 9 });
  const rules = fc.array(fc.record({ apiGroups: some, resources: some, verbs: some, resourceNames: some }), {
    maxLength: 9,
  });
  fc.assert(
    fc.property(rules, rules, (before, after) => {
      const text = describeRuleChange(before, after, () => 'X') + describeRules(before, () => 'X');
      assert.doesNotMatch(text, /[<>]/);
    }),
  );
});
