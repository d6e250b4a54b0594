import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunResult } from '../../src/model/result.ts';
import type { Fault } from '../../src/sandbox/fault.ts';
import { fingerprint, refsOf } from '../support/repository.ts';
import { merge, openStage, type Stage } from '../support/stage.ts';

const branch = 'athenz-gitops/main/prod';
const noLimits = (text: string) => text.replace(/limits:\n.*\n/, '');

const faults: readonly (readonly [name: string, fault: Fault, code: string])[] = [
  ['500', status(500), 'ZMS_UNAVAILABLE'],
  ['401', status(401), 'ZMS_UNAUTHENTICATED'],
  ['403', status(403), 'ZMS_FORBIDDEN'],
  ['404', status(404), 'ZMS_NOT_FOUND'],
  ['429', status(429), 'ZMS_QUOTA'],
  ['an empty answer', { kind: 'status', status: 200, body: '', contentType: 'application/json' }, 'ZMS_BAD_RESPONSE'],
  ['half an answer', { kind: 'truncate' }, 'ZMS_BAD_RESPONSE'],
  ['a connection that breaks', { kind: 'reset-mid-body' }, 'ZMS_UNREACHABLE'],
  ['a document that is not signed by ZMS', status(200, forged()), 'ZMS_SIGNATURE'],
];

test('one document that cannot be read keeps the access it gives, exit 3, and everything else is proposed', async (t) => {
  await using stage = await openStage({ rendered: true });
  stage.setRole('acme.eks.search', 'k8s_ns_admins', ['user.nell']);
  stage.setRole('acme.eks.checkout', 'k8s_ns_admins', ['user.lena', 'user.omar']);
  for (const [name, fault, code] of faults) {
    await t.test(name, async () => {
      fail(stage, '/acme.eks.search/signed', fault);
      const { plan, proposals, domains } = await sync(stage, 3);
      assert.deepEqual(
        plan.changes.map((change) => `${change.kind} ${change.namespace}`),
        ['gain checkout'],
      );
      assert.deepEqual(
        plan.kept.map((kept) => `${kept.namespace} ${kept.role} ${kept.problem.code}`),
        ['k8s_ns_admins', 'k8s_ns_viewers', 'oncall'].map((role) => `search ${role} ${code}`),
      );
      assert.deepEqual([domains.unknown, proposals.length], [1, 1]);
      assert.equal(stage.git('diff', '--name-only', 'main', branch), 'output/prod/checkout/rbac.yaml');
    });
  }
  await t.test('and once it can be read, the rest is proposed', async () => {
    stage.sandbox.intercept(undefined);
    await sync(stage, 0);
    assert.equal(stage.git('diff', '--name-only', 'main', branch).split('\n').length, 2);
  });
});

test('a group or a delegation that cannot be read keeps every role that relies on it', async () => {
  await using stage = await openStage({ rendered: true });
  stage.sandbox.update(({ domains: { 'acme.org': _, ...domains } }) => ({
    domains: { ...domains, 'acme.org': { groups: {} } },
  }));
  fail(stage, '/acme.org/signed', status(503));
  const { plan } = await sync(stage, 3);
  assert.deepEqual(plan.changes, []);
  assert.ok(plan.kept.some((kept) => kept.namespace === 'payments-api' && kept.role === 'k8s_ns_admins'));
  assert.ok(plan.kept.some((kept) => kept.namespace === 'search' && kept.role === 'oncall'));
  assert.deepEqual(plan.files, []);
});

test('a role that cannot be read and is not in git yet is not rendered at all', async () => {
  await using stage = await openStage();
  fail(stage, '/acme.eks.search/signed', status(500));
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
    fail(stage, '/signed', status(500));
    const before = await fingerprint(stage.dir);
    const { err, out } = await stage.expect(1, [command]);
    assert.match(err, /^error: ZMS_NOTHING_READ: none of 5 domain documents could be read\. ZMS_UNAVAILABLE: /);
    assert.equal(out, '');
    assert.deepEqual(await fingerprint(stage.dir), before);
  });
}

const lists: readonly (readonly [name: string, fault: Fault])[] = [
  ['refused', status(403)],
  ['cut off', { kind: 'truncate' }],
  ['empty', status(200, JSON.stringify({ domains: [] }))],
  ['not a list', status(200, '{}')],
  ['a page of something else', status(200, '<html>')],
];
for (const [name, fault] of lists) {
  test(`a list of domains that is ${name} is never "they are all gone": exit 1 and nothing is done`, async () => {
    await using stage = await openStage({ rendered: true, config: noLimits });
    fail(stage, '/sys/modified_domains', fault);
    const before = await fingerprint(stage.dir);
    const { err } = await stage.expect(1, ['sync']);
    assert.match(err, /^error: ZMS_/);
    assert.deepEqual(await fingerprint(stage.dir), before);
  });
}

test('a domain that the list lacks is removed once a second look says 404', async () => {
  await using stage = await openStage({ rendered: true, config: noLimits });
  stage.removeDomain('acme.eks.checkout');
  const { plan } = await sync(stage, 0);
  assert.deepEqual(
    plan.changes.map((change) => (change.kind === 'lose' ? `${change.subject.name} ${change.reason}` : change.kind)),
    ['user.lena domain-absent'],
  );
  assert.equal(looks(stage, 'acme.eks.checkout'), 1);
  merge(stage.dir, branch);
  await sync(stage, 0);
  // Nothing is granted from it any more, so nobody asks again.
  assert.equal(looks(stage, 'acme.eks.checkout'), 1);
});

const stillThere: readonly (readonly [name: string, fault: Fault, code: string])[] = [
  ['says it is still there', status(200, '{"name":"acme.eks.checkout"}'), 'ZMS_STALE'],
  ['fails', status(500), 'ZMS_UNAVAILABLE'],
  ['is refused', status(403), 'ZMS_FORBIDDEN'],
  ['is answered with a 404 that is not of ZMS', status(404, '<html>not found'), 'ZMS_NOT_FOUND'],
];
test('a domain that the list lacks keeps its access, exit 3, when the second look does not confirm it', async (t) => {
  await using stage = await openStage({ rendered: true, config: noLimits });
  stage.removeDomain('acme.eks.checkout');
  for (const [name, fault, code] of stillThere) {
    await t.test(name, async () => {
      fail(stage, '/domain/acme.eks.checkout', fault);
      const { plan } = await sync(stage, 3);
      assert.deepEqual(plan.files, []);
      assert.deepEqual(
        [...new Set(plan.kept.map((kept) => `${kept.namespace} ${kept.problem.code}`))],
        [`checkout ${code}`],
      );
      assert.doesNotMatch(refsOf(stage.dir), /athenz-gitops/);
    });
  }
});

test('a domain that was never there costs no second look', async () => {
  await using stage = await openStage();
  await sync(stage, 0);
  assert.equal(looks(stage, 'acme.eks.labs'), 0);
});

test('a proposal that waits stays as it is while what it is about cannot be read', async () => {
  await using stage = await openStage({ rendered: true });
  stage.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  await sync(stage, 0);
  const before = refsOf(stage.dir);
  fail(stage, '/acme.eks.search/signed', status(500));
  const { proposals } = await sync(stage, 3);
  assert.deepEqual([proposals[0]?.action, proposals[0]?.reason], ['leave', 'something could not be read']);
  assert.equal(refsOf(stage.dir), before);
});

test('what is held back counts more than what could not be read, and a failure more than both', async () => {
  await using stage = await openStage({ rendered: true });
  await stage.commit({ 'output/prod/README.md': 'Mine\n' });
  stage.setRole('acme.eks.checkout', 'k8s_ns_admins', ['user.lena', 'user.omar']);
  fail(stage, '/acme.eks.search/signed', status(500));
  const { plan } = await sync(stage, 4);
  assert.deepEqual([plan.held.length, plan.kept.length], [1, 3]);
  stage.git('branch', '--delete', '--force', branch);
  await stage.write({ [`.git/refs/heads/${branch}.lock`]: '' });
  await sync(stage, 1);
});

function status(code: number, body?: string): Fault {
  const words = JSON.stringify({ code, message: 'no' });
  return { kind: 'status', status: code, body: body ?? words, contentType: 'application/json' };
}

/** As ZMS answers, signed by nobody. */
function forged(): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const payload = { name: 'acme.eks.search', modified: '2099-01-01T00:00:00.000Z', roles: [], groups: [] };
  return JSON.stringify({
    payload: encode(payload),
    protected: encode({ kid: '0', alg: 'ES256' }),
    header: { kid: '0' },
    signature: 'A'.repeat(86),
  });
}

function fail(stage: Stage, path: string, fault: Fault): void {
  stage.sandbox.intercept((request) => (request.path.endsWith(path) ? fault : undefined));
}

function looks({ sandbox }: Stage, domain: string): number {
  return sandbox.requests.filter(({ path }) => path.endsWith(`/domain/${domain}`)).length;
}

async function sync(stage: Stage, code: number): Promise<RunResult> {
  return JSON.parse((await stage.expect(code, ['sync', '--json'])).out);
}
