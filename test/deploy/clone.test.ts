import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { deployFolder, objectsOf, podsOf } from '../support/manifests.ts';
import { openRemoteFixture } from '../support/remote-fixture.ts';
import { gitEnv, gitIn } from '../support/repository.ts';

const scripts = await Promise.all(
  ['deployment.yaml', 'cronjob.yaml'].map(async (name) => {
    const [pod] = podsOf(objectsOf(await readFile(join(deployFolder, name), 'utf8')));
    const { command, args: [script = ''] = [] } = pod?.initContainers?.[0] ?? assert.fail(name);
    assert.deepEqual(command, ['sh', '-euc']);
    return script;
  }),
);

test('both workloads prepare their clone in the same way', () => {
  assert.equal(scripts[0], scripts[1]);
});

test('a run in the prepared clone fetches the base, reads the linked config and proposes', async () => {
  await using fixture = await openRemoteFixture({ remote: true });
  const pod = join(dirname(fixture.dir), 'pod');
  await mkdir(pod);
  // As the kubelet lays out a ConfigMap: a link to a file in a folder that is a link.
  const map = join(pod, 'map');
  await mkdir(join(map, '..2026'), { recursive: true });
  await symlink('..2026', join(map, '..data'));
  await symlink(join('..data', 'athenz-gitops.yaml'), join(map, 'athenz-gitops.yaml'));
  const config = await readFile(fixture.paths.config, 'utf8');
  const absolute = (_: string, before: string, path: string) => before + resolve(fixture.dir, path);
  await writeFile(
    join(map, 'athenz-gitops.yaml'),
    config.replaceAll(/((?:cert|key|ca)Path: |"0": )([^}\s]+)/g, absolute),
  );

  const script = (scripts[0] ?? '')
    .replaceAll('/etc/athenz-gitops/', `${map}/`)
    .replaceAll(/\/(work|cache)\//g, (path) => pod + path);
  const prepare = () => {
    const env = { ...gitEnv, REPOSITORY: fixture.target };
    execFileSync('sh', ['-euc', script], { cwd: pod, env, stdio: 'pipe' });
  };
  await mkdir(join(pod, 'work'));
  prepare();
  const cwd = join(pod, 'work', 'repository');
  const first = await fixture.expect(0, ['sync'], { cwd });
  assert.match(first.out, /^Created branch athenz-gitops\/main\/prod: /m);
  // What a person runs there to look and to approve.
  assert.match((await fixture.expect(0, ['plan'], { cwd })).out, /^prod {2}/m);
  assert.match((await fixture.expect(0, ['doctor'], { cwd })).out, /^ok +namespaces +prod: 6 namespaces/m);
  // A pod whose containers are made again prepares the same volumes again.
  prepare();
  const second = await fixture.expect(0, ['sync'], { cwd });
  assert.match(second.out, /^Up to date: /m);
  assert.equal(gitIn(fixture.target, 'for-each-ref', '--format=%(refname)', 'refs/heads').split('\n').length, 2);
  // The same config in a clone of one's own has the same proposals.
  assert.match((await fixture.expect(0, ['sync'])).out, /^Up to date: /m);
});
