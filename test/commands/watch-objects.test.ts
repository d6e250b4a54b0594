import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Generator, Watched } from '../../src/core/generator.ts';
import type { GroupBy } from '../../src/model/proposal.ts';
import { toy } from '../generators/toy.ts';
import { bindingOf, namespacesOf } from '../support/kube/fixture.ts';
import { type KubeStandIn, openKubeStandIn } from '../support/kube/stand-in.ts';
import { openRemoteFixture, type RemoteFixture } from '../support/remote-fixture.ts';
import { gitIn } from '../support/repository.ts';
import { type Pause, watch } from '../support/watch.ts';

const watched: Watched = {
  cluster: 'prod',
  query: { group: 'rbac.authorization.k8s.io', kind: 'RoleBinding', namespace: 'team' },
};
const labels = 'cluster="prod",kind="RoleBinding"';

interface Setup extends AsyncDisposable {
  readonly fixture: RemoteFixture;
  readonly kube: KubeStandIn;
  /** Says something else in each namespace: one change each. */
  say(motto: string): Promise<void>;
}

/** A generator that reads a text of git and is woken by a cluster, whose proposals go to a remote. */
async function open(user: string, groupBy: GroupBy = 'cluster'): Promise<Setup> {
  await using made = new AsyncDisposableStack();
  const kube = made.use(await openKubeStandIn());
  kube.put([...namespacesOf('team'), bindingOf('team', 'first', 'user.ada')]);
  const fixture = made.use(await openRemoteFixture({ remote: true, rendered: true }));
  const kubeconfig = await kube.writeKubeconfig(fixture.dir);
  await fixture.editConfig((text) =>
    `${text}\ntoy: {folder: mottos, motto: motto.txt}\n`
      .replace('  - name: prod\n', `  - name: prod\n    kube: {kubeconfig: "${kubeconfig}", context: ${user}}\n`)
      .replace(/^( *)groupBy: .*$/m, '')
      .replace('kind: local', `kind: local\n  groupBy: ${groupBy}`),
  );
  const say = async (motto: string) => {
    await fixture.commit({ 'motto.txt': motto }, 'Motto');
    fixture.pushMain();
  };
  await say('festina lente');
  const all = made.move();
  return { fixture, kube, say, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** The toy, woken by the cluster. Its first read is after the watch is open. */
const woken = (page: Pause['page']): Generator => ({
  ...(toy as unknown as Generator),
  watched: () => [watched],
  async open(input) {
    await until(page, `athenz_gitops_watches{${labels},state="(open|lost)"} 1`);
    return (toy as unknown as Generator).open(input);
  },
});

/** Waits until the metrics have a line like this. */
async function until(page: Pause['page'], line: string): Promise<void> {
  const expected = new RegExp(`^${line.replace('{', '\\{').replace('}', '\\}')}$`, 'm');
  while (!expected.test((await page('/metrics'))[1])) await setImmediate();
}

/** How many proposals there are in the remote: those of Athenz, and of the toy. */
function proposed({ fixture }: Setup): readonly [athenz: number, toy: number] {
  const refs = gitIn(fixture.target, 'for-each-ref', '--format=%(refname)', 'refs/heads/athenz-gitops').split('\n');
  const all = refs.filter((it) => it !== '');
  const own = all.filter((it) => it.includes('/toy@'));
  return [all.length - own.length, own.length];
}

test('a change of a watched object begins a run half a minute later, and one of another object none', async () => {
  await using setup = await open('admin');
  const { fixture, kube } = setup;
  const sleeps: number[] = [];
  const options = { args: ['--poll', 'off'], pauses: 4, also: woken };
  const { runs, err } = await watch(fixture, options, async ({ number, sleeps: milliseconds, page }) => {
    sleeps.push(milliseconds);
    if (number > 2) return;
    if (number === 1) await setup.say('carpe diem');
    kube.put([bindingOf('default', 'elsewhere', `user.${number}`), bindingOf('team', 'second', `user.${number}`)]);
    await until(page, `athenz_gitops_watch_events_total{${labels}} ${number}`);
  });
  assert.deepEqual(
    runs.map((run) => run.split(',')[0]),
    ['start: 6 changes', 'objects: 6 changes', 'interval: 6 changes'],
    err,
  );
  assert.deepEqual(sleeps.slice(1, 2), [30_000]);
  assert.ok((sleeps[0] ?? 0) >= 300_000 && (sleeps[2] ?? 0) >= 300_000, sleeps.join());
  // A line for neither a change nor a watch that is as it should be.
  assert.doesNotMatch(err, /RoleBinding/);
});

test('six pushes a minute are made for what is woken by objects, and the rest a minute later', async () => {
  await using setup = await open('admin', 'namespace');
  const options = { args: ['--poll', 'off'], pauses: 2, also: woken };
  const counts: number[] = [];
  const { runs, err } = await watch(setup.fixture, options, ({ number, sleeps }) => {
    counts.push(proposed(setup)[1]);
    if (number === 1) assert.equal(sleeps, 60_000);
    else assert.ok(sleeps >= 300_000);
  });
  assert.deepEqual(
    [counts, runs.map((run) => run.split(':')[0])],
    [
      [6, 7],
      ['start', 'retry'],
    ],
    err,
  );
  assert.equal(
    err.match(/^Skipped .*search because too much was pushed within a minute \(--max-pushes\)\.$/gm)?.length,
    1,
  );
});

test('changes of access are pushed whatever was pushed before them, and count', async () => {
  await using setup = await open('admin', 'namespace');
  const { fixture } = setup;
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.eli']);
  fixture.setRole('acme.eks.checkout', 'k8s_ns_admins', ['user.dara']);
  const counts: (readonly [number, number])[] = [];
  const options = { args: ['--poll', 'off', '--max-pushes', '1'], pauses: 3, also: woken };
  const { err } = await watch(fixture, options, () => void counts.push(proposed(setup)));
  assert.deepEqual(
    counts,
    [
      [2, 0],
      [2, 1],
      [2, 2],
    ],
    err,
  );
});

/** Not those of the loop, which are the interval's. */
const hangs = (milliseconds: number) => milliseconds >= 4000 && milliseconds < 300_000;

test('a watch that is refused is said once, with what to do, and the interval goes on', async () => {
  await using setup = await open('reader');
  const options = { args: ['--poll', 'off'], pauses: 3, also: woken, hangs };
  const { runs, err } = await watch(setup.fixture, options, async ({ number, page }) => {
    if (number > 1) await setup.say(`motto ${number}`);
    await until(page, `athenz_gitops_watches{${labels},state="lost"} 1`);
  });
  assert.deepEqual(
    runs.map((run) => run.split(',')[0]),
    ['start: 6 changes', 'interval: 6 changes', 'interval: 6 changes'],
    err,
  );
  const warned = err.match(/^warn: lost the watch of RoleBinding in team of cluster prod: .*$/gm);
  assert.equal(warned?.length, 1, err);
  assert.match(
    warned[0] ?? '',
    /CLUSTER_FORBIDDEN: .* cannot watch .*; let this identity list and watch them .*; until it is back, each --interval/,
  );
});

test('a watch that breaks and comes back is a line each in the log, and counted', async () => {
  await using setup = await open('admin');
  const { fixture, kube } = setup;
  const options = { args: ['--poll', 'off'], pauses: 2, also: woken, hangs };
  const { runs, err } = await watch(fixture, options, async ({ number, page }) => {
    if (number === 2) return;
    kube.watches.cut();
    await until(page, `athenz_gitops_watch_restarts_total{${labels}} 1`);
    const [, metrics] = await page('/metrics');
    assert.match(metrics, /^athenz_gitops_watches\{.*state="open"\} 1$/m);
    assert.match(metrics, /^athenz_gitops_watch_last_event_timestamp_seconds\{.*\} 0$/m);
  });
  assert.match(err, /^warn: lost the watch of .*\nthe watch of RoleBinding in team of cluster prod is back$/m);
  // It went on from where it was: nothing can have been missed.
  assert.deepEqual(
    runs.map((run) => run.split(':')[0]),
    ['start', 'interval'],
  );
});

test('what no generator asks for is not watched, and what one no longer asks for is let go of', async () => {
  await using setup = await open('admin');
  const { fixture, kube } = setup;
  let asks = true;
  const also = (page: Pause['page']): Generator => ({
    ...woken(page),
    watched: () => (asks ? [watched] : []),
    open: (input) => (asks ? woken(page).open(input) : (toy as unknown as Generator).open(input)),
  });
  const opened: number[] = [];
  await watch(fixture, { args: ['--poll', 'off'], pauses: 2, also }, async ({ number, page }) => {
    if (number === 2) await until(page, `athenz_gitops_watches{${labels},state="open"} 0`);
    opened.push(kube.watches.open);
    asks = false;
  });
  assert.equal(opened[0], 1);
  while (kube.watches.open > 0) await setImmediate();
});
