import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { writeFiles } from '../support/repository.ts';
import type { Api } from './support/api.ts';
import { openCluster } from './support/cluster.ts';
import { kubectl } from './support/kubectl.ts';
import { openReplicas, type Replica, type Replicas } from './support/replicas.ts';
import { until } from './support/until.ts';

let api: Api;
before(async () => {
  api = await openCluster();
});
after(() => api[Symbol.asyncDispose]());

/** Two replicas, of which the first leads and has run. */
async function openPair(replicas: Replicas): Promise<readonly [first: Replica, second: Replica]> {
  const first = await replicas.start('first');
  await until('the first one runs', async () => (await first.leads()) && first.runs() > 0);
  return [first, await replicas.start('second')];
}

/** Waits until the second one works, and looks all the time whether both lead. */
async function untilTakenOver(first: Replica, second: Replica): Promise<void> {
  await until('the second one runs', async () => {
    const leading = await Promise.all([first.leads(), second.leads()]);
    assert.ok(!leading.every((leads) => leads), 'two leaders');
    return second.runs() > 0;
  });
}

const microTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

test('one of two replicas works, and when it is killed the other one takes over', async () => {
  await using replicas = await openReplicas(api);
  const [first, second] = await openPair(replicas);
  const before = first.runs();
  await until('the first one goes on', () => first.runs() >= before + 5);
  assert.deepEqual([(await first.page('/leader'))[0], (await second.page('/leader'))[0], second.runs()], [200, 503, 0]);
  // A replica that waits for its turn is ready, or a rollout would never end.
  assert.equal((await second.page('/readyz'))[0], 200);
  for (const [it, leads] of [
    [first, 1],
    [second, 0],
  ] as const)
    assert.match((await it.page('/metrics'))[1], new RegExp(`^athenz_gitops_leader ${leads}$`, 'm'));

  const { spec } = await replicas.lease();
  assert.deepEqual([spec['leaseDurationSeconds'], spec['leaseTransitions']], [15, 0]);
  for (const key of ['acquireTime', 'renewTime']) assert.match(String(spec[key]), microTime);
  await until('the Lease is renewed', async () => (await replicas.lease()).spec['renewTime'] !== spec['renewTime']);
  const table = await kubectl('get', 'lease', 'athenz-gitops', '--namespace=athenz-gitops-replicas');
  assert.equal(table.split('\n')[1]?.split(/\s+/)[1], spec['holderIdentity']);

  process.kill(first.pid, 'SIGKILL');
  await untilTakenOver(first, second);
  const later = (await replicas.lease()).spec;
  assert.equal(later['leaseTransitions'], 1);
  assert.notEqual(later['holderIdentity'], spec['holderIdentity']);
  assert.equal(replicas.log.filter((line) => line.includes('no longer the leader')).length, 0);
});

test('a leader that is stopped gives the Lease back when its run has ended', async () => {
  await using replicas = await openReplicas(api);
  const { fixture } = replicas;
  const [first, second] = await openPair(replicas);
  const { holderIdentity } = (await replicas.lease()).spec;
  // Pushing takes until the test lets it.
  const [begun, go] = ['begun', 'go'].map((name) => join(fixture.target, name)) as [string, string];
  const hook = `#!/bin/sh\ntouch ${begun}\nwhile [ ! -e ${go} ]; do sleep 0.1; done\n`;
  await writeFiles(fixture.target, { 'hooks/pre-receive': `+x ${hook}` });
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.nell']);
  await until('it pushes', () => existsSync(begun));
  process.kill(first.pid, 'SIGTERM');
  // Longer than the other one takes to look.
  await setTimeout(5000);
  assert.equal((await replicas.lease()).spec['holderIdentity'], holderIdentity);
  assert.equal(await second.leads(), false);
  await writeFile(go, '');
  assert.deepEqual(await first.ended, [0, null]);
  assert.match(first.said(), /no longer the leader: stopped\nstopped\n$/);
  await untilTakenOver(first, second);
  assert.equal((await replicas.lease()).spec['leaseTransitions'], 1);
});

const cuts: readonly (readonly [how: string, cut: (it: Replica) => void | Promise<void>])[] = [
  ['whose requests get lost', (it) => it.wayToServer.cut()],
  ['whose permission is taken away', (it) => it.forbid()],
];
for (const [how, cut] of cuts) {
  test(`a leader ${how} aborts its run and stops before the other one starts`, async () => {
    await using replicas = await openReplicas(api);
    const [first, second] = await openPair(replicas);
    // Its next run waits for ZMS, for longer than it may lead.
    let asked = false;
    replicas.fixture.sandbox.intercept(() => {
      if (asked) return undefined;
      asked = true;
      return { kind: 'late', milliseconds: 300_000 };
    });
    await until('a run waits for ZMS', () => asked);
    await cut(first);
    await untilTakenOver(first, second);
    assert.match(first.said(), /no longer the leader: the lease could not be renewed/);
    const said = replicas.log;
    const [stopped, started] = ['first: no longer the leader', 'second: leading'].map((words) =>
      said.findIndex((line) => line.startsWith(words)),
    );
    assert.ok((stopped ?? 0) < (started ?? 0), said.join('\n'));
    assert.match((await first.page('/metrics'))[1], /^athenz_gitops_runs_total\{exit_code="1"\} 1$/m);
    assert.equal((await first.page('/healthz'))[0], 200);
  });
}
