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

/** More than two pages of what drift lists. */
const orphans = Array.from({ length: 1100 }, (_, index) => `left-${String(index).padStart(4, '0')}`);

test(
  'a list of several pages is read whole, also when the API server is restarted between two of them',
  ownServer,
  async ({ signal }) => {
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

    const calm = await fixture.drift(5);
    const paths: string[] = [];
    let stopped: Promise<void> | undefined;
    let started: Promise<void> | undefined;
    const onAnswer = (message: unknown) => {
      const { path } = (message as { readonly request: { readonly path: string } }).request;
      paths.push(path);
      // Killed at once: the first page is there, the second has not been asked for.
      if (path.includes('/rolebindings?limit=')) stopped ??= server.stop();
    };
    const now = Date.now() + 30 * 60_000;
    const clock = {
      // However long it takes to come back, it is no later.
      now: () => now,
      async sleep() {
        started ??= stopped?.then(() => server.start());
        await started;
      },
    };
    subscribe('undici:request:trailers', onAnswer);
    const interrupted = await fixture.drift(5, [], { clock }).finally(() => {
      unsubscribe('undici:request:trailers', onAnswer);
    });
    assert.ok(started !== undefined, 'it was killed, and asked again');
    assert.equal(
      paths.filter((path) => path.includes('/rolebindings?limit=') && !path.includes('continue=')).length,
      1,
    );
    for (const { bindings, clusters, unread } of [calm, interrupted]) {
      assert.deepEqual(
        bindings.map(({ name, states }) => [name, ...states]),
        orphans.map((name) => [name, 'orphan']),
      );
      assert.deepEqual([clusters[0]?.bindings, clusters[0]?.inSync, unread], [1118, 18, []]);
    }
  },
);
