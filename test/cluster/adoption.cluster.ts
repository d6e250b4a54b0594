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

// A cluster that the in-cluster operator filled, taken over by what is rendered under its names.

const namespaces = ['ajktown-api', 'billing'];
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
      await using fixture = await openOperatorFixture();
      await fixture.write({ 'clusters/default/namespaces.yaml': namespaces.map((name) => `- ${name}\n`).join('') });
      const convert = ['init', '--from', '../operator/config.yaml', '--ca', '../operator/certs/ca.pem'];
      for (const args of [convert, ['render']]) assert.equal((await fixture.run(args)).code, 0);
      await clearNamespaces(api, namespaces);
      await writeAsOperator(
        api,
        written.map((object) => bindingAlso(object, old)),
      );
      await settle(api);
      const before = await identitiesIn(api, namespaces);
      const staying = bindings.flatMap((binding) => questionsOf(binding, subjectNames(binding)));
      const leaving = bindings.flatMap((binding) => questionsOf(binding, old));
      assert.deepEqual(await denied(api, leaving), []);

      const changes = await changesDuring(api, 'ajktown-api', async () => {
        const work = () => apply(mode, join(fixture.dir, 'output'));
        assert.deepEqual(await deniedDuring(api, staying, work), []);
      });

      // Never recreated, and each state on the way binds everybody who stays.
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
