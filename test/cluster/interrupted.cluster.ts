import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { makeFolder } from '../support/folder.ts';
import { openApiServer } from './server/api-server.ts';
import { openCluster } from './support/cluster.ts';
import { openDriftFixture } from './support/drift-fixture.ts';
import { ownServer } from './support/nested.ts';
import { rbac } from './support/objects.ts';
import { openReader, readerRules } from './support/reader.ts';

/** More than two pages of RoleBindings. */
const orphans = Array.from({ length: 1100 }, (_, index) => `left-${String(index).padStart(4, '0')}`);

test('a paged list is complete if the API server restarts between pages', ownServer, async ({ signal }) => {
  await using folder = await makeFolder();
  await using server = await openApiServer({ dir: folder.dir, signal });
  await using api = await openCluster(server.kubeconfig);
  await using reader = await openReader(api, readerRules, server.kubeconfig);
  await using fixture = await openDriftFixture(api, reader, 'server-side');
  const labels = { 'app.kubernetes.io/managed-by': 'athenz-gitops' };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' };
  const create = (name: string) =>
    api.post(`${rbac}/namespaces/labs/rolebindings`, { metadata: { name, labels }, roleRef });
  await Promise.all(orphans.map(create));

  const undisturbed = await fixture.drift(5);
  const paths: string[] = [];
  let stopped: Promise<void> | undefined;
  let started: Promise<void> | undefined;
  const onResponse = (message: unknown) => {
    const { path } = (message as { readonly request: { readonly path: string } }).request;
    paths.push(path);
    // Stop the server after the first page, before the second is requested.
    if (path.includes('/rolebindings?limit=')) stopped ??= server.stop();
  };
  const now = Date.now() + 30 * 60_000;
  const clock = {
    // The clock stands still, however long the restart takes.
    now: () => now,
    async sleep() {
      started ??= stopped?.then(() => server.start());
      await started;
    },
  };
  subscribe('undici:request:trailers', onResponse);
  const interrupted = await fixture.drift(5, [], { clock }).finally(() => {
    unsubscribe('undici:request:trailers', onResponse);
  });
  assert.ok(started !== undefined, 'the server was stopped and the request retried');
  assert.equal(paths.filter((path) => path.includes('/rolebindings?limit=') && !path.includes('continue=')).length, 1);
  for (const { bindings, clusters, unread } of [undisturbed, interrupted]) {
    assert.deepEqual(
      bindings.map(({ name, states }) => [name, ...states]),
      orphans.map((name) => [name, 'orphan']),
    );
    assert.deepEqual([clusters[0]?.bindings, clusters[0]?.inSync, unread], [1118, 18, []]);
  }
});
