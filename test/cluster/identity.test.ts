import assert from 'node:assert/strict';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { identify, memoryFile, remember } from '../../src/cluster/identity.ts';
import { serverError } from '../support/kube/fault.ts';
import { type KubeFixture, openKubeFixture } from '../support/kube/fixture.ts';
import { writeFiles } from '../support/repository.ts';

const other = '6d3c1c62-9b6e-4a2f-8c63-0f6a4e1d2b3c';
const place = ['https://zms/zms/v1', 'eks.{namespace}'];
const fileOf = ({ dir }: KubeFixture) => memoryFile(join(dir, 'cache'), 'prod', place);

test('a cluster is remembered, and known again', async () => {
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
  ['another one than the last run', other, null, /the last run's had 6d3c1c62/],
  ['another one than the config asks for', undefined, other, /clusters\[\]\.kube\.uid asks for 6d3c1c62/],
] as const) {
  test(`a context that leads to ${what} is refused, with both uids and a way out`, async () => {
    await using fixture = await openKubeFixture();
    const file = fileOf(fixture);
    if (remembered !== undefined) await remember(file, remembered);
    const error = await identify(await fixture.open(), { file, pinned }).catch((it) => it);
    assert.equal(error.code, 'CLUSTER_CHANGED');
    assert.match(
      error.message,
      /^reading cluster prod: the context "reader" leads to a cluster whose kube-system has the/,
    );
    assert.ok(error.message.includes(fixture.kube.uid));
    assert.match(error.message, expected);
    assert.ok(error.next.includes(pinned === null ? `remove ${file}` : 'correct clusters[].kube.uid'), error.next);
  });
}

test('what the config says counts in place of what is remembered', async () => {
  await using fixture = await openKubeFixture();
  const file = fileOf(fixture);
  await remember(file, other);
  const uid = await identify(await fixture.open(), { file, pinned: fixture.kube.uid });
  assert.equal(uid.kind, 'value');
});

test('a uid that may not be read is unknown, and no other one', async () => {
  await using fixture = await openKubeFixture();
  for (const pinned of [null, other]) {
    const uid = await identify(await fixture.open('nobody'), { file: undefined, pinned });
    assert.ok(uid.kind === 'unknown');
    assert.equal(uid.problem.code, 'CLUSTER_FORBIDDEN');
    assert.match(uid.problem.message, /^asking cluster prod for the uid of its kube-system: 403: /);
  }
});

test('no answer is an error, and nothing is taken for the last run', async () => {
  await using fixture = await openKubeFixture();
  fixture.kube.intercept(() => serverError(503));
  await assert.rejects(identify(await fixture.open(), { file: undefined, pinned: null }), {
    code: 'CLUSTER_UNAVAILABLE',
  });
});

for (const garbage of ['', 'null', '{}', '{"uid":""}', '{"uid":7}', '[', '\0'.repeat(40)]) {
  test(`a memory that says ${JSON.stringify(garbage).slice(0, 20)} is none, and is written anew`, async () => {
    await using fixture = await openKubeFixture();
    const file = fileOf(fixture);
    await writeFiles(dirname(file), { [file.slice(dirname(file).length + 1)]: garbage });
    assert.equal((await identify(await fixture.open(), { file, pinned: null })).kind, 'value');
    await remember(file, fixture.kube.uid);
    assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), { uid: fixture.kube.uid });
  });
}

test('a memory that cannot be written is told to the caller, and leaves nothing behind', async () => {
  await using fixture = await openKubeFixture();
  const file = fileOf(fixture);
  await mkdir(file, { recursive: true });
  await assert.rejects(remember(file, other));
  assert.deepEqual(await readdir(dirname(file)), [file.slice(dirname(file).length + 1)]);
});

test('two runs that remember at once leave one memory, whole', async () => {
  await using fixture = await openKubeFixture();
  const file = fileOf(fixture);
  await Promise.all(Array.from({ length: 20 }, () => remember(file, other)));
  assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), { uid: other });
  assert.equal((await readdir(dirname(file))).length, 1);
});

test('a name stands for one cluster of one Athenz and domain, and is no path', () => {
  const files = [
    memoryFile('/m', 'prod', place),
    memoryFile('/m', 'prod', ['https://zms/zms/v1', 'other.{namespace}']),
    memoryFile('/m', 'prod', ['https://other/zms/v1', 'eks.{namespace}']),
    memoryFile('/m', '../../prod', place),
  ];
  assert.equal(new Set(files).size, files.length);
  for (const file of files) assert.match(file, /^\/m\/clusters\/[0-9a-f]{32}\.json$/);
});
