import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { listObjects } from '../../src/cluster/objects.ts';
import type { ClusterSession } from '../../src/cluster/session.ts';

const resources =
  '{"resources":[{"name":"widgets","kind":"Widget","namespaced":true},{"name":"widgets/status","kind":"Widget","namespaced":true},{"name":"tools","kind":"Tool","namespaced":false}]}';

/** A session whose server answers from a table of paths, and the paths that it was asked for. */
function sessionOf(answers: Readonly<Record<string, string>>): {
  readonly session: ClusterSession;
  readonly asked: string[];
} {
  const asked: string[] = [];
  const session: ClusterSession = {
    cluster: 'prod',
    context: 'prod',
    server: 'https://localhost',
    async ask(_, { path }, parse) {
      asked.push(path);
      const body = answers[path.split('?', 1)[0] ?? ''];
      if (body === undefined) throw new Error(`unexpected request: ${path}`);
      return parse(body);
    },
    send: async () => assert.fail('not used'),
    stream: async () => assert.fail('not used'),
    requests: 0,
    async close() {},
  };
  return { session, asked };
}

const base = '/apis/example.com/v2';
const query = { group: 'example.com', kind: 'Widget', namespace: 'a' };
const listOf = (...items: readonly string[]) => `{"kind":"WidgetList","metadata":{},"items":[${items.join(',')}]}`;
const item = (name: string, more = '') => `{"metadata":{"name":"${name}","namespace":"a"}${more}}`;
const groups =
  '{"groups":[{"name":"other","preferredVersion":{"version":"v1"}},{"name":"example.com","preferredVersion":{"version":"v2"}}]}';
const discovery = { '/apis': groups, [base]: resources };

describe('objects of a cluster', () => {
  test('are listed in the version that the server prefers, by name or label', async () => {
    const { session, asked } = sessionOf({ ...discovery, [`${base}/namespaces/a/widgets`]: listOf(item('x')) });
    const found = await listObjects(session, { ...query, name: 'x', labelSelector: 'a=b' });
    assert.deepEqual(found, [
      { apiVersion: 'example.com/v2', kind: 'Widget', metadata: { name: 'x', namespace: 'a' } },
    ]);
    assert.equal(
      asked.at(-1),
      `${base}/namespaces/a/widgets?limit=500&labelSelector=a%3Db&fieldSelector=metadata.name%3Dx`,
    );
  });

  test('have their integers as they are', async () => {
    const { session } = sessionOf({
      ...discovery,
      [`${base}/namespaces/a/widgets`]: listOf(item('x', ',"big":9007199254740993,"small":7')),
    });
    const [found] = await listObjects(session, query);
    assert.deepEqual([(found as { big: unknown }).big, (found as { small: unknown }).small], [9007199254740993n, 7]);
  });

  test('that were not asked for do not count', async () => {
    const { session } = sessionOf({
      ...discovery,
      [`${base}/namespaces/a/widgets`]: listOf(item('y'), '{"metadata":{"name":"x","namespace":"b"}}'),
    });
    assert.deepEqual(await listObjects(session, { ...query, name: 'x' }), []);
  });

  for (const [what, given, message] of [
    ['of no kind', { ...query, kind: 'Gadget' }, /does not have it/],
    ['of no group', { ...query, group: 'example.org' }, /does not have it/],
    ['that are cluster scoped', { ...query, kind: 'Tool' }, /it is cluster scoped/],
    ['of a version that leads elsewhere', { ...query, version: '../../api/v1' }, /is no apiVersion/],
  ] as const) {
    test(`cannot be listed: ${what}`, async () => {
      const { session, asked } = sessionOf(discovery);
      await assert.rejects(listObjects(session, given), message);
      assert.ok(asked.every((path) => !path.includes('..')));
    });
  }
});
