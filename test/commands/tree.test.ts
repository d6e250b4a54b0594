import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { diskPath } from '../../src/git/disk-path.ts';
import { type Fixture, openFixture } from '../support/fixture.ts';
import type { Files } from '../support/repository.ts';
import type { RunResult } from '../support/result.ts';
import { isChaos } from '../support/tier.ts';

/*
 * Damage to the rendered output. `render` reads it from the work tree, `sync` from the base commit, and both must produce
 * the same tree. `search` and `checkout` also have a new admin; `checkout` is not damaged and always changes.
 */

interface Case {
  readonly name: string;
  /** Files to write, given the rendered file of `search`. */
  readonly damage?: (search: string) => Files;
  /** Other changes. */
  readonly make?: (fixture: Fixture) => unknown;
  readonly config?: (text: string) => string;
  readonly code: 0 | 3 | 4;
  /** Code and namespace of each problem, and what its message names. */
  readonly problems?: readonly (readonly [what: string, ...names: string[]])[];
  /** Changes besides `checkout`, as `git diff --name-status`: `M output/…`. */
  readonly changed: readonly string[];
}

const search = 'output/prod/search/rbac.yaml';
const searchChanges = [`M ${search}`];
const [foreign, unparsable, collision] = ['OUTPUT_FOREIGN', 'OUTPUT_UNPARSABLE', 'OUTPUT_COLLISION'];
const readme = 'output/prod/README.md';
const namespaces = 'clusters/prod/namespaces.yaml';
const keep = (text: string) => `${text}\noutput:\n  keep: ['output/**/kustomization.yaml', 'output/prod/Search/**']\n`;
const kept = { 'output/prod/kustomization.yaml': 'a: 1\n', 'output/prod/labs/kustomization.yaml': 'b: 2\n' };

const cases: readonly Case[] = [
  { name: 'an undamaged output', code: 0, changed: searchChanges },
  {
    name: 'a foreign file beside rendered ones',
    damage: () => ({ [readme]: 'Mine\n' }),
    code: 4,
    problems: [[`${foreign} -`, readme]],
    changed: searchChanges,
  },
  {
    name: 'a foreign file in place of a rendered one',
    damage: () => ({ [search]: 'kind: Mine\n' }),
    code: 4,
    problems: [[`${foreign} search`, search]],
    changed: [],
  },
  {
    name: 'a rendered file without its header',
    damage: (text) => ({ [search]: text.slice(text.indexOf('\n') + 1) }),
    code: 4,
    problems: [[`${foreign} search`, search]],
    changed: [],
  },
  {
    name: 'a rendered file with another header',
    damage: (text) => ({ [search]: text.replace('DO NOT EDIT', 'DO EDIT') }),
    code: 4,
    problems: [[`${foreign} search`, search]],
    changed: [],
  },
  {
    name: 'a truncated rendered file',
    damage: (text) => ({ [search]: text.slice(0, text.indexOf('subjects:')) }),
    code: 4,
    problems: [[`${unparsable} search`, search]],
    changed: [],
  },
  {
    name: 'a rendered file copied to another namespace',
    damage: (text) => ({ 'output/prod/labs/rbac.yaml': text }),
    code: 4,
    problems: [[`${unparsable} labs`, 'output/prod/labs/rbac.yaml', 'search']],
    changed: searchChanges,
  },
  {
    name: 'an executable rendered file',
    damage: (text) => ({ [search]: `+x ${text}` }),
    code: 0,
    changed: searchChanges,
  },
  { name: 'a missing rendered file', damage: () => ({ [search]: null }), code: 0, changed: [`A ${search}`] },
  {
    name: 'a moved rendered file',
    damage: (text) => ({ [search]: null, 'output/prod/old/rbac.yaml': text }),
    code: 0,
    changed: ['D output/prod/old/rbac.yaml', `A ${search}`],
  },
  { name: 'files in output.keep', damage: () => kept, config: keep, code: 0, changed: searchChanges },
  {
    name: 'the same files without output.keep',
    damage: () => kept,
    code: 4,
    problems: Object.keys(kept).map((path) => [`${foreign} -`, path] as const),
    changed: searchChanges,
  },
  {
    name: 'a link in place of a file',
    damage: () => ({ [search]: '->../labs/rbac.yaml' }),
    code: 4,
    problems: [[`${foreign} search`, search]],
    changed: [],
  },
  {
    name: 'a link in place of a folder',
    damage: () => ({ 'output/prod/search': '->../../clusters/prod' }),
    code: 4,
    problems: [[`${foreign} search`, 'output/prod/search']],
    changed: [],
  },
  {
    name: 'a dangling link beside rendered files',
    damage: () => ({ 'output/prod/link': '->nowhere' }),
    code: 4,
    problems: [[`${foreign} -`, 'output/prod/link']],
    changed: searchChanges,
  },
  {
    name: 'a git repository in place of a folder',
    damage: () => ({ 'output/prod/search': null }),
    make: ({ dir, git }) => {
      git('init', '--quiet', 'output/prod/search');
      git('-C', join(dir, 'output/prod/search'), 'commit', '--quiet', '--allow-empty', '--message=Inside');
      // Removes the previous files from the index.
      git('add', '--all');
    },
    code: 4,
    problems: [[`${foreign} search`, 'output/prod/search']],
    changed: [],
  },
  ...['output/prod/Search/rbac.yaml', 'output/prod/search/RBAC.yaml', 'output/Prod/search/rbac.yaml'].map(
    (path): Case => ({
      name: `a foreign file at ${path}`,
      damage: () => ({ [path]: 'kind: Mine\n' }),
      config: keep,
      code: 4,
      problems: [[`${collision} search`, path, search]],
      changed: [],
    }),
  ),
  {
    name: 'a foreign file in a folder that differs by case',
    damage: () => ({ 'output/prod/search': null, 'output/prod/SEARCH/rbac.yaml': 'kind: Mine\n' }),
    code: 4,
    problems: [[`${collision} search`, 'output/prod/SEARCH/rbac.yaml', search]],
    changed: [],
  },
  {
    name: 'an unparsable file that differs by case',
    damage: (text) => ({ 'output/prod/search/Rbac.yaml': text.replace('subjects:', 'subject:') }),
    code: 4,
    problems: [[`${collision} search`, 'output/prod/search/Rbac.yaml', search]],
    changed: [],
  },
  {
    name: 'a link that differs from a folder by case',
    damage: () => ({ 'output/prod/search': null, 'output/prod/Search': '->../../clusters' }),
    code: 4,
    problems: [[`${foreign} search`, 'output/prod/Search']],
    changed: [],
  },
  {
    name: 'a rendered file renamed by case',
    damage: (text) => ({ [search]: null, 'output/prod/Search/rbac.yaml': text }),
    code: 0,
    changed: ['D output/prod/Search/rbac.yaml', `A ${search}`],
  },
  {
    name: 'rendered files in folders whose names are not UTF-8',
    make: async ({ dir }) => {
      const text = (await readFile(join(dir, search), 'utf8')).replaceAll('user.dara', 'user.mallory');
      for (const folder of ['output/prod/caf\udce8', 'output/prod/caf\udce9']) {
        await mkdir(diskPath(dir, folder));
        await writeFile(diskPath(dir, `${folder}/rbac.yaml`), text);
      }
    },
    code: 0,
    changed: ['D "output/prod/caf\\350/rbac.yaml"', 'D "output/prod/caf\\351/rbac.yaml"', ...searchChanges],
  },
  {
    name: 'a missing namespace file',
    damage: () => ({ 'clusters/prod/others.yaml': null }),
    code: 0,
    changed: ['D output/prod/labs/rbac.yaml', 'D output/prod/reports/rbac.yaml', ...searchChanges],
  },
  {
    name: 'an unparsable namespace file',
    damage: () => ({ 'clusters/prod/others.yaml': 'kind: [\n' }),
    code: 3,
    problems: [['INVENTORY_UNREADABLE -', 'clusters/prod/others.yaml']],
    changed: searchChanges,
  },
  {
    name: 'a namespace file that became a link',
    damage: () => ({ 'clusters/prod/others.yaml': '->namespaces.yaml' }),
    code: 3,
    problems: [['INVENTORY_UNREADABLE -', 'clusters/prod/others.yaml']],
    changed: searchChanges,
  },
  {
    name: 'a cluster without namespace files',
    damage: () => ({ 'clusters/dev/namespaces.yaml': null }),
    code: 3,
    problems: [['INVENTORY_NO_MATCH -', 'clusters/dev/*.yaml']],
    changed: searchChanges,
  },
  {
    name: 'a cluster removed from the config',
    config: (text) => text.replace(/ {2}- \{name: dev.*\n/, ''),
    code: 0,
    changed: ['D output/dev/reports/rbac.yaml', ...searchChanges],
  },
  {
    name: 'a role removed from the config',
    config: (text) => text.replace(/ {2}- athenzRole: k8s_ns_viewers\n.*\n/, ''),
    code: 0,
    changed: [
      'M output/dev/reports/rbac.yaml',
      ...['labs', 'payments-api', 'payments-web', 'reports', 'search'].map((name) => `M output/prod/${name}/rbac.yaml`),
    ],
  },
  {
    name: 'a removed cluster over the removal limit',
    damage: (text) => ({ 'output/old/search/rbac.yaml': text }),
    config: (text) => text.replace('limits:', 'limits:\n  maxRemovedGrants: {percent: 0, floor: 0}'),
    code: 4,
    problems: [['LIMIT_REMOVED_GRANTS search', 'old']],
    changed: searchChanges,
  },
];

/** More cases of rules that others stand for. */
const further = new Set([
  'a missing namespace file',
  'a truncated rendered file',
  'a foreign file in place of a rendered one',
  'a rendered file with another header',
  'a dangling link beside rendered files',
  'a foreign file at output/prod/search/RBAC.yaml',
  'a foreign file at output/Prod/search/rbac.yaml',
  'a foreign file in a folder that differs by case',
  'a moved rendered file',
  'a missing rendered file',
  'an executable rendered file',
  'a namespace file that became a link',
  'a role removed from the config',
  'a rendered file without its header',
  'a rendered file copied to another namespace',
  'files in output.keep',
  'a link in place of a file',
  'a rendered file renamed by case',
  'a link that differs from a folder by case',
  'a cluster removed from the config',
  'the same files without output.keep',
  'an unparsable file that differs by case',
]);

for (const { name, damage, make, config, code, problems = [], changed } of cases.filter(
  (it) => isChaos || !further.has(it.name),
)) {
  test(`render and sync agree on ${name}, exit ${code}`, async () => {
    await using fixture = await openFixture({ uncommitted: true, config: withDev });
    await fixture.write({
      'clusters/dev/namespaces.yaml': '[reports]\n',
      [namespaces]: '[checkout, payments-api, payments-web, search]\n',
      'clusters/prod/others.yaml': '[labs, reports]\n',
    });
    await fixture.expect(0, ['render', '--quiet']);
    const rendered = await fixture.commit({}, 'Rendered');
    fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.omar']);
    fixture.setRole('acme.eks.checkout', 'k8s_ns_admins', ['user.lena', 'user.omar']);

    await fixture.write(damage?.(await readFile(join(fixture.dir, search), 'utf8')) ?? {});
    if (config !== undefined) await fixture.editConfig(config);
    await make?.(fixture);
    const base = await fixture.commit({}, 'Damaged');
    const synced = await run(fixture, 'sync', code);
    fixture.git('reset', '--quiet', rendered);
    const written = await run(fixture, 'render', code);
    fixture.git('read-tree', '--empty');
    fixture.git('add', '--all');

    const tip = 'athenz-gitops/main/all';
    const files = fixture.git('diff', '--name-status', '--no-renames', base, tip).replaceAll('\t', ' ').split('\n');
    assert.deepEqual(files.sort(), [...changed, 'M output/prod/checkout/rbac.yaml'].sort());
    assert.equal(fixture.git('write-tree'), fixture.git('rev-parse', `${tip}^{tree}`));
    for (const result of [synced, written]) {
      const { held, kept } = result.plan;
      const all = [...held, ...kept.map(({ problem, ...place }) => ({ ...place, ...problem }))];
      assert.deepEqual(
        all.map((it) => `${it.code} ${it.namespace ?? '-'}`),
        problems.map(([what]) => what),
      );
      for (const [index, [, ...names]] of problems.entries()) {
        for (const it of names)
          assert.ok(`${all[index]?.message} ${all[index]?.cluster}`.includes(it), all[index]?.message);
      }
    }
  });
}

/** A second cluster, and all changes in one proposal. */
function withDev(text: string): string {
  const dev = '  - {name: dev, domain: "acme.eks.{namespace}", namespaces: {files: [clusters/dev/*.yaml]}}\n';
  return text.replace('roles:\n', `${dev}\nroles:\n`).replace('kind: local', 'kind: local\n  groupBy: all');
}

async function run(fixture: Fixture, command: string, code: number): Promise<RunResult> {
  return JSON.parse((await fixture.expect(code, [command, '--json'])).out);
}
