import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseKustomization } from '../../src/core/kustomization.ts';
import { splitScopes } from '../../src/core/scope.ts';
import { rbac } from '../../src/generators/rbac/generator.ts';
import { corePlanOf, planOf, treeOf } from '../support/planning.ts';
import { clusterOf, configOf, granted } from '../support/roles.ts';

const keep = ['output/**/kustomization.yaml', 'output/**/*.md'];
const base = configOf({ clusters: [clusterOf('dev'), clusterOf('prod')] });
const config = { ...base, output: { ...base.output, keep } };

type Place = `${'dev' | 'prod'}/${string}`;
const access = (...places: readonly Place[]) =>
  places.flatMap((place) =>
    (['k8s_ns_admins', 'k8s_ns_viewers'] as const).map((role) => granted(`${place}/${role}`, ['user.ada'])),
  );
const before = treeOf({ config, access: access('prod/pay', 'prod/search') });
const list = (...names: readonly string[]) => `resources: ${JSON.stringify(names)}\n`;
const top = 'output/prod/kustomization.yaml';

/** What is said of which kustomization: `-` names what is missing, `+` lacks what is rendered. */
function staleIn(files: Readonly<Record<string, string>>, after: readonly Place[]): readonly string[] {
  const plan = planOf({ config, files: new Map([...before, ...Object.entries(files)]), access: access(...after) });
  return plan.staleKustomizations.flatMap(({ path, missing, unlisted }) => [
    ...missing.map((name) => `${path} - ${name}`),
    ...unlisted.map((name) => `${path} + ${name}`),
  ]);
}

const both = ['prod/pay', 'prod/search'] as const;
const cases: readonly (readonly [
  name: string,
  files: Readonly<Record<string, string>>,
  after: readonly Place[],
  stale: readonly string[],
])[] = [
  ['no kustomization', {}, ['prod/search'], []],
  ['one that names every file', { [top]: list('pay/rbac.yaml', './search/rbac.yaml') }, [...both], []],
  [
    'one that names the file of a namespace that leaves',
    { [top]: list('pay/rbac.yaml', 'search/rbac.yaml') },
    ['prod/search'],
    [`${top} - output/prod/pay/rbac.yaml`],
  ],
  [
    'one that lacks a new namespace',
    { [top]: list('pay/rbac.yaml', 'search/rbac.yaml') },
    [...both, 'prod/new'],
    [`${top} + output/prod/new/rbac.yaml`],
  ],
  [
    'one that names a file that was never there',
    { [top]: list('pay/rbac.yaml', 'search/rbac.yaml', '../prod/typo.yaml') },
    [...both],
    [`${top} - output/prod/typo.yaml`],
  ],
  [
    'a folder whose kustomization cannot be read',
    { [top]: list('pay', 'search/rbac.yaml'), 'output/prod/pay/kustomization.yaml': 'a: [' },
    [...both],
    [],
  ],
  [
    'folders, one without a kustomization of its own',
    { [top]: list('pay', 'search'), 'output/prod/pay/kustomization.yaml': list('rbac.yaml') },
    [...both],
    [`${top} - output/prod/search`, `${top} + output/prod/search/rbac.yaml`],
  ],
  [
    'a nested one that nothing leads to',
    { [top]: list('pay/rbac.yaml'), 'output/prod/search/kustomization.yaml': list('rbac.yaml') },
    [...both],
    [`${top} + output/prod/search/rbac.yaml`],
  ],
  [
    'one for a single namespace, and none above it',
    { 'output/prod/search/kustomization.yaml': list('rbac.yaml') },
    [...both],
    [],
  ],
  [
    'one above the output folders that names files in them',
    { 'kustomization.yaml': list('output/prod/pay/rbac.yaml', 'output/prod/search/rbac.yaml', 'apps') },
    ['prod/search', 'prod/new'],
    ['kustomization.yaml - output/prod/pay/rbac.yaml', 'kustomization.yaml + output/prod/new/rbac.yaml'],
  ],
  [
    'one above the output folders that leads to one cluster only',
    {
      'output/kustomization.yaml': list('prod'),
      [top]: list('pay/rbac.yaml', 'search/rbac.yaml'),
    },
    [...both, 'dev/new'],
    [],
  ],
  [
    'one above the output folders about something else',
    { 'kustomization.yaml': list('apps', 'x.yaml') },
    [...both],
    [],
  ],
  [
    'a patch of a file that leaves',
    { [top]: `${list('search/rbac.yaml')}patches: [{path: pay/rbac.yaml}, {patch: "a: 1"}]\n` },
    ['prod/search'],
    [`${top} - output/prod/pay/rbac.yaml`],
  ],
  [
    'addresses of other repositories and paths outside',
    {
      [top]: list(
        ...['pay/rbac.yaml', 'search/rbac.yaml', 'https://example.com/x.yaml', 'github.com/acme/x', '../../base'],
        ...['acme.example.com/x?ref=main', 'git@example.com:acme/x.git', '../../../../etc'],
      ),
    },
    [...both],
    [],
  ],
  [
    'kustomizations that name each other',
    { 'output/kustomization.yaml': list('prod'), [top]: list('..', 'pay/rbac.yaml', 'search/rbac.yaml') },
    [...both],
    [],
  ],
  ['one that is no YAML', { [top]: 'resources: [\n' }, ['prod/search'], []],
  ['one that is a link', { [top]: '->../../elsewhere.yaml' }, ['prod/search'], []],
];

for (const [name, files, after, stale] of cases) {
  test(`kustomizations against what is rendered: ${name}`, () => {
    assert.deepEqual(staleIn(files, after), stale);
  });
}

test('a kustomization that names itself and what it may hold is parsed', () => {
  const text = `${list('.', 'a.yaml')}components: [../c]\npatchesStrategicMerge: [p.yaml, "a: 1\\nb: 2"]\ncrds: 7\n`;
  const { resources, others } = parseKustomization('x/kustomization.yaml', Buffer.from(text)) ?? {};
  assert.deepEqual([resources, others], [['x', 'x/a.yaml', 'c'], ['x/p.yaml']]);
  for (const none of ['', '[]', 'a', '- a: 1'])
    assert.equal(parseKustomization('kustomization.yaml', Buffer.from(none)), undefined, none);
});

test('each proposal shows the kustomizations that have to change with it', () => {
  const files = new Map([...before, [top, list('pay/rbac.yaml', 'search/rbac.yaml')] as const]);
  const plan = corePlanOf({ config, files, access: access('prod/search', 'prod/new', 'dev/x') });
  const shown = (groupBy: 'all' | 'cluster' | 'namespace') =>
    splitScopes(plan, rbac, { groupBy }).flatMap(({ key, staleKustomizations: stale }) =>
      stale.length > 0 ? [key] : [],
    );
  assert.deepEqual(shown('cluster'), ['prod']);
  assert.deepEqual(shown('all'), ['all']);
  assert.deepEqual(shown('namespace'), ['prod', 'prod/new', 'prod/pay']);
});
