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

interface Applied extends RbacObject {
  readonly metadata: RbacObject['metadata'] & {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly rules?: readonly object[];
}

let api: Api;
before(async () => {
  api = await openCluster();
});
after(() => api[Symbol.asyncDispose]());

for (const [name, open] of companies) {
  for (const mode of modes) {
    test(`${name} applies ${mode}, and a second apply writes nothing`, async () => {
      await using company = await open();
      const texts = [...(await readFiles(company.dir, '.')).values()];
      const manifests = texts.flatMap((text) => loadAll(text) as Applied[]);
      await clearNamespaces(api, company.namespaces);
      assert.deepEqual(await objectsIn(company.namespaces), []);

      await apply(mode, company.dir);
      const applied = await objectsIn(company.namespaces);
      // Stored exactly as in the manifests, so that no drift is reported.
      assert.deepEqual(fieldsOf(applied), fieldsOf(manifests));

      await apply(mode, company.dir);
      assert.deepEqual(versionsOf(await objectsIn(company.namespaces)), versionsOf(applied));
    });
  }
}

/** Every Role and RoleBinding in these namespaces. */
async function objectsIn(namespaces: readonly string[]): Promise<readonly Applied[]> {
  const kinds = [
    ['Role', 'roles'],
    ['RoleBinding', 'rolebindings'],
  ] as const;
  const lists = await Promise.all(
    kinds.map(async ([kind, plural]) => {
      const { items } = await api.get<ObjectList<Applied>>(`${rbac}/${plural}`);
      return items.map((item) => ({ ...item, kind }));
    }),
  );
  return lists.flat().filter(({ metadata }) => namespaces.includes(metadata.namespace));
}

/** Every write changes the resourceVersion. */
function versionsOf(objects: readonly Applied[]): ReadonlyMap<string, string> {
  return new Map(objects.map((object) => [keyOf(object), object.metadata.resourceVersion]));
}

/** The manifest fields that a server stores; it drops an empty list of subjects. */
function fieldsOf(objects: readonly Applied[]): ReadonlyMap<string, object> {
  const fields = objects.map((object) => {
    const { metadata, rules, roleRef, subjects = [] } = object;
    const role = metadata.annotations['athenz-gitops.io/athenz-role'];
    return [keyOf(object), { role, labels: metadata.labels, rules, roleRef, subjects }] as const;
  });
  return new Map(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function keyOf({ kind, metadata: { namespace, name } }: Applied): string {
  return `${kind} ${namespace}/${name}`;
}
