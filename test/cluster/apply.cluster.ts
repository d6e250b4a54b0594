import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { loadAll } from 'js-yaml';
import { readFiles } from '../support/generated.ts';
import type { Api } from './support/api.ts';
import { openCluster } from './support/cluster.ts';
import { companies } from './support/companies.ts';
import { apply, modes } from './support/kubectl.ts';
import { clearNamespaces } from './support/namespaces.ts';
import { type ObjectList, type RbacObject, rbac } from './support/objects.ts';

let api: Api;
before(async () => {
  api = await openCluster();
});
after(() => api[Symbol.asyncDispose]());

for (const [name, open] of companies) {
  for (const mode of modes) {
    test(`${name} applies ${mode} as a whole, and again without a write`, async () => {
      await using company = await open();
      const objects = [...(await readFiles(company.dir, '.')).values()].flatMap(
        (text) => loadAll(text) as RbacObject[],
      );
      await clearNamespaces(api, company.namespaces);
      assert.deepEqual([...(await versions(company.namespaces)).keys()], []);

      await apply(mode, company.dir);
      const applied = await versions(company.namespaces);
      assert.deepEqual([...applied.keys()].sort(), objects.map(keyOf).sort());

      await apply(mode, company.dir);
      assert.deepEqual(await versions(company.namespaces), applied);
    });
  }
}

/** The version of every Role and RoleBinding in these namespaces: any write is another one. */
async function versions(namespaces: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const [kind, plural] of [
    ['Role', 'roles'],
    ['RoleBinding', 'rolebindings'],
  ] as const) {
    const { items } = await api.get<ObjectList<RbacObject>>(`${rbac}/${plural}`);
    for (const { metadata } of items) {
      if (namespaces.includes(metadata.namespace)) found.set(keyOf({ kind, metadata }), metadata.resourceVersion);
    }
  }
  return found;
}

function keyOf({ kind, metadata: { namespace, name } }: Pick<RbacObject, 'kind' | 'metadata'>): string {
  return `${kind} ${namespace}/${name}`;
}
