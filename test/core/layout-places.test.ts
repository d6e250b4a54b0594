import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseConfig } from '../../src/config/load.ts';
import type { RoleConfig } from '../../src/config/types.ts';
import { AppError } from '../../src/model/error.ts';
import type { RoleAccess } from '../../src/model/grant.ts';
import { compileLayout } from '../../src/model/layout.ts';
import { smallestData, withValue } from '../support/config.ts';
import { applyPlan, planOf, type Texts, treeOf } from '../support/planning.ts';
import { trials } from '../support/properties.ts';
import { admins, clusterOf, configOf, granted, type RoleId, viewers } from '../support/roles.ts';
import { isChaos, shareOf } from '../support/tier.ts';

// Whatever has a folder of its own, no file is left behind by what leaves, and none in an owned folder by a layout that is given up.

const others = ['{cluster}', '{role}', '{shard}'];

/** Every order of some placeholders, with every way to put them into folders and names. */
function arrangements(placeholders: readonly string[]): readonly string[] {
  return placeholders.flatMap((first, index) => {
    const rest = arrangements(placeholders.toSpliced(index, 1));
    return rest.length === 0 ? [first] : rest.flatMap((it) => [`${first}/${it}`, `${first}-${it}`]);
  });
}

const subsets = others.reduce<readonly (readonly string[])[]>(
  (all, it) => all.flatMap((some) => [some, [...some, it]]),
  [[]],
);
const paths = subsets.flatMap((some) => arrangements([...some, '{namespace}'])).map((it) => `out/${it}.yaml`);

function isAllowed(path: string, clusters: readonly string[]): boolean {
  const list = clusters.map((name) => {
    return { name, domain: `${name}.{namespace}`, namespaces: { files: [`clusters/${name}/*.yaml`] } };
  });
  try {
    parseConfig(JSON.stringify(withValue(withValue(smallestData, 'output.path', path), 'clusters', list)), 'g.yaml');
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

const one = ['prod'];
const two = ['dev', 'prod'];
const forOne = paths.filter((path) => isAllowed(path, one));
const forTwo = paths.filter((path) => isAllowed(path, two));

/** A dot, an underscore and a dash: what a role's folder may have and a cluster's may not. */
const oncall: RoleConfig = { athenzRole: 'on.call-1', clusterRole: 'edit' };
const plain: RoleConfig = { athenzRole: 'admins', clusterRole: 'admin' };

interface Place {
  readonly path: string;
  readonly clusters?: readonly string[];
  readonly namespaces?: readonly string[];
  readonly roles?: readonly RoleConfig[];
}

/** The same people in every cluster. */
function world({
  path,
  clusters = one,
  namespaces = ['pay', 'web', 'web-a'],
  roles = [admins, viewers, oncall, plain],
}: Place) {
  const access = clusters.flatMap((cluster) =>
    namespaces.flatMap((namespace) =>
      roles.map(({ athenzRole }): RoleAccess => {
        const id: RoleId = `${cluster}/${namespace}/${athenzRole}`;
        return granted(id, [`user.${namespace}`, 'user.ada']);
      }),
    ),
  );
  const config = configOf({
    clusters: clusters.map((name) => clusterOf(name, roles)),
    output: { path, templates: null, keep: [] },
  });
  return { config, access };
}

function sorted(files: Texts): Texts {
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What of an old tree is neither in a folder of the config's clusters nor where the layout would have a file of any cluster. */
function outside(files: Texts, { path, clusters = one }: Place): readonly string[] {
  const { rootOf, clusterOf: clusterIn } = compileLayout(path);
  const isOwned = (it: string) => clusters.some((name) => it.startsWith(`${rootOf(name)}/`));
  return [...files.keys()].filter((it) => !isOwned(it) && clusterIn(it) === undefined);
}

/** Goes from one place to another: nothing else is left in the tree but what is outside, and nothing is left to plan. */
function assertMoves(from: Place, to: Place, left: (files: Texts) => readonly string[] = () => []): void {
  const what = JSON.stringify([from, to]);
  const files = treeOf(world(from));
  const desired = world(to);
  const merged = applyPlan(files, planOf({ ...desired, files }));
  const expected = new Map(treeOf(desired));
  for (const path of left(files)) expected.set(path, files.get(path) ?? '');
  assert.deepEqual([...sorted(merged).keys()], [...sorted(expected).keys()], what);
  assert.deepEqual(sorted(merged), sorted(expected), what);
  const again = planOf({ ...desired, files: merged });
  assert.deepEqual([again.files, again.changes, again.held], [[], [], []], what);
}

test('the paths have every placeholder in every position', () => {
  assert.deepEqual([paths.length, new Set(paths).size, forOne.length], [277, 277, 277]);
  assert.ok(forTwo.length > 30 && forTwo.every((path) => path.startsWith('out/{cluster}/')));
});

for (const [clusters, allowed] of [
  [one, forOne],
  [two, forTwo],
] as const) {
  const many = clusters.length === 1 ? 'one cluster' : 'two clusters';
  const departures = [
    ['a namespace that leaves', { namespaces: ['pay', 'web-a'] }],
    ['a role that leaves', { roles: [viewers, oncall, plain] }],
    ['all but one role', { roles: [plain] }],
    ['a cluster with another name', { clusters: ['live', ...clusters.slice(1)] }],
    ['a name that goes on behind the old one', { clusters: [...clusters.slice(1), `${clusters[0]}-a`] }],
  ] as const;
  for (const [index, [what, to]] of departures.entries()) {
    test(`with ${many}, ${what}: no file is left behind in any layout`, () => {
      for (const path of shareOf(allowed, index, 2 * departures.length)) {
        assertMoves({ path, clusters }, { path, clusters, ...to });
      }
    });
  }

  test(`with ${many}, a layout that is given up leaves no file behind in the folders of clusters`, () => {
    const layout = fc.constantFrom(...allowed);
    const more = fc.constantFrom<Partial<Place>>({}, {}, { namespaces: ['web'] }, { roles: [viewers] });
    let left = 0;
    fc.assert(
      fc.property(layout, layout, more, (from, to, then) => {
        const place = { path: to, clusters, ...then };
        assertMoves({ path: from, clusters }, place, (files) => {
          const paths = outside(files, place);
          left += paths.length;
          // Such a layout had the folder above: docs/reference/config.md says what to do.
          if (paths.length > 0) assert.ok(!from.startsWith('out/{cluster}/') && to.startsWith('out/{cluster}/'), from);
          return paths;
        });
      }),
      { numRuns: isChaos ? trials(100) : 40 },
    );
    assert.equal(left > 0, clusters.length === 1);
  });
}

const moved: Place = { path: 'out/{cluster}/{namespace}/rbac.yaml' };

test('moving the layout within the folder of a cluster does not change access', () => {
  for (const path of ['out/{cluster}/{namespace}.yaml', 'out/{cluster}/{role}/{namespace}.yaml']) {
    const plan = planOf({ ...world(moved), files: treeOf(world({ path })) });
    assert.deepEqual(plan.changes, [], path);
  }
});
