import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { openClusterSession } from '../../src/cluster/session.ts';
import { parseWatchEvent, type WatchEvent } from '../../src/cluster/watch-event.ts';
import { type WatchNews, watchObjects } from '../../src/cluster/watch-objects.ts';
import { makeFolder } from '../support/folder.ts';
import { kubeSettings } from '../support/kube/fixture.ts';
import { type ApiServer, openApiServer } from './server/api-server.ts';
import type { Api } from './support/api.ts';
import { openCluster } from './support/cluster.ts';
import { clearNamespaces } from './support/namespaces.ts';
import { ownServer } from './support/nested.ts';
import { openReader } from './support/reader.ts';
import { until } from './support/until.ts';

const namespace = 'watched';
const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;
const query = { group: '', kind: 'ConfigMap', namespace };
const clock = {
  now: () => Date.now(),
  sleep: (milliseconds: number, signal?: AbortSignal) =>
    setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => {}),
};

function sessionOf(kubeconfig: string) {
  return openClusterSession({ cluster: 'prod', kube: kubeSettings({ kubeconfig }), root: null, env: {}, clock });
}

/** Everything that a watch request is answered with, until the server ends it. */
async function answered(kubeconfig: string, asked: string): Promise<{ status: number; events: readonly WatchEvent[] }> {
  const session = sessionOf(kubeconfig);
  try {
    const options = { stop: new AbortController().signal, silence: 120_000 };
    const stream = await session.stream(
      { path: `${configMaps}?watch=true&allowWatchBookmarks=true&${asked}` },
      options,
    );
    const events: WatchEvent[] = [];
    if (stream.status !== 200) return { status: stream.status, events: [] };
    for await (const line of stream.lines()) events.push(parseWatchEvent(line, 'watching'));
    return { status: stream.status, events };
  } finally {
    await session.close();
  }
}

describe('watches of an API server', ownServer, () => {
  const stack = new AsyncDisposableStack();
  let server: ApiServer;
  let api: Api;
  before(async () => {
    const { dir } = stack.use(await makeFolder());
    server = stack.use(await openApiServer({ dir, signal: new AbortController().signal }));
    api = stack.use(await openCluster(server.kubeconfig));
    await clearNamespaces(api, [namespace]);
  });
  after(() => stack.disposeAsync());
  const create = (name: string) => api.post(configMaps, { metadata: { name } });
  const versionNow = async () =>
    (await api.get<{ metadata: { resourceVersion: string } }>(`${configMaps}?limit=1`)).metadata.resourceVersion;

  test('a watch that was asked for bookmarks gets one before its end, with a later version', async () => {
    const version = await versionNow();
    const watched = answered(server.kubeconfig, `resourceVersion=${version}&timeoutSeconds=20`);
    await setTimeout(1000);
    // Without anything to learn it gets none.
    await api.post('/api/v1/namespaces/default/configmaps', { metadata: { generateName: 'elsewhere-' } });
    const { status, events } = await watched;
    assert.deepEqual([status, new Set(events.map(({ kind }) => kind))], [200, new Set(['bookmark'])]);
    const bookmark = events.at(-1);
    assert.ok(bookmark?.kind === 'bookmark' && Number(bookmark.version) > Number(version), JSON.stringify(bookmark));
  });

  test('it goes on over a restart of the server', async () => {
    const session = sessionOf(server.kubeconfig);
    const stop = new AbortController();
    const news: WatchNews[] = [];
    const tell = (it: WatchNews) => void news.push(it);
    const ended = watchObjects(session, query, { stop: stop.signal, clock, random: () => 0, tell });
    const told = (kind: WatchNews['kind']) => news.filter((it) => it.kind === kind).length;
    try {
      await until('open', () => told('open') === 1);
      await create('before');
      await until('the first event', () => told('changed') === 1);
      await server.stop();
      await until('lost', () => told('lost') > 0);
      await server.start();
      await until('open again', () => told('open') === 2);
      await create('after');
      await until('the second event', () => told('changed') >= 2);
      assert.equal(told('changed'), 2);
    } finally {
      stop.abort();
      await ended;
      await session.close();
    }
  });

  test('a version from before the restart is too old: 410', async () => {
    const { status, events } = await answered(server.kubeconfig, 'resourceVersion=1&timeoutSeconds=5');
    assert.deepEqual([status, events], [200, [{ kind: 'expired' }]]);
  });

  test('a version that is yet to come, as after a restore of etcd, is no error: nothing comes', async () => {
    const { status, events } = await answered(server.kubeconfig, 'resourceVersion=999999999&timeoutSeconds=2');
    assert.deepEqual([status, events], [200, []]);
  });

  test('whoever may list and not watch is told so', async () => {
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }];
    await using reader = await openReader(api, rules, server.kubeconfig);
    const session = sessionOf(reader.kubeconfig);
    const stop = new AbortController();
    const news: WatchNews[] = [];
    const tell = (it: WatchNews) => {
      news.push(it);
      stop.abort();
    };
    await watchObjects(session, query, { stop: stop.signal, clock, random: () => 0, tell });
    await session.close();
    const [lost] = news;
    assert.ok(lost?.kind === 'lost' && lost.problem.code === 'CLUSTER_FORBIDDEN', JSON.stringify(news));
    assert.match(lost.problem.message, /cannot watch resource "configmaps"/);
  });
});
