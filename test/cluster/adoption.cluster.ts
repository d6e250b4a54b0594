import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadAll } from 'js-yaml';
import type { PolicyRule } from '../../src/model/manifest.ts';
import { openOperatorStage, operatorObjects } from '../support/operator.ts';
import { actionOf, denied, deniedDuring, type Question, settle } from './support/access.ts';
import type { Api } from './support/api.ts';
import { changesDuring } from './support/changes.ts';
import { openCluster } from './support/cluster.ts';
import { apply, modes } from './support/kubectl.ts';
import { clearNamespaces } from './support/namespaces.ts';
import { type ObjectList, type RbacObject, rbac, subjectNames } from './support/objects.ts';

// A cluster that the in-cluster operator filled, taken over by what is rendered under its names.

interface OperatorObject extends RbacObject {
  readonly rules?: readonly PolicyRule[];
}

const namespaces = ['ajktown-api', 'billing'];
/** As it wrote them for the members that Athenz has now. */
const written = loadAll(operatorObjects) as readonly OperatorObject[];
const bindings = written.filter(({ kind }) => kind === 'RoleBinding');

let api: Api;
before(async () => {
  api = await openCluster();
});
after(() => api[Symbol.asyncDispose]());

/** Who is still bound though Athenz has them no more, as the operator stopped before it saw that. */
for (const old of [[], ['user.gone', 'user.old']]) {
  for (const mode of modes) {
    test(`applied ${mode}, objects of the operator ${old.length ? 'with old subjects ' : ''}are adopted without a gap`, async () => {
      await using stage = await openOperatorStage();
      await stage.write({ 'clusters/default/namespaces.yaml': namespaces.map((name) => `- ${name}\n`).join('') });
      const convert = ['init', '--from', '../operator/config.yaml', '--ca', '../operator/certs/ca.pem'];
      for (const args of [convert, ['render']]) assert.equal((await stage.run(args)).code, 0);
      await clearNamespaces(api, namespaces);
      await writeAsOperator(old);
      await settle(api);
      const before = await identities();
      const staying = bindings.flatMap((binding) => questions(binding, subjectNames(binding)));
      const leaving = bindings.flatMap((binding) => questions(binding, old));
      assert.deepEqual(await denied(api, leaving), []);

      const changes = await changesDuring(api, 'ajktown-api', async () => {
        const work = () => apply(mode, join(stage.dir, 'output'));
        assert.deepEqual(await deniedDuring(api, staying, work), []);
      });

      // Never recreated, and each state on the way binds everybody who stays.
      assert.deepEqual(await identities(), before);
      assert.ok(changes.length > 0);
      for (const { type, object } of changes) {
        assert.equal(type, 'MODIFIED');
        const stay = subjectNames(bindings.find(({ metadata }) => metadata.name === object.metadata.name) ?? object);
        assert.ok(new Set(stay).isSubsetOf(new Set(subjectNames(object))));
      }
      await settle(api);
      assert.deepEqual(await denied(api, leaving), leaving);
      assert.deepEqual(await denied(api, staying), []);
      for (const binding of bindings) {
        const bound = subjectNames(await api.get<RbacObject>(pathOf(binding)));
        assert.deepEqual(bound.toSorted(), subjectNames(binding).toSorted());
      }
    });
  }
}

/** It creates by POST, not by apply, and leaves the key out where nobody is bound. */
async function writeAsOperator(old: readonly string[]): Promise<void> {
  for (const object of written) {
    const path = pathOf(object).slice(0, -object.metadata.name.length - 1);
    const more = old.map((name) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }));
    const subjects = [...(object.subjects ?? []), ...more];
    const bound = object.kind === 'RoleBinding' && subjects.length > 0;
    await api.post(`${path}?fieldManager=k8s-athenz-syncer`, bound ? { ...object, subjects } : object);
  }
}

function pathOf({ kind, metadata: { namespace, name } }: RbacObject): string {
  return `${rbac}/namespaces/${namespace}/${kind === 'Role' ? 'roles' : 'rolebindings'}/${name}`;
}

/** What every one of its objects is, whatever is in it. */
async function identities(): Promise<readonly object[]> {
  const lists = await Promise.all(
    namespaces.flatMap((namespace) =>
      ['roles', 'rolebindings'].map((kind) =>
        api.get<ObjectList<RbacObject>>(`${rbac}/namespaces/${namespace}/${kind}`),
      ),
    ),
  );
  return lists.flatMap(({ items }) => items.map(({ metadata: { name, uid }, roleRef }) => ({ name, uid, roleRef })));
}

/** What these users may do by that binding, one thing for each rule of its Role. */
function questions({ metadata: { namespace }, roleRef }: RbacObject, users: readonly string[]): readonly Question[] {
  const role = written.find(({ metadata }) => metadata.namespace === namespace && metadata.name === roleRef?.name);
  return users.flatMap((user) => (role?.rules ?? []).map((rule) => ({ user, namespace, ...actionOf(rule) })));
}
