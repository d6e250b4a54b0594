import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { AdoptionResult } from '../../src/adopt/result.ts';
import type { DriftResult } from '../../src/drift/result.ts';
import { assertGoldenSection } from '../support/golden.ts';
import { statesOf } from '../support/kube-fixture.ts';
import { type OperatorFixture, openOperatorFixture } from '../support/operator.ts';
import { denied, deniedDuring, settle } from './support/access.ts';
import { adoptionTable } from './support/adoption-table.ts';
import type { Api } from './support/api.ts';
import { changesDuring } from './support/changes.ts';
import { openCluster } from './support/cluster.ts';
import { apply, kubectl, modes } from './support/kubectl.ts';
import { clearCluster } from './support/namespaces.ts';
import { type RbacObject, subjectNames } from './support/objects.ts';
import * as operators from './support/operators-cluster.ts';
import { openReader, type Reader } from './support/reader.ts';

// All steps of docs/how-to/adopting.md, on objects left by the operator.

const bindings = operators.left.filter(({ kind }) => kind === 'RoleBinding');
const isLeaving = (name: string) => name in operators.leaving;
/** Per binding, the access of the subjects that it keeps. */
const stayingBy = bindings.map((it) => operators.questionsOf(it, stayingIn(it)));
const staying = stayingBy.flat();
const leaving = bindings.flatMap((it) => operators.questionsOf(it, subjectNames(it).filter(isLeaving)));
/** Access that the Role allows in this namespace only. */
const secrets = [{ user: 'user.hana', namespace: 'billing', verb: 'get', group: '', resource: 'secrets' }];
const orphan = `billing/${operators.nested}:members: orphan`;

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
  test(`import applied ${mode} keeps members, revokes stale access, reports orphans`, async () => {
    await using fixture = await openOperatorFixture();
    fixture.sandbox.update(operators.moveOn);
    await clearCluster(api, operators.namespaces);
    await operators.writeAsOperator(api, operators.left);
    await settle(api);
    assert.deepEqual(await denied(api, [...staying, ...leaving, ...secrets]), []);

    const proposal = await propose(fixture);
    assert.equal((await fixture.run(['render', '--check'])).code, 0, 'render has nothing to change');
    await fixture.commit({}, 'Take over from the operator');
    assert.deepEqual(statesOf(await drift(fixture, 5)), [
      'ajktown-api/eks.users.ajktown-api:role.k8s_ns_admins:members: waiting-for-engine',
      'ajktown-api/eks.users.ajktown-api:role.k8s_ns_viewers:members: waiting-for-engine',
      'billing/eks.users.billing:role.k8s_ns_viewers:members: waiting-for-engine',
      orphan,
      'legacy/eks.users.legacy:role.k8s_ns_viewers:members: waiting-for-engine',
    ]);

    const identities = await operators.identitiesIn(api, operators.namespaces);
    const old = await live();
    const deniedMeanwhile: Awaited<ReturnType<typeof denied>>[number][] = [];
    const changes = await changesDuring(api, 'ajktown-api', async () => {
      deniedMeanwhile.push(...(await deniedDuring(api, staying, () => apply(mode, join(fixture.dir, 'output')))));
    });
    assert.deepEqual(deniedMeanwhile, []);
    assert.deepEqual(await operators.identitiesIn(api, operators.namespaces), identities);
    assert.ok(changes.length > 0);
    for (const { type, object } of changes) {
      const stay = stayingIn(bindings.find(({ metadata }) => metadata.name === object.metadata.name) ?? object);
      assert.deepEqual([type, stay.filter((user) => !subjectNames(object).includes(user))], ['MODIFIED', []]);
    }
    await settle(api);
    const lost = [...leaving, ...secrets];
    assert.deepEqual(await denied(api, lost), lost);
    assert.deepEqual(await denied(api, staying), []);
    const now = await live();
    const adopted = old.flatMap((it, index) => {
      const then = now[index];
      return then === undefined ? [] : [{ before: it, asked: stayingBy[index] ?? [], after: then }];
    });
    await assertGoldenSection('docs/how-to/adopting.md', 'adoption', adoptionTable(adopted, deniedMeanwhile, proposal));

    assert.deepEqual(statesOf(await drift(fixture, 5, '--probe', '100')), [orphan]);
    await kubectl('delete', 'rolebinding', '--namespace=billing', `${operators.nested}:members`);
    await kubectl('delete', 'role', '--namespace=billing', operators.nested);
    await settle(api);
    const { clusters, probe } = await drift(fixture, 0, '--probe', '100');
    assert.deepEqual([clusters[0]?.bindings, clusters[0]?.inSync, probe?.disagreements], [6, 6, []]);
    assert.ok(probe !== undefined && probe.grants > 0 && probe.nonGrants > 0);
  });
}

/** Runs import, checks its report, and writes its proposal into the repository. */
async function propose(fixture: OperatorFixture): Promise<AdoptionResult> {
  const args = [
    ...['--zms-url', fixture.sandbox.url, '--ca', '../operator/certs/ca.pem'],
    ...['--cert', '../operator/certs/athenz_admin.cert.pem', '--key', '../operator/keys/athenz_admin.private.pem'],
    ...['--kubeconfig', reader.kubeconfig],
  ];
  const { code, out, err } = await fixture.run(['import', ...args, '--dir', '.', '--json']);
  assert.equal(code, 0, err);
  const result = JSON.parse(out) as AdoptionResult;
  assert.deepEqual(result.proposal.namespaces, operators.namespaces);
  const lost = result.bindings.flatMap(({ name, losses }) => losses.map(({ subject }) => [subject.name, name]));
  assert.deepEqual(Object.fromEntries(lost), operators.leaving);
  assert.deepEqual(
    result.bindings.filter((it) => it.orphan !== undefined).map((it) => [it.namespace, it.role, it.orphan]),
    [['legacy', 'k8s_ns_viewers', 'role']],
  );
  assert.deepEqual(result.left.map((it) => [it.reason.kind, it.kind, it.namespace, it.name]).sort(), [
    ['nested-domain', 'RoleBinding', 'billing', `${operators.nested}:members`],
    ['other-rules', 'Role', 'billing', 'eks.users.billing:role.k8s_ns_viewers'],
  ]);
  return result;
}

async function drift(fixture: OperatorFixture, code: number, ...args: readonly string[]): Promise<DriftResult> {
  const ran = await fixture.run(['drift', '--json', ...args]);
  assert.equal(ran.code, code, ran.out + ran.err);
  return JSON.parse(ran.out) as DriftResult;
}

function live(): Promise<readonly RbacObject[]> {
  return Promise.all(bindings.map((binding) => api.get<RbacObject>(operators.pathOf(binding))));
}

function stayingIn(binding: RbacObject): readonly string[] {
  return subjectNames(binding).filter((name) => !isLeaving(name));
}
