import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindings, namespaces, parsePage, parseReview, wordsOf } from '../../src/cluster/wire.ts';

test('fields that an API server may leave out may be null', () => {
  const metadata = { name: 'b', namespace: 'web', labels: null, annotations: null };
  const managedFields = [{ manager: null, time: null, fieldsV1: null }];
  const subjects = [{ kind: 'ServiceAccount', name: 'ci', namespace: null }];
  const item = { metadata: { ...metadata, managedFields }, roleRef: { kind: 'Role', name: 'r' }, subjects };
  const page = { kind: 'RoleBindingList', metadata: { continue: null }, items: [item, { ...item, subjects: null }] };
  const { items, next } = parsePage(JSON.stringify(page), bindings(), 'listing');
  assert.deepEqual(
    items.map((it) => it.subjects),
    [[{ kind: 'ServiceAccount', name: 'ci', namespace: 'web' }], []],
  );
  assert.deepEqual([next, items[0]?.owner, items[0]?.written], ['', 'other', undefined]);

  const empty = { kind: 'NamespaceList', metadata: {}, items: null };
  assert.deepEqual(parsePage(JSON.stringify(empty), namespaces, 'listing').items, []);
  assert.equal(parseReview('{"status": {"allowed": true, "reason": null}}', 'asking').reason, '');
  assert.equal(wordsOf('{"kind": "Status", "message": null, "reason": null}'), undefined);
});

test('labels of a namespace are strings; anything else is left out and does not fail the list', () => {
  const listed = (more: object) => {
    const items = [{ metadata: { name: 'web', uid: 'u', ...more } }];
    const page = { kind: 'NamespaceList', metadata: {}, items };
    return parsePage(JSON.stringify(page), namespaces, 'listing').items;
  };
  const plain = { name: 'web', terminating: false };
  assert.deepEqual(listed({ labels: { team: 'a', odd: 1, none: null } }), [{ ...plain, labels: { team: 'a' } }]);
  for (const more of [{}, { labels: null }, { labels: {} }, { labels: ['a'] }, { labels: 'a' }]) {
    assert.deepEqual(listed(more), [plain]);
  }
});
