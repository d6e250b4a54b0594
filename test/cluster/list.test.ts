import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readNamespaces, readObjects } from '../../src/cluster/read.ts';
import type { ClusterSession } from '../../src/cluster/session.ts';
import type { Fault } from '../support/kube/fault.ts';
import { bindingOf, type KubeFixture, namespacesOf, openKubeFixture } from '../support/kube/fixture.ts';
import { json } from '../support/kube/status.ts';

const rolebindings = '/apis/rbac.authorization.k8s.io/v1/rolebindings';
const pageSize = 500;

/** A fixture with one namespace of so many bindings. */
async function fixtureWith(amount: number): Promise<KubeFixture> {
  const names = Array.from({ length: amount }, (_, index) => `b${String(index).padStart(5, '0')}`);
  return openKubeFixture([...namespacesOf('team'), ...names.map((name) => bindingOf('team', name, 'user.ada'))]);
}

async function namesIn(session: ClusterSession): Promise<readonly string[]> {
  const team = (await readObjects(session, ['team'])).get('team');
  assert.ok(team?.kind === 'value', JSON.stringify(team));
  return team.value.bindings.map(({ name }) => name);
}

/** Pages of bindings that were asked for. */
const pagesOf = ({ kube }: KubeFixture) => kube.requests.filter(({ path }) => path === rolebindings);

/** Those that every cluster comes with. */
const own = 2;

for (const total of [own, own + 1, pageSize - 1, pageSize, pageSize + 1, 2 * pageSize, 2 * pageSize + 1]) {
  test(`${total} bindings are read, each once, in pages of ${pageSize}`, async () => {
    const amount = total - own;
    await using fixture = await fixtureWith(amount);
    const session = await fixture.open();
    const names = await namesIn(session);
    assert.deepEqual([names.length, new Set(names).size], [amount, amount]);
    const pages = pagesOf(fixture);
    assert.equal(pages.length, Math.ceil(total / pageSize));
    assert.ok(pages.every(({ query }) => query.get('limit') === String(pageSize)));
  });
}

/** Sets what one page of the bindings' list comes to, told which page of all that were asked for it is, from 1. */
function intercept({ kube }: KubeFixture, faultOf: (page: number) => Fault | undefined): void {
  let page = 0;
  kube.intercept(({ path }) => (path === rolebindings ? faultOf(++page) : undefined));
}

const gone = { kind: 'Status', status: 'Failure', message: 'too old', reason: 'Expired', code: 410 };
const expired: Fault = { kind: 'answer', answer: json(410, gone) };

test('a list that the server forgets half-way is begun anew, and is whole as it is then', async () => {
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

test('the token for an inconsistent rest, which comes with a 410, is not used', async () => {
  await using fixture = await fixtureWith(2 * pageSize + 1);
  const session = await fixture.open();
  intercept(fixture, (at) => {
    // After the first page was answered, and before the second one is: as a compaction falls.
    if (at === 2) return { kind: 'answer', answer: json(410, { ...gone, metadata: { continue: 'the-rest' } }) };
    return undefined;
  });
  assert.equal((await namesIn(session)).length, 2 * pageSize + 1);
  assert.ok(pagesOf(fixture).every(({ query }) => query.get('continue') !== 'the-rest'));
});

test('a list that is always forgotten is an error, and no short list', async () => {
  await using fixture = await fixtureWith(pageSize + 1);
  const session = await fixture.open();
  intercept(fixture, (page) => (page % 2 === 0 ? expired : undefined));
  await assert.rejects(namesIn(session), {
    code: 'CLUSTER_UNAVAILABLE',
    message: 'listing the RoleBindings of cluster prod: the server forgets the list half-way',
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

/** Lists that make no sense, all of them said for good: each is an error, and never a list. */
const senseless: readonly (readonly [string, Fault, RegExp])[] = [
  ['the same page again and again', page([], { continue: 'x' }), /the server gives the same page again/],
  ['an item without a name', page([item({ metadata: { namespace: 'team' } })]), /metadata\.name/],
  ['an item with an empty name', page([item({ metadata: { namespace: 'team', name: '' } })]), /metadata\.name/],
  ['an item without a namespace', page([item({ metadata: { name: 'odd' } })]), /metadata\.namespace/],
  ['an item without a roleRef', page([item({ roleRef: undefined })]), /roleRef/],
  ['a subject of no kind', page([item({ subjects: [{ kind: 'Robot', name: 'x' }] })]), /subjects/],
  ['a subject without a name', page([item({ subjects: [{ kind: 'User' }] })]), /subjects/],
  ['an item that is a text', page(['odd']), /expected object/],
  ['items that are no list', page({} as never), /items/],
  [
    'a list of another kind',
    { kind: 'answer', answer: json(200, { kind: 'RoleList', metadata: {}, items: [] }) },
    /kind/,
  ],
  ['no list at all', { kind: 'answer', answer: json(200, []) }, /expected object/],
];

for (const [what, fault, expected] of senseless) {
  test(`${what}: CLUSTER_BAD_RESPONSE`, async () => {
    await using fixture = await fixtureWith(1);
    const session = await fixture.open();
    intercept(fixture, () => fault);
    await assert.rejects(namesIn(session), { code: 'CLUSTER_BAD_RESPONSE', message: expected });
    assert.ok(pagesOf(fixture).length <= 5);
  });
}

for (const [what, fault] of [
  ['a second page that is cut in its middle', { kind: 'cut' }],
  ['a second page without an answer', { kind: 'reset' }],
] as const) {
  test(`${what} is asked for again`, async () => {
    await using fixture = await fixtureWith(pageSize + 1);
    const session = await fixture.open();
    intercept(fixture, (at) => (at === 2 ? fault : undefined));
    assert.equal((await namesIn(session)).length, pageSize + 1);
    assert.equal(pagesOf(fixture).length, 3);
  });

  test(`${what} each time ends the list in an error`, async () => {
    await using fixture = await fixtureWith(pageSize + 1);
    const session = await fixture.open();
    intercept(fixture, (at) => (at >= 2 ? fault : undefined));
    await assert.rejects(namesIn(session), { code: 'CLUSTER_UNREACHABLE' });
    assert.equal(pagesOf(fixture).length, 6);
  });
}

test('a selector goes with every page, and finds what has the labels', async () => {
  const names = Array.from({ length: pageSize + 1 }, (_, index) => `n${index}`);
  const labelled = names.map((name) => ({ kind: 'Namespace', metadata: { name, labels: { athenz: 'on' } } }));
  await using fixture = await openKubeFixture([...labelled, ...namespacesOf('other')]);
  const session = await fixture.open();
  const found = await readNamespaces(session, 'athenz in (on), !off');
  assert.deepEqual(
    found.map(({ name }) => name),
    names.toSorted(),
  );
  assert.deepEqual(
    fixture.kube.requests.map(({ query }) => query.get('labelSelector')),
    Array(2).fill('athenz in (on), !off'),
  );
});
