import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import type { PolicyRule, RenderedRole } from '../../src/model/manifest.ts';
import { sampleState } from '../../src/sandbox/sample.ts';
import { domainOf, recording, roles as roleNames } from '../support/acme-fixture.ts';
import { oracleSubjects } from '../support/oracle.ts';
import { type Action, actionOf, denied, type Question, settle } from './support/access.ts';
import type { Api } from './support/api.ts';
import { openCluster } from './support/cluster.ts';
import { companies, openAcme, openSample } from './support/companies.ts';
import { apply } from './support/kubectl.ts';
import { clearNamespaces } from './support/namespaces.ts';

let api: Api;
before(async () => {
  api = await openCluster();
});
after(() => api[Symbol.asyncDispose]());

/** One of the actions that the ClusterRole `view` allows. */
const view: readonly PolicyRule[] = [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }];
const getPods: Action = { verb: 'get', group: '', resource: 'pods' };
/** Actions that only the admin roles of both companies allow. */
const forAdmins: readonly Action[] = [
  { verb: 'delete', group: '', resource: 'pods' },
  { verb: 'get', group: '', resource: 'secrets' },
  { verb: 'create', group: 'rbac.authorization.k8s.io', resource: 'rolebindings' },
  { verb: 'patch', group: 'apps', resource: 'deployments' },
];
const anything: readonly Action[] = [getPods, ...forAdmins];

for (const [name, open] of companies) {
  test(`${name}: every grant is allowed and everything else is denied`, async () => {
    await using company = await open();
    await clearNamespaces(api, company.namespaces);
    await apply('server-side', company.dir);
    await settle(api);

    const granted = company.roles.flatMap(grantedBy);
    assert.ok(granted.length > company.namespaces.length);
    assert.deepEqual(await denied(api, granted), []);

    const people = [...new Set(granted.map(({ user }) => user))];
    const nonMembers = questions(people, company.namespaces, anything).filter(
      ({ user, namespace }) => !hasRole(company.roles, user, namespace),
    );
    const elsewhere = questions(people, ['default', 'kube-system'], anything);
    const nonAdmins = questions(people, company.namespaces, forAdmins).filter(
      ({ user, namespace }) =>
        hasRole(company.roles, user, namespace) && !hasRole(company.roles, user, namespace, 'k8s_ns_admins'),
    );
    for (const list of [nonMembers, elsewhere, nonAdmins]) await assertDenied(sample(list, 200));
  });
}

test('dropped members of the recorded company have no access', async () => {
  await using company = await openAcme();
  await clearNamespaces(api, company.namespaces);
  await apply('client-side', company.dir);
  await settle(api);

  const holders = new Map(recording.namespaces.map((namespace) => [namespace, new Set<string>()]));
  for (const role of roleNames) {
    const found = oracleSubjects(recording, { at: recording.takenAt, domainOf, role, services: 'skip' });
    for (const [namespace, users] of found) for (const user of users) holders.get(namespace)?.add(user);
  }
  const without = (namespace: string, document: unknown) =>
    namesIn(document).filter((user) => !holders.get(namespace)?.has(user));
  // Expired, suspended, pending, disabled: named in the domain, but without a grant.
  const dropped = recording.namespaces.flatMap((namespace) =>
    questions(without(namespace, recording.domains.get(domainOf(namespace))), [namespace], anything),
  );
  assert.ok(dropped.length > 100, `${dropped.length}`);
  await assertDenied(dropped);
  const everywhere = recording.namespaces.flatMap((namespace) =>
    questions(without(namespace, [...recording.domains.values()]), [namespace], anything),
  );
  await assertDenied(sample(everywhere, 300));
  // An admin of domains with names similar to those of the namespaces.
  await assertDenied(questions(['user.mallory'], recording.namespaces, anything));
});

test('dropped members of the sample have no access', async () => {
  await using company = await openSample();
  await clearNamespaces(api, company.namespaces);
  await apply('client-side', company.dir);
  await settle(api);
  const state = await readFile(sampleState, 'utf8');
  for (const [user, namespace] of [
    ['user.june', 'payments-web'],
    ['user.kofi', 'search'],
    ['user.mio', 'reports'],
    ['acme.ci.deployer', 'checkout'],
    ['user.*', 'checkout'],
  ] as const) {
    assert.ok(state.includes(user));
    await assertDenied(questions([user], [namespace], anything));
  }
});

async function assertDenied(list: readonly Question[]): Promise<void> {
  assert.ok(list.length > 0);
  const deniedQuestions = await denied(api, list);
  assert.deepEqual(
    list.filter((question) => !deniedQuestions.includes(question)),
    [],
  );
}

function grantedBy({ namespace, subjects, rules = view }: RenderedRole): readonly Question[] {
  return subjects.flatMap(({ name: user }) => rules.map((rule) => ({ user, namespace, ...actionOf(rule) })));
}

function hasRole(roles: readonly RenderedRole[], user: string, namespace: string, role?: string): boolean {
  return roles.some(
    (it) =>
      it.namespace === namespace &&
      (role === undefined || it.role === role) &&
      it.subjects.some(({ name }) => name === user),
  );
}

function questions(users: readonly string[], namespaces: readonly string[], actions: readonly Action[]): Question[] {
  return namespaces.flatMap((namespace) =>
    users.flatMap((user) => actions.map((action) => ({ user, namespace, ...action }))),
  );
}

/** A reproducible random sample of the list. */
function sample(list: readonly Question[], count: number): readonly Question[] {
  const rank = (question: Question) => createHash('sha256').update(JSON.stringify(question)).digest('hex');
  return list
    .map((question) => [rank(question), question] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, count)
    .map(([, question]) => question);
}

/** Every user named anywhere in a document. */
function namesIn(document: unknown): readonly string[] {
  return [...new Set(JSON.stringify(document).match(/(?<=")user\.[a-z0-9_-]+(?=")/g))];
}
