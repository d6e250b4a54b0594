import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { DriftResult } from '../../src/model/drift.ts';
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
  test(`the sample, applied ${mode}, is in sync, and the server agrees`, async () => {
    await using fixture = await openDriftFixture(api, reader, mode);
    const result = await fixture.drift(0, ['--probe', '50']);
    assert.deepEqual([result.clusters[0]?.bindings, result.clusters[0]?.inSync, result.unread], [18, 18, []]);
    assertAgreed(result);
  });

  test(`what people do to what was applied ${mode} is told, each by its state and its writer, until it is put back`, async () => {
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
    // What is as it should be is, whatever is beside it.
    assertAgreed(result);

    // As drift says: a roleRef cannot be changed in place, and no engine deletes an orphan.
    const inTheWay = ({ how, state }: (typeof handChanges)[number]) => state === 'orphan' || how === 'replace --force';
    for (const { namespace, binding } of handChanges.filter(inTheWay))
      await kubectl('delete', 'rolebinding', nameOf(namespace, binding), `--namespace=${namespace}`);
    await fixture.apply();
    assertAgreed(await fixture.drift(0, ['--probe', '50']));
  });

  test(`an engine that applies ${mode} and lags is waited for, until it was there`, async () => {
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

test('a company of sixty namespaces is in sync, and the server agrees', async () => {
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
  assertAgreed(result);
});

function assertAgreed({ probe }: DriftResult): void {
  assert.ok(probe !== undefined && probe.grants > 5 && probe.nonGrants > 5, JSON.stringify(probe));
  assert.deepEqual(probe.disagreements, []);
}
