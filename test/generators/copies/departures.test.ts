import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type CopiesWorld, configMap, planCopies, syncFile } from '../../support/copies.ts';

const cm = (name: string) => ({ group: '', kind: 'ConfigMap', name });
const clusters = ['dev', 'prod'];
const marker = (cluster: string) => `copies/${cluster}/athenz-gitops-copies.yaml`;
const path = (cluster: string, namespace: string) => `copies/${cluster}/${namespace}/configmap.x.yaml`;

/** A repository in which all copies of a ConfigMap are merged. */
async function settled(world: Partial<CopiesWorld> = {}, destinations: readonly object[] = [{ namespace: '*' }]) {
  const files = { 'sources/x.yaml': configMap('x'), 'inputs/copies/x.yaml': syncFile('x', cm('x'), destinations) };
  return (await planCopies({ ...world, files })).merged;
}

/** What a plan does, as `remove prod/a: namespace-removed`. */
function changesOf({ plan }: Awaited<ReturnType<typeof planCopies>>): readonly string[] {
  return plan.changes.map(
    ({ effect, cluster, namespace, detail }) => `${effect} ${cluster}/${namespace}: ${detail.reason}`,
  );
}

const inCopies = (files: object) =>
  Object.keys(files)
    .filter((it) => it.startsWith('copies/'))
    .sort();

describe('a cluster that leaves the config', () => {
  test('takes its copies and its marker with it, for that reason', async () => {
    const files = await settled({ clusters });
    const planned = await planCopies({ files, clusters: ['prod'] });
    assert.deepEqual(changesOf(planned), ['remove dev/a: cluster-removed', 'remove dev/b: cluster-removed']);
    assert.deepEqual(inCopies(planned.merged), [path('prod', 'a'), marker('prod'), path('prod', 'b')]);
    assert.deepEqual(planned.codes, []);
  });

  test('takes nothing with it in a run of some clusters', async () => {
    const files = await settled({ clusters });
    const { plan } = await planCopies({ files, clusters: ['prod'], filtered: true });
    assert.deepEqual(plan.files, []);
  });

  test('is limited as any other', async () => {
    const files = await settled({ clusters });
    const config = { limits: { maxRemovedCopies: { percent: 0, floor: 1 } } };
    const { codes, merged } = await planCopies({ files, clusters: ['prod'], config });
    assert.deepEqual(codes, ['LIMIT_REMOVED', 'LIMIT_REMOVED']);
    assert.ok([path('dev', 'a'), path('dev', 'b')].every((it) => merged[it] === files[it]));
  });

  test('leaves foreign files where they are', async () => {
    const files = await settled({ clusters });
    const own = 'copies/dev/a/notes.yaml';
    const { merged } = await planCopies({ files: { ...files, [own]: 'mine: true\n' }, clusters: ['prod'] });
    assert.equal(merged[own], 'mine: true\n');
  });
});

describe('a namespace that leaves the inventory', () => {
  test('takes its copies with it, for that reason', async () => {
    const planned = await planCopies({ files: await settled(), namespaces: ['a'] });
    assert.deepEqual(changesOf(planned), ['remove prod/b: namespace-removed']);
    assert.deepEqual(planned.copies, [path('prod', 'a')]);
  });

  for (const destination of [{ namespaces: ['?'] }, { namespaceSelector: { matchLabels: { tier: 'web' } } }]) {
    test(`takes its copies with it, where ${Object.keys(destination)} chose it`, async () => {
      const web = (name: string) => ({ name, labels: { tier: 'web' } });
      const files = await settled({ namespaces: [web('a'), web('b')] }, [destination]);
      const planned = await planCopies({ files, namespaces: [web('a')] });
      assert.deepEqual(changesOf(planned), ['remove prod/b: namespace-removed']);
    });
  }

  test('and that a destination names is a mistake: its copies stay', async () => {
    const files = await settled({}, [{ namespace: 'a' }, { namespace: 'b' }]);
    const { plan, codes } = await planCopies({ files, namespaces: ['a'] });
    assert.deepEqual([plan.files, codes], [[], ['COPY_NAMESPACE_UNKNOWN']]);
  });

  test('and is only excluded from now on keeps what names it', async () => {
    const files = await settled({}, [{ namespace: 'a' }, { namespace: 'b' }]);
    const { plan, codes } = await planCopies({ files, namespaces: ['a'], excluded: ['b'] });
    assert.deepEqual([plan.files, codes], [[], []]);
  });

  test('and is excluded from now on takes with it what does not', async () => {
    const planned = await planCopies({ files: await settled(), namespaces: ['a'], excluded: ['b'] });
    assert.deepEqual(changesOf(planned), ['remove prod/b: not-asked-for']);
  });
});

describe('the marker', () => {
  test('is not written where it is null', async () => {
    assert.deepEqual(inCopies(await settled({ config: { marker: null } })), [path('prod', 'a'), path('prod', 'b')]);
  });

  test('goes when it becomes null, and comes back, and neither counts as a change', async () => {
    const config = { marker: null };
    const gone = await planCopies({ files: await settled(), config });
    assert.deepEqual(gone.plan.changes, []);
    assert.deepEqual(inCopies(gone.merged), [path('prod', 'a'), path('prod', 'b')]);
    assert.deepEqual((await planCopies({ files: gone.merged, config })).plan.files, []);
    const back = await planCopies({ files: gone.merged });
    assert.deepEqual([back.plan.changes, back.merged], [[], await settled()]);
  });

  test('moves to another namespace in its file', async () => {
    const { plan, merged } = await planCopies({
      files: await settled(),
      config: { marker: { namespace: 'kube-public' } },
    });
    assert.deepEqual([plan.files.map((it) => it.path), plan.changes], [[marker('prod')], []]);
    assert.match(merged[marker('prod')] ?? '', /^ {2}namespace: "kube-public"$/m);
  });

  test('stays where the inventory is incomplete', async () => {
    const problems = [{ code: 'INVENTORY_UNREADABLE', message: 'reading b.yaml' }] as const;
    const { plan } = await planCopies({ files: await settled(), config: { marker: null }, problems });
    assert.deepEqual(plan.files, []);
  });

  test('is not taken over from others', async () => {
    const files = { ...(await settled()), [marker('prod')]: 'mine: true\n' };
    for (const config of [{}, { marker: null }]) {
      const { codes, merged } = await planCopies({ files, config });
      assert.deepEqual([codes, merged[marker('prod')]], [['OUTPUT_FOREIGN'], 'mine: true\n']);
    }
  });
});
