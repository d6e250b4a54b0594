import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunResult } from '../../src/model/result.ts';
import type { Fault } from '../../src/sandbox/fault.ts';
import { zmsError } from '../support/faults.ts';
import { fingerprint, refsOf } from '../support/repository.ts';
import { openStage, type Stage } from '../support/stage.ts';

const branch = 'athenz-gitops/main/prod';
const noLimits = (text: string) => text.replace(/limits:\n.*\n/, '');

test('a role that cannot be read and is not in git yet is not rendered at all', async () => {
  await using stage = await openStage();
  fail(stage, '/acme.eks.search/signed', zmsError(500));
  const { plan } = await sync(stage, 3);
  assert.equal(plan.files.length, 5);
  assert.equal(stage.git('ls-tree', '-r', '--name-only', branch, 'output/prod/search'), '');
});

test('a namespace file that cannot be parsed forbids removals, exit 3, and hinders nothing else', async () => {
  await using stage = await openStage({ rendered: true, config: noLimits });
  stage.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  await stage.commit({ 'clusters/prod/namespaces.yaml': '[search, labs]\n', 'clusters/prod/broken.yaml': 'kind: [' });
  const { plan } = await sync(stage, 3);
  assert.deepEqual(
    plan.files.map((file) => `${file.action} ${file.namespace}`),
    ['change search'],
  );
  assert.equal(plan.kept[0]?.problem.code, 'INVENTORY_UNREADABLE');
});

for (const command of ['render', 'plan', 'sync', 'snapshot']) {
  test(`${command}: when no document can be read at all, nothing is done, exit 1`, async () => {
    await using stage = await openStage({ rendered: true });
    fail(stage, '/signed', zmsError(500));
    const before = await fingerprint(stage.dir);
    const { err, out } = await stage.expect(1, [command]);
    assert.match(err, /^error: ZMS_NOTHING_READ: none of 5 domain documents could be read\. ZMS_UNAVAILABLE: /);
    assert.equal(out, '');
    assert.deepEqual(await fingerprint(stage.dir), before);
  });
}

test('a proposal that waits stays as it is while what it is about cannot be read', async () => {
  await using stage = await openStage({ rendered: true });
  stage.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  await sync(stage, 0);
  const before = refsOf(stage.dir);
  fail(stage, '/acme.eks.search/signed', zmsError(500));
  const { proposals } = await sync(stage, 3);
  assert.deepEqual([proposals[0]?.action, proposals[0]?.reason], ['leave', 'something could not be read']);
  assert.equal(refsOf(stage.dir), before);
});

test('what is held back counts more than what could not be read, and a failure more than both', async () => {
  await using stage = await openStage({ rendered: true });
  await stage.commit({ 'output/prod/README.md': 'Mine\n' });
  stage.setRole('acme.eks.checkout', 'k8s_ns_admins', ['user.lena', 'user.omar']);
  fail(stage, '/acme.eks.search/signed', zmsError(500));
  const { plan } = await sync(stage, 4);
  assert.deepEqual([plan.held.length, plan.kept.length], [1, 3]);
  stage.git('branch', '--delete', '--force', branch);
  await stage.write({ [`.git/refs/heads/${branch}.lock`]: '' });
  await sync(stage, 1);
});

function fail(stage: Stage, path: string, fault: Fault): void {
  stage.sandbox.intercept((request) => (request.path.endsWith(path) ? fault : undefined));
}

async function sync(stage: Stage, code: number): Promise<RunResult> {
  return JSON.parse((await stage.expect(code, ['sync', '--json'])).out);
}
