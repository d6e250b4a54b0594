import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listNamespaces, readRbacObjects } from '../../src/cluster/read.ts';
import type { ClusterSession } from '../../src/cluster/session.ts';
import type { Fault } from '../support/kube/fault.ts';
import { bindingOf, type KubeFixture, namespacesOf, openKubeFixture } from '../support/kube/fixture.ts';
import { json } from '../support/kube/status.ts';

const rolebindings = '/apis/rbac.authorization.k8s.io/v1/rolebindings';
const pageSize = 500;

/** A fixture with one namespace that has this many bindings. */
async function fixtureWith(count: number): Promise<KubeFixture> {
  const names = Array.from({ length: count }, (_, index) => `b${String(index).padStart(5, '0')}`);
  return openKubeFixture([...namespacesOf('team'), ...names.map((name) => bindingOf('team', name, 'user.ada'))]);
}

async function namesIn(session: ClusterSession): Promise<readonly string[]> {
  const team = (await readRbacObjects(session, ['team'])).get('team');
  assert.ok(team?.kind === 'value', JSON.stringify(team));
  return team.value.bindings.map(({ name }) => name);
}

/** The requested pages of RoleBindings. */
const pagesOf = ({ kube }: KubeFixture) => kube.requests.filter(({ path }) => path === rolebindings);

/** RoleBindings that every cluster comes with. */
const builtIn = 2;

for (const total of [builtIn, builtIn + 1, pageSize - 1, pageSize, pageSize + 1, 2 * pageSize, 2 * pageSize + 1]) {
  test(`reads ${total} bindings once each in pages of ${pageSize}`, async () => {
    const count = total - builtIn;
    await using fixture = await fixtureWith(count);
    const session = await fixture.open();
    const names = await namesIn(session);
    assert.deepEqual([names.length, new Set(names).size], [count, count]);
    const pages = pagesOf(fixture);
    assert.equal(pages.length, Math.ceil(total / pageSize));
    assert.ok(pages.every(({ query }) => query.get('limit') === String(pageSize)));
  });
}

/** Injects faults per page of RoleBindings, counted from 1 over all requests. */
function intercept({ kube }: KubeFixture, faultOf: (page: number) => Fault | undefined): void {
  let page = 0;
  kube.intercept(({ path }) => (path === rolebindings ? faultOf(++page) : undefined));
}

const expiredStatus = { kind: 'Status', status: 'Failure', message: 'too old', reason: 'Expired', code: 410 };
const expired: Fault = { kind: 'answer', answer: json(410, expiredStatus) };

test('a list that expires (410 Gone) is restarted and complete', async () => {
  await using fixture = await fixtureWith(2 * pageSize + 1);
  const session = await fixture.open();
  let page = 0;
  fixture.kube.intercept(({ path }) => {
    if (path !== rolebindings || ++page !== 2) return undefined;
    fixture.kube.remove('RoleBinding', 'team', 'b00001');
    fixture.kube.put([bindingOf('team', 'a-new-one', 'user.ada')]);
    return expired;
  });
  const names = await namesIn(session);
  assert.equal(names.length, 2 * pageSize + 1);
  assert.ok(names.includes('a-new-one') && !names.includes('b00001'));
  assert.deepEqual(
    pagesOf(fixture).map(({ query }) => query.has('continue')),
    [false, true, false, true, true],
  );
});

test('the inconsistent continue token of a 410 is not used', async () => {
  await using fixture = await fixtureWith(2 * pageSize + 1);
  const session = await fixture.open();
  intercept(fixture, (at) => {
    // Expires between the first page and the second, like after a compaction.
    if (at === 2)
      return { kind: 'answer', answer: json(410, { ...expiredStatus, metadata: { continue: 'the-rest' } }) };
    return undefined;
  });
  assert.equal((await namesIn(session)).length, 2 * pageSize + 1);
  assert.ok(pagesOf(fixture).every(({ query }) => query.get('continue') !== 'the-rest'));
});

test('a list that keeps expiring is an error, not a truncated list', async () => {
  await using fixture = await fixtureWith(pageSize + 1);
  const session = await fixture.open();
  intercept(fixture, (page) => (page % 2 === 0 ? expired : undefined));
  await assert.rejects(namesIn(session), {
    code: 'CLUSTER_UNAVAILABLE',
    message: 'listing the RoleBindings of cluster prod: list expired (410 Gone)',
  });
  assert.equal(pagesOf(fixture).length, 8);
});

const page = (items: readonly unknown[], more: object = {}): Fault => ({
  kind: 'answer',
  answer: json(200, {
    kind: 'RoleBindingList',
    apiVersion: 'rbac.authorization.k8s.io/v1',
    metadata: { resourceVersion: '1', ...more },
    items,
  }),
});
const item = (change: object) => ({ ...bindingOf('team', 'odd', 'user.ada'), ...change });

/** Invalid responses, repeated on every try. */
const invalidResponses: readonly (readonly [string, Fault, RegExp])[] = [
  ['a repeated page', page([], { continue: 'x' }), /the server returned the same page twice/],
  ['an item without a name', page([item({ metadata: { namespace: 'team' } })]), /metadata\.name/],
  ['an item with an empty name', page([item({ metadata: { namespace: 'team', name: '' } })]), /metadata\.name/],
  ['an item without a namespace', page([item({ metadata: { name: 'odd' } })]), /metadata\.namespace/],
  ['an item without a roleRef', page([item({ roleRef: undefined })]), /roleRef/],
  ['a subject of an unknown kind', page([item({ subjects: [{ kind: 'Robot', name: 'x' }] })]), /subjects/],
  ['a subject without a name', page([item({ subjects: [{ kind: 'User' }] })]), /subjects/],
  ['an item that is a string', page(['odd']), /expected object/],
  ['items that are not a list', page({} as never), /items/],
  [
    'a list of another kind',
    { kind: 'answer', answer: json(200, { kind: 'RoleList', metadata: {}, items: [] }) },
    /kind/,
  ],
  ['an array instead of a list object', { kind: 'answer', answer: json(200, []) }, /expected object/],
];

for (const [what, fault, expected] of invalidResponses) {
  test(`${what} is CLUSTER_BAD_RESPONSE`, async () => {
    await using fixture = await fixtureWith(1);
    const session = await fixture.open();
    intercept(fixture, () => fault);
    await assert.rejects(namesIn(session), { code: 'CLUSTER_BAD_RESPONSE', message: expected });
    assert.ok(pagesOf(fixture).length <= 5);
  });
}

/** A session with a server that answers each page by its number. */
function answering(pageOf: (page: number) => object): ClusterSession & { readonly pages: () => number } {
  let pages = 0;
  return {
    cluster: 'prod',
    context: 'prod',
    server: 'https://localhost',
    requests: 0,
    ask: async (_doing, _request, parse) => parse(JSON.stringify(pageOf(++pages))),
    send: async () => assert.fail('not used'),
    stream: async () => assert.fail('not used'),
    close: async () => {},
    pages: () => pages,
  };
}
const namespacePage = (name: string | undefined, next: string) => ({
  kind: 'NamespaceList',
  metadata: { continue: next },
  items: name === undefined ? [] : [{ metadata: { name, uid: 'u' } }],
});

const endless: readonly (readonly [string, (page: number) => object, RegExp, number])[] = [
  ['the same page under new tokens', (at) => namespacePage('a', `t${at}`), /same page twice/, 2],
  ['a new page for ever', (at) => namespacePage(`n${at}`, `t${at}`), /more than 2000 pages/, 2000],
  ['empty pages for ever', (at) => namespacePage(undefined, `t${at}`), /more than 2000 pages/, 2000],
];
for (const [what, pageOf, message, pages] of endless) {
  test(`a server that gives ${what} is CLUSTER_BAD_RESPONSE`, async () => {
    const session = answering(pageOf);
    await assert.rejects(listNamespaces(session, null), { code: 'CLUSTER_BAD_RESPONSE', message });
    assert.equal(session.pages(), pages);
  });
}

test('an empty page in the middle of a list is no end', async () => {
  const session = answering((at) => namespacePage(at === 2 ? undefined : `n${at}`, at < 3 ? `t${at}` : ''));
  const found = await listNamespaces(session, null);
  assert.deepEqual(
    found.map(({ name }) => name),
    ['n1', 'n3'],
  );
});

for (const [what, fault] of [
  ['a truncated second page', { kind: 'cut' }],
  ['a connection reset on the second page', { kind: 'reset' }],
] as const) {
  test(`${what} is retried`, async () => {
    await using fixture = await fixtureWith(pageSize + 1);
    const session = await fixture.open();
    intercept(fixture, (at) => (at === 2 ? fault : undefined));
    assert.equal((await namesIn(session)).length, pageSize + 1);
    assert.equal(pagesOf(fixture).length, 3);
  });

  test(`${what} on every try is an error`, async () => {
    await using fixture = await fixtureWith(pageSize + 1);
    const session = await fixture.open();
    intercept(fixture, (at) => (at >= 2 ? fault : undefined));
    await assert.rejects(namesIn(session), { code: 'CLUSTER_UNREACHABLE' });
    assert.equal(pagesOf(fixture).length, 6);
  });
}

test('a label selector is sent with every page and filters namespaces', async () => {
  const names = Array.from({ length: pageSize + 1 }, (_, index) => `n${index}`);
  const labelled = names.map((name) => ({ kind: 'Namespace', metadata: { name, labels: { athenz: 'on' } } }));
  await using fixture = await openKubeFixture([...labelled, ...namespacesOf('other')]);
  const session = await fixture.open();
  const found = await listNamespaces(session, 'athenz in (on), !off');
  assert.deepEqual(
    found.map(({ name }) => name),
    names.toSorted(),
  );
  assert.deepEqual(
    fixture.kube.requests.map(({ query }) => query.get('labelSelector')),
    Array(2).fill('athenz in (on), !off'),
  );
});
