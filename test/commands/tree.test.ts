import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunResult } from '../../src/model/result.ts';
import { type Fixture, openFixture } from '../support/fixture.ts';
import type { Files } from '../support/repository.ts';

/*
 * What may have become of the output since it was rendered. Each case is tried on both ways into git: `render` finds it in
 * the work tree, `sync` in the base commit, and the two must come to the same tree. Meanwhile `search` and `checkout` have
 * got a new admin: `checkout` is not concerned and always goes on.
 */

interface Case {
  readonly name: string;
  /** Done to the rendered output, given the text of the file of `search`. */
  readonly damage?: (search: string) => Files;
  /** Done by other means. */
  readonly make?: (fixture: Fixture) => unknown;
  readonly config?: (text: string) => string;
  readonly code: 0 | 3 | 4;
  /** Code and namespace of what is held back or could not be read, and what its message names. */
  readonly told?: readonly (readonly [what: string, ...names: string[]])[];
  /** What changes besides `checkout`, in the short form of git: `M output/…`. */
  readonly changed: readonly string[];
}

const search = 'output/prod/search/rbac.yaml';
const searchGoesOn = [`M ${search}`];
const [foreign, unparsable, collision] = ['OUTPUT_FOREIGN', 'OUTPUT_UNPARSABLE', 'OUTPUT_COLLISION'];
const readme = 'output/prod/README.md';
const namespaces = 'clusters/prod/namespaces.yaml';
const keep = (text: string) => `${text}\noutput:\n  keep: ['output/**/kustomization.yaml', 'output/prod/Search/**']\n`;
const kept = { 'output/prod/kustomization.yaml': 'a: 1\n', 'output/prod/labs/kustomization.yaml': 'b: 2\n' };

const cases: readonly Case[] = [
  { name: 'nothing', code: 0, changed: searchGoesOn },
  {
    name: 'a foreign file beside the others',
    damage: () => ({ [readme]: 'Mine\n' }),
    code: 4,
    told: [[`${foreign} -`, readme]],
    changed: searchGoesOn,
  },
  {
    name: 'a foreign file in a namespace’s place',
    damage: () => ({ [search]: 'kind: Mine\n' }),
    code: 4,
    told: [[`${foreign} search`, search]],
    changed: [],
  },
  {
    name: 'a file of ours without its first line',
    damage: (text) => ({ [search]: text.slice(text.indexOf('\n') + 1) }),
    code: 4,
    told: [[`${foreign} search`, search]],
    changed: [],
  },
  {
    name: 'a file of ours with another first line',
    damage: (text) => ({ [search]: text.replace('Do not edit', 'Do edit') }),
    code: 4,
    told: [[`${foreign} search`, search]],
    changed: [],
  },
  {
    name: 'a file of ours that is cut off',
    damage: (text) => ({ [search]: text.slice(0, text.indexOf('subjects:')) }),
    code: 4,
    told: [[`${unparsable} search`, search]],
    changed: [],
  },
  {
    name: 'a file of ours of another namespace, copied here',
    damage: (text) => ({ 'output/prod/labs/rbac.yaml': text }),
    code: 4,
    told: [[`${unparsable} labs`, 'output/prod/labs/rbac.yaml', 'search']],
    changed: searchGoesOn,
  },
  {
    name: 'a file of ours that is executable',
    damage: (text) => ({ [search]: `+x ${text}` }),
    code: 0,
    changed: searchGoesOn,
  },
  { name: 'a file of ours that is gone', damage: () => ({ [search]: null }), code: 0, changed: [`A ${search}`] },
  {
    name: 'a file of ours at another place',
    damage: (text) => ({ [search]: null, 'output/prod/old/rbac.yaml': text }),
    code: 0,
    changed: ['D output/prod/old/rbac.yaml', `A ${search}`],
  },
  { name: 'files that output.keep names', damage: () => kept, config: keep, code: 0, changed: searchGoesOn },
  {
    name: 'the same files, which nothing names',
    damage: () => kept,
    code: 4,
    told: Object.keys(kept).map((path) => [`${foreign} -`, path] as const),
    changed: searchGoesOn,
  },
  {
    name: 'a link in a file’s place',
    damage: () => ({ [search]: '->../labs/rbac.yaml' }),
    code: 4,
    told: [[`${foreign} search`, search]],
    changed: [],
  },
  {
    name: 'a link in a folder’s place',
    damage: () => ({ 'output/prod/search': '->../../clusters/prod' }),
    code: 4,
    told: [[`${foreign} search`, 'output/prod/search']],
    changed: [],
  },
  {
    name: 'a link to nowhere beside the others',
    damage: () => ({ 'output/prod/link': '->nowhere' }),
    code: 4,
    told: [[`${foreign} -`, 'output/prod/link']],
    changed: searchGoesOn,
  },
  {
    name: 'a repository of its own in a folder’s place',
    damage: () => ({ 'output/prod/search': null }),
    make: ({ dir, git }) => {
      git('init', '--quiet', 'output/prod/search');
      git('-C', join(dir, 'output/prod/search'), 'commit', '--quiet', '--allow-empty', '--message=Inside');
      // The files that were there before go from the index first.
      git('add', '--all');
    },
    code: 4,
    told: [[`${foreign} search`, 'output/prod/search']],
    changed: [],
  },
  ...['output/prod/Search/rbac.yaml', 'output/prod/search/RBAC.yaml', 'output/Prod/search/rbac.yaml'].map(
    (path): Case => ({
      name: `a foreign file at ${path}`,
      damage: () => ({ [path]: 'kind: Mine\n' }),
      config: keep,
      code: 4,
      told: [[`${collision} search`, path, search]],
      changed: [],
    }),
  ),
  {
    name: 'the same where nothing is rendered yet',
    damage: () => ({ 'output/prod/search': null, 'output/prod/SEARCH/rbac.yaml': 'kind: Mine\n' }),
    code: 4,
    told: [[`${collision} search`, 'output/prod/SEARCH/rbac.yaml', search]],
    changed: [],
  },
  {
    name: 'an unparsable file of ours that differs from another by case',
    damage: (text) => ({ 'output/prod/search/Rbac.yaml': text.replace('subjects:', 'subject:') }),
    code: 4,
    told: [[`${collision} search`, 'output/prod/search/Rbac.yaml', search]],
    changed: [],
  },
  {
    name: 'a link that differs from a folder by case',
    damage: () => ({ 'output/prod/search': null, 'output/prod/Search': '->../../clusters' }),
    code: 4,
    told: [[`${foreign} search`, 'output/prod/Search']],
    changed: [],
  },
  {
    name: 'a file of ours that only changed case',
    damage: (text) => ({ [search]: null, 'output/prod/Search/rbac.yaml': text }),
    code: 0,
    changed: ['D output/prod/Search/rbac.yaml', `A ${search}`],
  },
  {
    name: 'a namespace’s file that vanished',
    damage: () => ({ 'clusters/prod/others.yaml': null }),
    code: 0,
    changed: ['D output/prod/labs/rbac.yaml', 'D output/prod/reports/rbac.yaml', ...searchGoesOn],
  },
  {
    name: 'a namespace’s file that does not parse',
    damage: () => ({ 'clusters/prod/others.yaml': 'kind: [\n' }),
    code: 3,
    told: [['INVENTORY_UNREADABLE -', 'clusters/prod/others.yaml']],
    changed: searchGoesOn,
  },
  {
    name: 'a namespace’s file that became a link',
    damage: () => ({ 'clusters/prod/others.yaml': '->namespaces.yaml' }),
    code: 3,
    told: [['INVENTORY_UNREADABLE -', 'clusters/prod/others.yaml']],
    changed: searchGoesOn,
  },
  {
    name: 'all of a cluster’s files that vanished',
    damage: () => ({ 'clusters/dev/namespaces.yaml': null }),
    code: 3,
    told: [['INVENTORY_NO_MATCH -', 'clusters/dev/*.yaml']],
    changed: searchGoesOn,
  },
  {
    name: 'a cluster that left the config',
    config: (text) => text.replace(/ {2}- \{name: dev.*\n/, ''),
    code: 0,
    changed: ['D output/dev/reports/rbac.yaml', ...searchGoesOn],
  },
  {
    name: 'a role that left the config',
    config: (text) => text.replace(/ {2}- athenzRole: k8s_ns_viewers\n.*\n/, ''),
    code: 0,
    changed: [
      'M output/dev/reports/rbac.yaml',
      ...['labs', 'payments-api', 'payments-web', 'reports', 'search'].map((name) => `M output/prod/${name}/rbac.yaml`),
    ],
  },
  {
    name: 'a cluster that left, and a limit on what may go with it',
    damage: (text) => ({ 'output/old/search/rbac.yaml': text }),
    config: (text) => text.replace('limits:', 'limits:\n  maxRemovedGrants: {percent: 0, floor: 0}'),
    code: 4,
    told: [['LIMIT_REMOVED_GRANTS search', 'old']],
    changed: searchGoesOn,
  },
];

for (const { name, damage, make, config, code, told = [], changed } of cases) {
  test(`${name}: render and sync do the same about it, exit ${code}`, async () => {
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
        told.map(([what]) => what),
      );
      for (const [index, [, ...names]] of told.entries()) {
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
