import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '../../src/sandbox/fault.ts';
import { call } from '../sandbox/client.ts';
import { answer, zmsError } from '../support/faults.ts';
import { type Fixture, openFixture } from '../support/fixture.ts';
import { fingerprint, refsBesideUnread } from '../support/repository.ts';
import type { RunResult } from '../support/result.ts';

const branch = 'athenz-gitops/main/prod';
const noLimits = (text: string) => text.replace(/limits:\n.*\n/, '');

test('an unreadable domain that is not in git yet is not rendered', async () => {
  await using fixture = await openFixture();
  fail(fixture, '/acme.eks.search/signed', zmsError(500));
  const { plan } = await sync(fixture, 3);
  assert.equal(plan.files.length, 5);
  assert.equal(fixture.git('ls-tree', '-r', '--name-only', branch, 'output/prod/search'), '');
});

test('an unparsable namespace file blocks only removals, exit 3', async () => {
  await using fixture = await openFixture({ rendered: true, config: noLimits });
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  await fixture.commit({ 'clusters/prod/namespaces.yaml': '[search, labs]\n', 'clusters/prod/broken.yaml': 'kind: [' });
  const { plan } = await sync(fixture, 3);
  assert.deepEqual(
    plan.files.map((file) => `${file.action} ${file.namespace}`),
    ['change search'],
  );
  assert.equal(plan.kept[0]?.problem.code, 'INVENTORY_UNREADABLE');
});

test('namespaces of a file that cannot be read still follow Athenz, and what is held there stays held', async () => {
  await using fixture = await openFixture({ rendered: true });
  fixture.setRole('acme.eks.search', 'k8s_ns_viewers', ['user.dara']);
  fixture.setRole('acme.eks.payments-api', 'k8s_ns_admins', []);
  await fixture.commit({ 'clusters/prod/namespaces.yaml': 'kind: [' });
  const { plan } = await sync(fixture, 4);
  assert.deepEqual(
    plan.files.map((file) => `${file.action} ${file.namespace}`),
    ['change search'],
  );
  assert.deepEqual(
    plan.held.map(({ code, namespace }) => `${code} ${namespace}`),
    ['LIMIT_NEVER_EMPTY payments-api'],
  );
  assert.deepEqual(
    plan.kept.map(({ problem }) => problem.code),
    ['INVENTORY_UNREADABLE'],
  );
});

test('a service keeps its access elsewhere while the file with its namespace cannot be read', async () => {
  const config = (text: string) => `${noLimits(text)}\nmembers: {services: ServiceAccount}\n`;
  await using fixture = await openFixture({ config, uncommitted: true });
  fixture.setRole('acme.eks.search', 'k8s_ns_viewers', ['acme.eks.payments-api.reader']);
  await fixture.expect(0, ['render', '--quiet']);
  await fixture.commit({}, 'Rendered');
  await fixture.commit({ 'clusters/prod/search.yaml': '[search]\n', 'clusters/prod/namespaces.yaml': 'kind: [' });
  const { plan } = await sync(fixture, 3);
  assert.deepEqual([plan.files, plan.changes], [[], []]);
});

test('a role with a service keeps it where nothing tells the namespaces of the file that cannot be read', async () => {
  const config = (text: string) =>
    `${noLimits(text)}\nmembers: {services: ServiceAccount}\noutput: {path: "output/{cluster}/{role}-{namespace}.yaml"}\n`;
  await using fixture = await openFixture({ config, uncommitted: true });
  fixture.setRole('acme.eks.search', 'k8s_ns_viewers', [
    'acme.eks.payments-api.reader',
    'acme.ci.deployer',
    'user.dara',
  ]);
  await fixture.expect(0, ['render', '--quiet']);
  await fixture.commit({}, 'Rendered');
  await fixture.commit({ 'clusters/prod/search.yaml': '[search]\n', 'clusters/prod/namespaces.yaml': 'kind: [' });
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'acme.ci.deployer', 'user.nell']);
  const { plan } = await sync(fixture, 3);
  assert.deepEqual(
    plan.files.map(({ path }) => path),
    ['output/prod/k8s_ns_admins-search.yaml'],
  );
  assert.deepEqual(
    plan.kept.map(({ role = '', problem }) => `${role} ${problem.code}`),
    [' INVENTORY_UNREADABLE', 'k8s_ns_viewers INVENTORY_UNREADABLE'],
  );
});

test('a service of an unknown namespace that no file grants anything keeps no removal from being proposed', async () => {
  const config = (text: string) => `${noLimits(text)}\nmembers: {services: ServiceAccount}\n`;
  await using fixture = await openFixture({ config, uncommitted: true });
  const service = 'acme.eks.elsewhere.reader';
  fixture.setRole('acme.eks.search', 'k8s_ns_viewers', [service, 'user.dara', 'user.eli']);
  await fixture.expect(0, ['render', '--quiet']);
  await fixture.commit({}, 'Rendered');
  await fixture.commit({ 'clusters/prod/broken.yaml': 'kind: [' });
  fixture.setRole('acme.eks.search', 'k8s_ns_viewers', [service, 'user.dara']);
  const { plan } = await sync(fixture, 3);
  assert.deepEqual(
    plan.changes.map(({ kind, ...it }) => [kind, 'subject' in it && it.subject.name]),
    [['lose', 'user.eli']],
  );
});

for (const command of ['render', 'plan', 'sync', 'snapshot']) {
  test(`${command} exits 1 and writes nothing when no domain can be read`, async () => {
    await using fixture = await openFixture({ rendered: true });
    fail(fixture, '/signed', zmsError(500));
    const before = await fingerprint(fixture.dir);
    const { err, out } = await fixture.expect(1, [command]);
    assert.match(err, /^error: ZMS_NOTHING_READ: none of 5 domain documents could be read\. ZMS_UNAVAILABLE: /);
    assert.equal(out, '');
    assert.deepEqual(await fingerprint(fixture.dir), before);
  });
}

test('an open proposal stays unchanged while its domain cannot be read', async () => {
  await using fixture = await openFixture({ rendered: true });
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  await sync(fixture, 0);
  const before = refsBesideUnread(fixture.dir);
  fail(fixture, '/acme.eks.search/signed', zmsError(500));
  const { proposals } = await sync(fixture, 3);
  assert.deepEqual([proposals[0]?.action, proposals[0]?.reason], ['leave', 'something could not be read']);
  assert.equal(refsBesideUnread(fixture.dir), before);
});

test('exit 4 (held) takes precedence over 3 (unread), and 1 (failed) over both', async () => {
  await using fixture = await openFixture({ rendered: true });
  await fixture.commit({ 'output/prod/README.md': 'Mine\n' });
  fixture.setRole('acme.eks.checkout', 'k8s_ns_admins', ['user.lena', 'user.omar']);
  fail(fixture, '/acme.eks.search/signed', zmsError(500));
  const { plan } = await sync(fixture, 4);
  assert.deepEqual([plan.held.length, plan.kept.length], [1, 3]);
  fixture.git('branch', '--delete', '--force', branch);
  await fixture.write({ [`.git/refs/heads/${branch}.lock`]: '' });
  await sync(fixture, 1);
});

test('a file that only a second look makes unreadable stays', async () => {
  const byRole = (text: string) => noLimits(`${text}\noutput: {path: "output/{cluster}/{namespace}/{role}.yaml"}\n`);
  await using fixture = await openFixture({ config: byRole, uncommitted: true });
  const groups = { sre: ['user.nell'], none: [] };
  fixture.sandbox.update(({ domains }) => ({ domains: { ...domains, 'acme.crew': { groups } } }));
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'acme.crew:group.none']);
  fixture.setRole('acme.eks.search', 'k8s_ns_viewers', ['user.eli', 'acme.crew:group.sre']);
  await fixture.expect(0, ['render', '--quiet']);
  await fixture.commit({}, 'Rendered');
  await unlist(fixture, 'acme.crew');
  const { plan } = await sync(fixture, 3);
  assert.deepEqual(plan.files, []);
  assert.deepEqual(
    plan.kept.map(({ role, problem }) => `${role} ${problem.code}`),
    ['k8s_ns_admins ZMS_STALE', 'k8s_ns_viewers ZMS_STALE'],
  );
  assert.deepEqual(plan.totals[0]?.grantsBefore, plan.totals[0]?.grantsAfter);
});

test('a second look counts for a cluster as well that has nothing to lose', async () => {
  const next = '  - {name: next, domain: "acme.eks.{namespace}", namespaces: {files: [next.yaml]}}';
  const config = (text: string) => text.replace('\nroles:', `\n${next}\n\nroles:`);
  await using fixture = await openFixture({ config, uncommitted: true });
  await fixture.write({ 'next.yaml': '[]\n' });
  await fixture.expect(0, ['render', '--quiet']);
  await fixture.commit({ 'next.yaml': '[search]\n' }, 'A new cluster');
  await unlist(fixture, 'acme.eks.search');
  const { plan } = await sync(fixture, 3);
  // A binding without anyone would revoke one that is to be adopted there.
  assert.deepEqual(plan.files, []);
  assert.deepEqual(
    plan.kept.map(({ cluster, problem }) => `${cluster} ${problem.code}`),
    [...Array(3).fill('prod ZMS_STALE'), ...Array(3).fill('next ZMS_STALE')],
  );
});

test('a namespace that has nothing to lose by a second look weighs what it did', async () => {
  await using fixture = await openFixture({ config: noLimits, uncommitted: true });
  const groups = { sre: ['user.nell'], none: [] };
  fixture.sandbox.update(({ domains }) => ({ domains: { ...domains, 'acme.crew': { groups } } }));
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'acme.crew:group.none']);
  fixture.setRole('acme.eks.checkout', 'k8s_ns_viewers', ['user.eli', 'acme.crew:group.sre']);
  await fixture.expect(0, ['render', '--quiet']);
  await fixture.commit({}, 'Rendered');
  const [before] = (await sync(fixture, 0)).plan.totals;
  await unlist(fixture, 'acme.crew');
  const { plan } = await sync(fixture, 3);
  assert.deepEqual([plan.totals, plan.kept.length], [[before], 2]);
  assert.deepEqual(plan.dropped, [], 'nobody says that a group is missing that is there');
});

/** The list lacks a domain that is there. */
async function unlist({ sandbox }: Fixture, domain: string): Promise<void> {
  const path = '/sys/modified_domains';
  const list = JSON.parse((await call(sandbox, `${path}?metaonly=true`)).text);
  const domains = list.domains.filter((it: { domain: { name: string } }) => it.domain.name !== domain);
  const less = answer(200, JSON.stringify({ domains }));
  sandbox.intercept((request) => (request.path.endsWith(path) ? less : undefined));
}

function fail(fixture: Fixture, path: string, fault: Fault): void {
  fixture.sandbox.intercept((request) => (request.path.endsWith(path) ? fault : undefined));
}

async function sync(fixture: Fixture, code: number): Promise<RunResult> {
  return JSON.parse((await fixture.expect(code, ['sync', '--json'])).out);
}
