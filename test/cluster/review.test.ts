import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AccessRequest, reviewAccess } from '../../src/cluster/review.ts';
import type { Subject } from '../../src/model/grant.ts';
import { serverError } from '../support/kube/fault.ts';
import { namespacesOf, openKubeFixture } from '../support/kube/fixture.ts';
import type { Manifest, RbacSubject } from '../support/kube/object.ts';
import { json } from '../support/kube/status.ts';

const jo = { kind: 'User', name: 'user.jo' } as const;
const bot = { kind: 'ServiceAccount', namespace: 'tools', name: 'bot' } as const;
const devs = { kind: 'Group', name: 'devs' } as const;

function grant(name: string, subject: RbacSubject, resource: string, more: object = {}): readonly Manifest[] {
  const metadata = { name, namespace: 'team' };
  return [
    { kind: 'Role', metadata, rules: [{ verbs: ['get'], apiGroups: [''], resources: [resource], ...more }] },
    { kind: 'RoleBinding', metadata, roleRef: { kind: 'Role', name }, subjects: [subject] },
  ];
}

const objects: readonly Manifest[] = [
  ...namespacesOf('team', 'tools'),
  ...grant('pods', jo, 'pods'),
  ...grant('logs', jo, 'pods/log'),
  ...grant('one', jo, 'secrets', { resourceNames: ['web'] }),
  ...grant('apps', jo, 'deployments', { apiGroups: ['apps'] }),
  ...grant('bots', bot, 'pods'),
  ...grant('groups', devs, 'pods'),
  ...grant('bot-group', { kind: 'Group', name: 'system:serviceaccounts:tools' }, 'configmaps'),
  ...grant('everybody', { kind: 'Group', name: 'system:authenticated' }, 'services'),
];

const cases: readonly (readonly [string, Subject, string, Partial<AccessRequest>, boolean])[] = [
  ['a user by name', jo, 'pods', {}, true],
  ['another verb', jo, 'pods', { verb: 'delete' }, false],
  ['another namespace', jo, 'pods', { namespace: 'tools' }, false],
  ['another user', { kind: 'User', name: 'user.al' }, 'pods', {}, false],
  ['a user named like a group', { kind: 'User', name: 'devs' }, 'pods', {}, false],
  ['a subresource that is allowed', jo, 'pods/log', {}, true],
  ['a subresource that is not allowed', jo, 'pods/exec', {}, false],
  ['one object by its name', jo, 'secrets', { name: 'web' }, true],
  ['another object', jo, 'secrets', { name: 'other' }, false],
  ['all objects where one is allowed', jo, 'secrets', {}, false],
  ['an API group', jo, 'deployments', { group: 'apps' }, true],
  ['the same resource of another API group', jo, 'deployments', { group: 'extensions' }, false],
  ['a service account', bot, 'pods', {}, true],
  ['a service account of another namespace', { ...bot, namespace: 'team' }, 'pods', {}, false],
  ['the group of all service accounts of a namespace', bot, 'configmaps', {}, true],
  ['a user outside of the service account group', jo, 'configmaps', {}, false],
  ['a group', devs, 'pods', {}, true],
  ['another group', { kind: 'Group', name: 'ops' }, 'pods', {}, false],
  ...[jo, bot, devs].map(
    (subject) => [`a ${subject.kind} in system:authenticated`, subject, 'services', {}, true] as const,
  ),
];

test('a review returns the decision of Kubernetes and its reason', async () => {
  await using fixture = await openKubeFixture(objects);
  const session = await fixture.open();
  for (const [what, subject, resource, more, expected] of cases) {
    const request = { subject, resource, namespace: 'team', verb: 'get', group: '', ...more };
    const { allowed, reason } = await reviewAccess(session, request);
    assert.equal(allowed, expected, `${what}: ${reason}`);
    if (allowed) assert.match(reason, /^RBAC: allowed by RoleBinding "[a-z-]+\/team" of Role/);
    else assert.equal(reason, '');
  }
  assert.ok(
    fixture.kube.requests.every(({ method, path }) => method === 'POST' && path.endsWith('/subjectaccessreviews')),
  );
});

test('a review sends the subresource separately, and a name only if given', async () => {
  await using fixture = await openKubeFixture(objects);
  const request = { subject: jo, resource: 'pods/log', namespace: 'team', verb: 'get', group: '' };
  await reviewAccess(await fixture.open(), request);
  await reviewAccess(await fixture.open(), { ...request, resource: 'pods', name: 'web' });
  const place = { namespace: 'team', verb: 'get', group: '', resource: 'pods' };
  assert.deepEqual(
    fixture.kube.requests.map(({ body }) => JSON.parse(body).spec.resourceAttributes),
    [
      { ...place, subresource: 'log' },
      { ...place, name: 'web' },
    ],
  );
});

test('a review fails if it is forbidden or the response is invalid', async () => {
  await using fixture = await openKubeFixture(objects);
  const request = { subject: jo, resource: 'pods', namespace: 'team', verb: 'get', group: '' };
  await assert.rejects(reviewAccess(await fixture.open('nobody'), request), {
    code: 'CLUSTER_FORBIDDEN',
    message: /^checking what user\.jo may do in team of cluster prod: 403: /,
  });
  for (const status of [undefined, {}, { allowed: 'true' }]) {
    fixture.kube.intercept(() => ({ kind: 'answer', answer: json(201, { kind: 'SubjectAccessReview', status }) }));
    await assert.rejects(reviewAccess(await fixture.open(), request), { code: 'CLUSTER_BAD_RESPONSE' });
  }
});

test('a review is retried after a 503', async () => {
  await using fixture = await openKubeFixture(objects);
  let left = 1;
  fixture.kube.intercept(() => (left-- > 0 ? serverError(503) : undefined));
  const request = { subject: jo, resource: 'pods', namespace: 'team', verb: 'get', group: '' };
  assert.equal((await reviewAccess(await fixture.open(), request)).allowed, true);
  assert.equal(fixture.kube.requests.length, 2);
});
