import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ClusterReader } from '../../../src/core/generator.ts';
import { AppError } from '../../../src/model/error.ts';
import { planCopies, syncFile } from '../../support/copies.ts';
import type { Texts } from '../../support/plan-one.ts';

const share = { share: 'yes' };
const selected = { group: '', kind: 'ConfigMap', selector: { matchLabels: share } };
const sync = (more: object = {}) => ({
  'inputs/copies/s.yaml': syncFile('s', { ...selected, ...more }, [{ namespace: 'a' }]),
});
const config = { live: ['ConfigMap'] };

function object(name: string, from: string, labels: object = share) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', labels }, data: { from } };
}
const file = (name: string, labels?: object): Texts => ({
  [`sources/${name}.yaml`]: JSON.stringify(object(name, 'a file', labels)),
});
const live = (...names: readonly string[]) => ({ list: async () => names.map((name) => object(name, 'the cluster')) });

/** Where each copy is from, by its name. */
function origins({ merged, copies }: { readonly merged: Texts; readonly copies: readonly string[] }) {
  return Object.fromEntries(
    copies.map((path) => [
      /configmap\.(.*)\.yaml$/.exec(path)?.[1],
      /^ {2}"?from"?: "(.*)"$/m.exec(merged[path] ?? '')?.[1],
    ]),
  );
}

describe('a selector over files and a cluster', () => {
  test('copies what either has, and of both the file', async () => {
    const files = { ...file('one'), ...file('both'), ...sync() };
    const planned = await planCopies({ files, config, live: live('both', 'two') });
    assert.deepEqual(origins(planned), { one: 'a file', both: 'a file', two: 'the cluster' });
    assert.deepEqual(planned.codes, []);
  });

  test('asks the cluster for these labels alone', async () => {
    const asked: unknown[] = [];
    const list: ClusterReader['list'] = async (query) => {
      asked.push(query);
      return [];
    };
    await planCopies({ files: { ...file('one'), ...sync() }, config, live: { list } });
    assert.deepEqual(asked, [{ group: '', kind: 'ConfigMap', namespace: 'default', labelSelector: 'share=yes' }]);
  });

  test('leaves out what its file no longer labels, though the cluster still does', async () => {
    const files = { ...file('one', {}), ...sync() };
    assert.deepEqual(origins(await planCopies({ files, config, live: live('one', 'two') })), { two: 'the cluster' });
  });

  test('leaves the cluster out where the kind is not read live', async () => {
    const list = async () => assert.fail('the cluster was asked');
    const planned = await planCopies({ files: { ...file('one'), ...sync() }, live: { list } });
    assert.deepEqual(origins(planned), { one: 'a file' });
  });

  test('removes the copies of what neither has any more', async () => {
    const before = await planCopies({ files: { ...file('one'), ...sync() }, config, live: live('two') });
    const { 'sources/one.yaml': _, ...files } = before.merged;
    const after = await planCopies({ files, config, live: live('three') });
    assert.deepEqual(origins(after), { three: 'the cluster' });
    const removed = after.plan.changes.filter(({ effect }) => effect === 'remove').map(({ detail }) => detail);
    assert.deepEqual(
      removed.map(({ object: name, reason }) => [name, reason]),
      [
        ['configmap/one', 'source-removed'],
        ['configmap/two', 'source-removed'],
      ],
    );
  });

  describe('whose cluster cannot be read', () => {
    const fails = (code: 'CLUSTER_FORBIDDEN' | 'CLUSTER_TIMEOUT') => ({
      list: async () => {
        throw new AppError(code, 'listing configmaps of prod');
      },
    });

    for (const code of ['CLUSTER_FORBIDDEN', 'CLUSTER_TIMEOUT'] as const) {
      test(`keeps all copies as they are: ${code}`, async () => {
        const { merged } = await planCopies({ files: { ...file('one'), ...sync() }, config, live: live('two') });
        const edited = JSON.stringify(object('one', 'an edited file'));
        const { 'sources/one.yaml': _, ...removed } = merged;
        for (const files of [merged, removed, { ...merged, 'sources/one.yaml': edited }]) {
          const { plan, codes } = await planCopies({ files, config, live: fails(code) });
          assert.deepEqual(plan.files, []);
          assert.deepEqual(new Set(codes), new Set([code]));
        }
      });
    }

    test('is told when there are no copies yet', async () => {
      const { codes, copies } = await planCopies({
        files: { ...file('one'), ...sync() },
        config,
        live: fails('CLUSTER_TIMEOUT'),
      });
      assert.deepEqual([copies, codes], [[], ['CLUSTER_TIMEOUT']]);
    });
  });

  test('holds up no other ObjectSync', async () => {
    const named = syncFile('n', { group: '', kind: 'ConfigMap', name: 'one' }, [{ namespace: 'b' }]);
    const list = async () => {
      throw new AppError('CLUSTER_TIMEOUT', 'listing configmaps of prod');
    };
    const files = { ...file('one'), ...sync(), 'inputs/copies/n.yaml': named };
    const { copies } = await planCopies({ files, config, live: { list } });
    assert.deepEqual(copies, ['copies/prod/b/configmap.one.yaml']);
  });
});
