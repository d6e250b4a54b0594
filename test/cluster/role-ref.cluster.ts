import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openFixture } from '../support/fixture.ts';
import { readFiles } from '../support/generated.ts';
import { rendered } from '../support/rendered.ts';
import { denied, deniedDuring, settle } from './support/access.ts';
import type { Api } from './support/api.ts';
import { openCluster } from './support/cluster.ts';
import { apply, kubectl, modes } from './support/kubectl.ts';
import { clearNamespaces } from './support/namespaces.ts';
import { type ObjectList, type RbacObject, rbac } from './support/objects.ts';

const namespace = 'search';
const bindings = `${rbac}/namespaces/${namespace}/rolebindings`;
/** The members of the role `oncall`, and access that both its rules and `view` allow. */
const members = ['user.finn', 'user.gil', 'user.hana'];
const questions = members.map((user) => ({ user, namespace, verb: 'list', group: '', resource: 'pods' }));

let api: Api;
before(async () => {
  api = await openCluster();
});
after(() => api[Symbol.asyncDispose]());

for (const mode of modes) {
  test(`switching rules to a ClusterRole and back leaves no gap, applied ${mode}`, async () => {
    await using fixture = await openFixture({ uncommitted: true });
    const render = async () => {
      await fixture.expect(0, ['render', '--quiet']);
      const files = await readFiles(fixture.dir, `output/prod/${namespace}`);
      const role = rendered(files).find((it) => it.role === 'oncall');
      assert.deepEqual(
        role?.subjects.map(({ name }) => name),
        members,
      );
      return role?.bindingName ?? '';
    };
    const applyAll = () => apply(mode, join(fixture.dir, 'output', 'prod', namespace));
    await clearNamespaces(api, [namespace]);
    const first = await render();
    await applyAll();
    await settle(api);
    assert.deepEqual(await denied(api, questions), []);

    const switchTo = async (text: string, kind: string, before: string) => {
      await fixture.editConfig((config) => config.replace(/(?<=- athenzRole: oncall\n)(?: {4}.*\n)+/, text));
      const after = await render();
      assert.deepEqual(await deniedDuring(api, questions, applyAll), []);
      // Both bindings exist until the GitOps controller prunes the old one.
      assert.deepEqual((await bindingKinds([before, after])).get(after), kind);
      assert.equal((await bindingKinds([before, after])).size, 2);
      await settle(api);
      const prune = () => kubectl('delete', 'rolebinding', before, `--namespace=${namespace}`);
      assert.deepEqual(await deniedDuring(api, questions, prune), []);
      await settle(api);
      assert.deepEqual(await denied(api, questions), []);
      return after;
    };
    const second = await switchTo('    clusterRole: view\n', 'ClusterRole', first);
    const third = await switchTo(
      '    rules:\n      - {apiGroups: [""], resources: [pods], verbs: [list]}\n',
      'Role',
      second,
    );
    assert.equal(third, first);
  });
}

/** The existing ones of these bindings, with the kind of their roleRef. */
async function bindingKinds(names: readonly string[]): Promise<ReadonlyMap<string, string | undefined>> {
  const { items } = await api.get<ObjectList<RbacObject>>(bindings);
  const found = items.filter(({ metadata }) => names.includes(metadata.name));
  return new Map(found.map(({ metadata, roleRef }) => [metadata.name, roleRef?.kind]));
}
