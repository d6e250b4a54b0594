import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openOperatorFixture } from '../support/operator.ts';
import { denied, deniedDuring, settle } from './support/access.ts';
import type { Api } from './support/api.ts';
import { changesDuring } from './support/changes.ts';
import { openCluster } from './support/cluster.ts';
import { apply, modes } from './support/kubectl.ts';
import { clearNamespaces } from './support/namespaces.ts';
import { type RbacObject, subjectNames } from './support/objects.ts';
import {
  bindingAlso,
  identitiesIn,
  pathOf,
  questionsOf,
  writeAsOperator,
  written,
} from './support/operators-cluster.ts';

// Adopts a cluster written by the in-cluster operator: manifests are rendered under the same names.

const namespaces = ['ajktown-api', 'billing'];
const bindings = written.filter(({ kind }) => kind === 'RoleBinding');

let api: Api;
before(async () => {
  api = await openCluster();
});
after(() => api[Symbol.asyncDispose]());

/** Subjects that are no longer in Athenz, but were left bound by the stopped operator. */
for (const stale of [[], ['user.gone', 'user.old']]) {
  for (const mode of modes) {
    test(`operator objects${stale.length ? ' with stale subjects' : ''} are adopted without a gap (${mode})`, async () => {
      await using fixture = await openOperatorFixture();
      await fixture.write({ 'clusters/default/namespaces.yaml': namespaces.map((name) => `- ${name}\n`).join('') });
      const convert = ['init', '--from', '../operator/config.yaml', '--ca', '../operator/certs/ca.pem'];
      for (const args of [convert, ['render']]) assert.equal((await fixture.run(args)).code, 0);
      await clearNamespaces(api, namespaces);
      await writeAsOperator(
        api,
        written.map((object) => bindingAlso(object, stale)),
      );
      await settle(api);
      const before = await identitiesIn(api, namespaces);
      const staying = bindings.flatMap((binding) => questionsOf(binding, subjectNames(binding)));
      const leaving = bindings.flatMap((binding) => questionsOf(binding, stale));
      assert.deepEqual(await denied(api, leaving), []);

      const changes = await changesDuring(api, 'ajktown-api', async () => {
        const work = () => apply(mode, join(fixture.dir, 'output'));
        assert.deepEqual(await deniedDuring(api, staying, work), []);
      });

      // Objects are never recreated, and every intermediate state binds all remaining subjects.
      assert.deepEqual(await identitiesIn(api, namespaces), before);
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
