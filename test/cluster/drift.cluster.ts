import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { DriftResult } from '../../src/drift/result.ts';
import { openAcmePlace, recording } from '../support/acme-fixture.ts';
import { statesOf, subjectsOf } from '../support/kube-fixture.ts';
import { serveRecording } from '../support/recording.ts';
import { settle } from './support/access.ts';
import type { Api } from './support/api.ts';
import { openCluster } from './support/cluster.ts';
import { openDriftFixture } from './support/drift-fixture.ts';
import { handChanges } from './support/hand-changes.ts';
import { apply, kubectl, modes } from './support/kubectl.ts';
import { clearCluster } from './support/namespaces.ts';
import { openReader, type Reader } from './support/reader.ts';

let api: Api;
let reader: Reader;
before(async () => {
  api = await openCluster();
  reader = await openReader(api);
});
after(async () => {
  await reader[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});

for (const mode of modes) {
  test(`the sample applied ${mode} is in sync and the probe agrees`, async () => {
    await using fixture = await openDriftFixture(api, reader, mode);
    const result = await fixture.drift(0, ['--probe', '50']);
    assert.deepEqual([result.clusters[0]?.bindings, result.clusters[0]?.inSync, result.unread], [18, 18, []]);
    assertProbeAgrees(result);
  });

  test(`manual changes after a ${mode} apply are reported with state and manager`, async () => {
    await using fixture = await openDriftFixture(api, reader, mode);
    const { items } = JSON.parse(await kubectl('get', 'rolebindings', '--all-namespaces', '--output=json'));
    const nameOf = (namespace: string, binding: string): string => {
      const names: string[] = items.flatMap(({ metadata }: { metadata: { namespace: string; name: string } }) =>
        metadata.namespace === namespace ? [metadata.name] : [],
      );
      return names.find((name) => name.startsWith(binding)) ?? binding;
    };
    for (const { namespace, binding, make } of handChanges) await make(nameOf(namespace, binding), namespace);
    await settle(api);
    const result = await fixture.drift(5, ['--probe', '50']);
    assert.deepEqual(
      statesOf(result),
      handChanges.map(({ namespace, binding, state }) => `${namespace}/${binding}: ${state}`),
    );
    for (const [index, { how, manager, subjects }] of handChanges.entries()) {
      const found = result.bindings[index];
      assert.equal(found?.written?.manager, manager, how);
      assert.deepEqual(
        found?.subjects.map(({ subject, live }) => `${live ? '+' : '-'}${subject.name}`),
        subjects,
        how,
      );
    }
    // The probe covers the bindings that are still in sync.
    assertProbeAgrees(result);

    // A roleRef is immutable, and no GitOps controller deletes an orphan.
    const mustBeDeleted = ({ how, state }: (typeof handChanges)[number]) =>
      state === 'orphan' || how === 'replace --force';
    for (const { namespace, binding } of handChanges.filter(mustBeDeleted))
      await kubectl('delete', 'rolebinding', nameOf(namespace, binding), `--namespace=${namespace}`);
    await fixture.apply();
    assertProbeAgrees(await fixture.drift(0, ['--probe', '50']));
  });

  test(`drift waits for the merge, then for the GitOps controller, applied ${mode}`, async () => {
    await using fixture = await openDriftFixture(api, reader, mode);
    fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.eli', 'user.nell']);
    assert.deepEqual(statesOf(await fixture.drift(5)), ['search/athenz-k8s_ns_admins: waiting-for-merge']);
    await fixture.expect(0, ['sync', '--quiet']);
    fixture.git('merge', '--quiet', '--no-ff', '--no-edit', 'athenz-gitops/main/prod');
    const result = await fixture.drift(5);
    assert.deepEqual(statesOf(result), ['search/athenz-k8s_ns_admins: waiting-for-engine']);
    assert.deepEqual(subjectsOf(result), [
      ['user.dara', { athenz: false, git: false, live: true }],
      ['user.eli', { athenz: true, git: true, live: false }],
      ['user.nell', { athenz: true, git: true, live: false }],
    ]);
    fixture.git('reset', '--quiet', '--hard');
    await fixture.apply();
    await fixture.drift(0);
  });
}

test('a company of 60 namespaces is in sync and the probe agrees', async () => {
  await using zms = await serveRecording();
  await using place = await openAcmePlace({ zms });
  assert.equal((await place.run('render', '--quiet')).code, 0);
  place.git('add', '--all');
  place.git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '--message=Access');
  await clearCluster(api, recording.namespaces);
  await apply('server-side', `${place.dir}/output`);
  await settle(api);
  const { code, out, err } = await place.run('drift', '--json', '--probe', '50', '--kubeconfig', reader.kubeconfig);
  assert.equal(code, 0, out + err);
  const result = JSON.parse(out) as DriftResult;
  assert.deepEqual([result.clusters[0]?.namespaces, result.clusters[0]?.inSync, result.unread], [60, 180, []]);
  assertProbeAgrees(result);
});

function assertProbeAgrees({ probe }: DriftResult): void {
  // How many non-grants there are is drawn: of six grants three to nine.
  assert.ok(probe !== undefined && probe.grants > 5 && probe.nonGrants > 2, JSON.stringify(probe));
  assert.deepEqual(probe.disagreements, []);
}
