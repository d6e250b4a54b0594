import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type CopiesWorld, configMap, planCopies, syncFile } from '../../support/copies.ts';

const all = [{ namespace: '*' }];
const cm = (name: string) => ({ group: '', kind: 'ConfigMap', name });
const clusters = ['dev', 'prod'];

/** The copies of two clusters with one namespace, as `cluster/name`, with the text of each. */
async function copiesOf(world: Pick<CopiesWorld, 'files' | 'config'>) {
  const { copies, merged, plan, codes } = await planCopies({ clusters, namespaces: ['a'], ...world });
  const texts = copies.map((path) => {
    const [, cluster, name] = /^copies\/(\w+)\/a\/configmap\.(\w+)\.yaml$/.exec(path) ?? [];
    return [`${cluster}/${name}`, /key: "(.*)"/.exec(merged[path] ?? '')?.[1]] as const;
  });
  return { texts: Object.fromEntries(texts), plan, codes };
}

const x = { 'in/x.yaml': syncFile('x', cm('x'), all) };
const sources = ['from/*.yaml', 'from/{cluster}/*.yaml'];
const own = {
  'from/dev/x.yaml': configMap('x', 'default', { key: 'dev' }),
  'from/prod/x.yaml': configMap('x', 'default', { key: 'prod' }),
};

interface Case extends Pick<CopiesWorld, 'files' | 'config'> {
  readonly what: string;
  /** `cluster/name` → the text of its key. */
  readonly texts: Readonly<Record<string, string>>;
  readonly codes?: readonly string[];
}

const cases: readonly Case[] = [
  {
    what: 'a cluster has the sources of its own folder',
    config: { syncs: ['in/*.yaml'], sources },
    files: { ...x, ...own },
    texts: { 'dev/x': 'dev', 'prod/x': 'prod' },
  },
  {
    what: 'a pattern without {cluster} is for all',
    config: { syncs: ['in/*.yaml'], sources },
    files: { ...x, 'from/x.yaml': configMap('x', 'default', { key: 'both' }) },
    texts: { 'dev/x': 'both', 'prod/x': 'both' },
  },
  {
    what: 'a source for all and one of a cluster are two of that cluster alone',
    config: { syncs: ['in/*.yaml'], sources },
    files: {
      ...x,
      'from/x.yaml': configMap('x', 'default', { key: 'both' }),
      'from/dev/x.yaml': own['from/dev/x.yaml'],
    },
    texts: { 'prod/x': 'both' },
    codes: ['COPY_SOURCE_AMBIGUOUS'],
  },
  {
    what: 'a cluster has the ObjectSyncs of its own folder, and those for all',
    config: { syncs: ['in/*.yaml', 'in/{cluster}/*.yaml'], sources: ['from/*.yaml'] },
    files: {
      'from/all.yaml': ['x', 'y', 'z'].map((name) => configMap(name)).join('\n---\n'),
      ...x,
      'in/dev/y.yaml': syncFile('y', cm('y'), all),
      'in/prod/z.yaml': syncFile('z', cm('z'), all),
    },
    texts: { 'dev/x': 'value', 'dev/y': 'value', 'prod/x': 'value', 'prod/z': 'value' },
  },
  {
    what: 'two clusters may each have an ObjectSync of one name',
    config: { syncs: ['in/{cluster}/*.yaml'], sources: ['from/*.yaml'] },
    files: {
      'from/all.yaml': ['x', 'y'].map((name) => configMap(name)).join('\n---\n'),
      'in/dev/s.yaml': syncFile('s', cm('x'), all),
      'in/prod/s.yaml': syncFile('s', cm('y'), all),
    },
    texts: { 'dev/x': 'value', 'prod/y': 'value' },
  },
  {
    what: '{cluster} in the name of a file, and twice',
    config: { syncs: ['in/*.yaml'], sources: ['from/{cluster}/{cluster}-*.yaml'] },
    files: { ...x, 'from/dev/dev-x.yaml': own['from/dev/x.yaml'], 'from/dev/prod-x.yaml': own['from/prod/x.yaml'] },
    texts: { 'dev/x': 'dev' },
  },
  {
    what: 'an exclusion of sources, wherever it stands',
    config: { syncs: ['in/*.yaml'], sources: ['!from/old*.yaml', 'from/*.yaml'] },
    files: { ...x, 'from/x.yaml': configMap('x'), 'from/old-x.yaml': configMap('x', 'default', { key: 'old' }) },
    texts: { 'dev/x': 'value', 'prod/x': 'value' },
  },
  {
    what: 'an exclusion of ObjectSyncs',
    config: { syncs: ['in/**/*.yaml', '!in/drafts/**'], sources: ['from/*.yaml'] },
    files: { ...x, 'from/x.yaml': configMap('x'), 'in/drafts/y.yaml': syncFile('y', cm('x'), [{ namespace: 'nope' }]) },
    texts: { 'dev/x': 'value', 'prod/x': 'value' },
  },
  {
    what: 'an exclusion for one cluster',
    config: { syncs: ['in/*.yaml', '!in/not-in-{cluster}.yaml'], sources: ['from/*.yaml'] },
    files: { 'in/not-in-dev.yaml': x['in/x.yaml'], 'from/x.yaml': configMap('x') },
    texts: { 'prod/x': 'value' },
  },
  {
    what: 'an excluded file need not be readable',
    config: { syncs: ['in/*.yaml', '!in/broken.yaml'], sources: ['from/*.yaml', '!from/chart.yaml'] },
    files: { ...x, 'in/broken.yaml': '{', 'from/x.yaml': configMap('x'), 'from/chart.yaml': '{{ .Values }}' },
    texts: { 'dev/x': 'value', 'prod/x': 'value' },
  },
];

describe('patterns of files', () => {
  for (const { what, texts, codes = [], ...world } of cases) {
    test(what, async () => {
      const planned = await copiesOf(world);
      assert.deepEqual([planned.texts, planned.codes], [texts, codes]);
    });
  }

  test('a file that one cluster alone has keeps the copies of that cluster alone', async () => {
    const config = { syncs: ['in/{cluster}/*.yaml'], sources: ['from/*.yaml'] };
    const files = {
      'from/x.yaml': configMap('x'),
      'in/dev/x.yaml': x['in/x.yaml'],
      'in/prod/x.yaml': x['in/x.yaml'],
    };
    const { merged } = await planCopies({ clusters, namespaces: ['a'], config, files });
    const { 'in/prod/x.yaml': _, ...left } = merged;
    const { copies, codes } = await planCopies({
      clusters,
      namespaces: ['a'],
      config,
      files: { ...left, 'in/dev/x.yaml': '{' },
    });
    assert.deepEqual([copies, codes], [['copies/dev/a/configmap.x.yaml'], ['COPY_SYNC_INVALID']]);
  });

  test('a pattern of ObjectSyncs without a file is reported for the cluster that lacks one', async () => {
    const config = { syncs: ['in/{cluster}/*.yaml'], sources: ['from/*.yaml'] };
    const files = { 'from/x.yaml': configMap('x'), 'in/dev/x.yaml': x['in/x.yaml'] };
    const { plan } = await copiesOf({ config, files });
    assert.deepEqual(plan.notes['skipped'], [
      { cluster: 'prod', reason: 'copies.syncs: no file matches in/prod/*.yaml' },
    ]);
  });

  for (const key of ['syncs', 'sources']) {
    test(`${key} that only exclude are refused`, async () => {
      await assert.rejects(planCopies({ files: {}, config: { [key]: ['!in/**'] } }), /must include files/);
    });
  }
});
