import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Watched } from '../../src/core/generator.ts';
import type { Io } from '../../src/run/io.ts';
import { type ObjectWatches, openObjectWatches } from '../../src/run/object-watches.ts';
import type { Workspace } from '../../src/run/workspace.ts';
import { bindingOf, type KubeFixture, kubeSettings, namespacesOf, openKubeFixture } from '../support/kube/fixture.ts';

const of = (namespace: string): Watched => ({
  cluster: 'prod',
  query: { group: 'rbac.authorization.k8s.io', kind: 'RoleBinding', namespace },
});

interface Setup extends AsyncDisposable {
  readonly fixture: KubeFixture;
  readonly watches: ObjectWatches;
  readonly said: readonly string[];
  readonly changes: () => number;
  follow(term: AbortSignal, watched: readonly Watched[], user?: string): void;
  until(is: () => boolean): Promise<void>;
}

async function open(): Promise<Setup> {
  await using made = new AsyncDisposableStack();
  const fixture = made.use(await openKubeFixture(namespacesOf('a', 'b')));
  const kubeconfig = await fixture.kube.writeKubeconfig(fixture.dir);
  const said: string[] = [];
  let changes = 0;
  const io: Partial<Io> = {
    env: {},
    runId: 'test',
    clock: {
      now: () => Date.now(),
      sleep: (_, signal) => new Promise((end) => signal?.addEventListener('abort', () => end())),
    },
    err: (text) => void said.push(text),
  };
  const watches = openObjectWatches(io as Io, { logLevel: 'info' }, () => changes++);
  made.defer(() => watches.close());
  const all = made.move();
  return {
    ...{ fixture, watches, said },
    changes: () => changes,
    follow(term, watched, user = 'admin') {
      const clusters = [{ name: 'prod', domain: 'a.{namespace}', kube: kubeSettings({ kubeconfig, context: user }) }];
      const config = { clusters, athenz: { cache: 'off', zmsUrl: 'https://zms' } };
      watches.follow({ config, clusters, root: fixture.dir } as unknown as Workspace, watched, term);
    },
    async until(is) {
      while (!is()) await setImmediate();
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

const tally = {
  cluster: 'prod',
  kind: 'RoleBinding',
  open: 0,
  lost: 0,
  restarts: 0,
  events: 0,
  lastEventAt: undefined,
};

test('what is watched already goes on, and what is no longer asked for ends', async () => {
  await using setup = await open();
  const { fixture, watches, follow, until } = setup;
  const term = new AbortController();
  follow(term.signal, [of('a'), of('b')]);
  await until(() => watches.tallies()[0]?.open === 2);
  const asked = fixture.kube.requests.length;
  follow(term.signal, [of('a'), of('b')]);
  follow(term.signal, [of('b')]);
  await until(() => fixture.kube.watches.open === 1 && watches.tallies()[0]?.open === 1);
  fixture.kube.put([bindingOf('a', 'x', 'user.jo'), bindingOf('b', 'x', 'user.jo')]);
  await until(() => watches.tallies()[0]?.events === 1);
  assert.equal(fixture.kube.requests.length, asked);
  // Both lists, and the event.
  assert.equal(setup.changes(), 3);
});

test('with the end of a term nothing is watched, and the next one begins with a list', async () => {
  await using setup = await open();
  const { fixture, watches, follow, until } = setup;
  const [first, second] = [new AbortController(), new AbortController()];
  follow(first.signal, [of('a')]);
  await until(() => watches.tallies()[0]?.open === 1);
  first.abort('SIGTERM');
  await until(() => fixture.kube.watches.open === 0);
  assert.deepEqual(watches.tallies(), [tally]);
  follow(first.signal, [of('a')]);
  assert.deepEqual(watches.tallies(), [tally]);
  follow(second.signal, [of('a')]);
  await until(() => watches.tallies()[0]?.open === 1);
  assert.equal(setup.changes(), 2);
  assert.deepEqual(setup.said, []);
});

test('other credentials, as of a changed config, open it anew', async () => {
  await using setup = await open();
  const { fixture, watches, follow, until } = setup;
  const { signal } = new AbortController();
  follow(signal, [of('a')], 'reader');
  await until(() => watches.tallies()[0]?.lost === 1);
  follow(signal, [of('a')], 'admin');
  await until(() => watches.tallies()[0]?.open === 1 && watches.tallies()[0]?.lost === 0);
  assert.equal(fixture.kube.watches.open, 1);
  assert.equal(setup.said.length, 1);
});

test('a kubeconfig that does not work is said once, and tried by the next run', async () => {
  await using setup = await open();
  const { watches, said, follow, until } = setup;
  const { signal } = new AbortController();
  for (let run = 0; run < 3; run++) {
    follow(signal, [of('a')], 'no-such-context');
    await until(() => said.length > 0);
    await setImmediate();
  }
  assert.match(
    said.join(''),
    /^warn: lost the watch of RoleBinding in a of cluster prod: CLUSTER_CONFIG: .*no-such-context/,
  );
  assert.equal(said.length, 1);
  follow(signal, [of('a')]);
  await until(() => watches.tallies()[0]?.open === 1);
});

test('when it is closed, nothing is open any more', async () => {
  await using setup = await open();
  const { fixture, watches, follow, until } = setup;
  follow(new AbortController().signal, [of('a'), of('b')]);
  await until(() => fixture.kube.watches.open === 2);
  await watches.close();
  assert.deepEqual(watches.tallies(), [tally]);
  await until(() => fixture.kube.watches.open === 0);
});
