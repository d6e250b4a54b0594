import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertFinding, diagnose, type Expected } from '../support/diagnosis.ts';
import { makeFolder } from '../support/folder.ts';
import { type KubeFixture, openKubeFixture } from '../support/kube-fixture.ts';

let fixture: KubeFixture;
before(async () => {
  fixture = await openKubeFixture();
});
after(() => fixture[Symbol.asyncDispose]());

const cases: readonly (readonly [name: string, change: (text: string) => string, expected: Expected])[] = [
  [
    'a readable, pinned cluster',
    (text) => text.replace('context: reader', `context: reader, uid: ${fixture.kube.uid}`),
    { check: 'cluster', status: 'ok', says: /^prod: context reader at https:\/\/127\.0\.0\.1:\d+$/ },
  ],
  [
    'a cluster without a pin or a cache',
    (text) => text,
    {
      check: 'cluster',
      status: 'warning',
      says: /athenz\.cache is off/,
      fix: /clusters\[\]\.kube\.uid to [0-9a-f-]{36}$/,
    },
  ],
  [
    'a cluster other than the pinned one',
    (text) => text.replace('context: reader', 'context: reader, uid: 6d3c1c62-9b6e-4a2f-8c63-0f6a4e1d2b3c'),
    { check: 'cluster', status: 'error', says: /^CLUSTER_CHANGED: .*6d3c1c62/, fix: /correct the context/ },
  ],
  [
    'an identity without permissions',
    (text) => text.replace('context: reader', 'context: nobody'),
    { check: 'cluster', status: 'error', says: /^CLUSTER_FORBIDDEN: listing the RoleBindings/, fix: /ClusterRole/ },
  ],
  [
    'an unknown token',
    (text) => text.replace('context: reader', 'context: stranger'),
    { check: 'cluster', status: 'error', says: /^CLUSTER_UNAUTHENTICATED/, fix: /sign in again/ },
  ],
  [
    'an unknown context',
    (text) => text.replace('context: reader', 'context: reeder'),
    {
      check: 'cluster',
      status: 'error',
      says: /^CLUSTER_CONFIG: .*"reeder" \(did you mean "reader"\?\)/,
      fix: /context/,
    },
  ],
];

for (const [name, change, expected] of cases) {
  test(`${name}: ${expected.status}`, async () => {
    const text = fixture.git('show', 'HEAD:athenz-gitops.yaml');
    await fixture.editConfig(() => change(`${text}\n`));
    assertFinding(await diagnose(fixture), expected);
  });
}

test('doctor does not record the cluster', async () => {
  await using folder = await makeFolder();
  await fixture.editConfig((text) => text.replace(/^ {2}cache: .*$/m, `  cache: ${folder.dir}`));
  await diagnose(fixture);
  assert.deepEqual(await readdir(join(folder.dir)), []);
});

test('without kube settings, no cluster is checked', async () => {
  await fixture.editConfig((text) => text.replace(/^ {4}kube: .*\n/m, ''));
  const requestsBefore = fixture.kube.requests.length;
  const { findings } = await diagnose(fixture);
  assert.deepEqual(
    findings.filter(({ check }) => check === 'cluster'),
    [],
  );
  assert.equal(fixture.kube.requests.length, requestsBefore);
});
