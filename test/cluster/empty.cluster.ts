import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { RenderedRole } from '../../src/model/manifest.ts';
import { makeFolder } from '../support/folder.ts';
import { projectRoot } from '../support/generated.ts';
import { rendered } from '../support/rendered.ts';
import { denied, settle } from './support/access.ts';
import type { Api } from './support/api.ts';
import { openCluster } from './support/cluster.ts';
import { apply, kubectl, modes } from './support/kubectl.ts';
import { clearNamespaces } from './support/namespaces.ts';
import { type RbacObject, rbac, subjectNames } from './support/objects.ts';

// A namespace without an Athenz domain: its roles have no members.
const file = join(projectRoot, 'output', 'prod', 'labs', 'rbac.yaml');
const text = await readFile(file, 'utf8');
const roles = rendered(new Map([[file, text]]));
const oldAccess = { user: 'user.old', namespace: 'labs', verb: 'get', group: '', resource: 'pods' };

let api: Api;
before(async () => {
  api = await openCluster();
});
after(() => api[Symbol.asyncDispose]());

for (const mode of modes) {
  test(`an empty role removes subjects bound by another tool, applied ${mode}`, async () => {
    await bindOldUser();
    await applyText(mode, text);
    for (const { bindingName } of roles) assert.deepEqual(await boundTo(bindingName), []);
    await settle(api);
    assert.deepEqual(await denied(api, [oldAccess]), [oldAccess]);
  });

  test(`a manifest without a subjects key removes no subject, applied ${mode}`, async () => {
    await bindOldUser();
    const without = text.replaceAll(/^subjects: \[\]\n/gm, '');
    assert.notEqual(without, text);
    await applyText(mode, without);
    for (const { bindingName } of roles) assert.deepEqual(await boundTo(bindingName), ['user.old']);
    await settle(api);
    assert.deepEqual(await denied(api, [oldAccess]), []);
  });
}

/** Creates all rendered objects with kubectl, bound to another user. */
async function bindOldUser(): Promise<void> {
  await clearNamespaces(api, ['labs']);
  assert.ok(roles.every(({ subjects }) => subjects.length === 0));
  for (const { bindingName, roleRef } of roles) {
    if (roleRef.kind === 'Role') {
      await kubectl('create', 'role', roleRef.name, '--namespace=labs', '--verb=get', '--resource=pods');
    }
    const flag = roleRef.kind === 'Role' ? 'role' : 'clusterrole';
    const ref = `--${flag}=${roleRef.name}`;
    await kubectl('create', 'rolebinding', bindingName, '--namespace=labs', ref, '--user=user.old');
  }
  await settle(api);
  assert.deepEqual(await denied(api, [oldAccess]), []);
}

async function applyText(mode: (typeof modes)[number], manifests: string): Promise<void> {
  await using folder = await makeFolder();
  await writeFile(join(folder.dir, 'rbac.yaml'), manifests);
  await apply(mode, folder.dir);
}

async function boundTo(name: RenderedRole['bindingName']): Promise<readonly string[]> {
  return subjectNames(await api.get<RbacObject>(`${rbac}/namespaces/labs/rolebindings/${name}`));
}
