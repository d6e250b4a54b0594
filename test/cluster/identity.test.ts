import assert from 'node:assert/strict';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { identify, identityFile, remember } from '../../src/cluster/identity.ts';
import { serverError } from '../support/kube/fault.ts';
import { type KubeFixture, openKubeFixture } from '../support/kube/fixture.ts';
import { writeFiles } from '../support/repository.ts';

const other = '6d3c1c62-9b6e-4a2f-8c63-0f6a4e1d2b3c';
const scope = ['https://zms/zms/v1', 'eks.{namespace}'];
const fileOf = ({ dir }: KubeFixture) => identityFile(join(dir, 'cache'), 'prod', scope);

test('a cluster is recognized by its remembered uid', async () => {
  await using fixture = await openKubeFixture();
  const session = await fixture.open();
  const file = fileOf(fixture);
  for (let run = 0; run < 2; run++) {
    const uid = await identify(session, { file, pinned: null });
    assert.deepEqual(uid, { kind: 'value', value: fixture.kube.uid });
    await remember(file, fixture.kube.uid);
  }
  assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), { uid: fixture.kube.uid });
  assert.deepEqual((await readdir(dirname(file))).length, 1);
  assert.deepEqual(
    fixture.kube.requests.map(({ path }) => path),
    Array(2).fill('/api/v1/namespaces/kube-system'),
  );
});

for (const [what, remembered, pinned, expected] of [
  ['another cluster than the last run used', other, null, /the last run's had 6d3c1c62/],
  ['another cluster than the config pins', undefined, other, /clusters\[\]\.kube\.uid is 6d3c1c62/],
] as const) {
  test(`rejects a context that points to ${what}`, async () => {
    await using fixture = await openKubeFixture();
    const file = fileOf(fixture);
    if (remembered !== undefined) await remember(file, remembered);
    const error = await identify(await fixture.open(), { file, pinned }).catch((it) => it);
    assert.equal(error.code, 'CLUSTER_CHANGED');
    assert.match(
      error.message,
      /^reading cluster prod: the context "reader" points to a cluster whose kube-system has the/,
    );
    assert.ok(error.message.includes(fixture.kube.uid));
    assert.match(error.message, expected);
    assert.ok(error.next.includes(pinned === null ? `remove ${file}` : 'correct clusters[].kube.uid'), error.next);
  });
}

test('the pinned uid takes precedence over the remembered uid', async () => {
  await using fixture = await openKubeFixture();
  const file = fileOf(fixture);
  await remember(file, other);
  const uid = await identify(await fixture.open(), { file, pinned: fixture.kube.uid });
  assert.equal(uid.kind, 'value');
});

test('a uid that is forbidden to read is unknown, not a mismatch', async () => {
  await using fixture = await openKubeFixture();
  for (const pinned of [null, other]) {
    const uid = await identify(await fixture.open('nobody'), { file: undefined, pinned });
    assert.ok(uid.kind === 'unknown');
    assert.equal(uid.problem.code, 'CLUSTER_FORBIDDEN');
    assert.match(uid.problem.message, /^reading the kube-system UID of cluster prod: 403: /);
  }
});

test('an unavailable server is an error', async () => {
  await using fixture = await openKubeFixture();
  fixture.kube.intercept(() => serverError(503));
  await assert.rejects(identify(await fixture.open(), { file: undefined, pinned: null }), {
    code: 'CLUSTER_UNAVAILABLE',
  });
});

for (const corrupt of ['', 'null', '{}', '{"uid":""}', '{"uid":7}', '[', '\0'.repeat(40)]) {
  test(`a corrupt uid file is ignored and rewritten: ${JSON.stringify(corrupt).slice(0, 20)}`, async () => {
    await using fixture = await openKubeFixture();
    const file = fileOf(fixture);
    await writeFiles(dirname(file), { [file.slice(dirname(file).length + 1)]: corrupt });
    assert.equal((await identify(await fixture.open(), { file, pinned: null })).kind, 'value');
    await remember(file, fixture.kube.uid);
    assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), { uid: fixture.kube.uid });
  });
}

test('a failed write of the uid file rejects and leaves no temporary file', async () => {
  await using fixture = await openKubeFixture();
  const file = fileOf(fixture);
  await mkdir(file, { recursive: true });
  await assert.rejects(remember(file, other));
  assert.deepEqual(await readdir(dirname(file)), [file.slice(dirname(file).length + 1)]);
});

test('concurrent writes leave one valid uid file', async () => {
  await using fixture = await openKubeFixture();
  const file = fileOf(fixture);
  await Promise.all(Array.from({ length: 20 }, () => remember(file, other)));
  assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), { uid: other });
  assert.equal((await readdir(dirname(file))).length, 1);
});

test('uid files are unique per cluster, ZMS and domain, and safe as paths', () => {
  const files = [
    identityFile('/m', 'prod', scope),
    identityFile('/m', 'prod', ['https://zms/zms/v1', 'other.{namespace}']),
    identityFile('/m', 'prod', ['https://other/zms/v1', 'eks.{namespace}']),
    identityFile('/m', '../../prod', scope),
  ];
  assert.equal(new Set(files).size, files.length);
  for (const file of files) assert.match(file, /^\/m\/clusters\/[0-9a-f]{32}\.json$/);
});
