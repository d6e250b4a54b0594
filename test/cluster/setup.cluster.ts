import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../support/folder.ts';
import { cacheFolder } from './server/cache.ts';
import { openCluster } from './support/cluster.ts';
import { kubeconfig } from './support/kubectl.ts';
import { ownLabel } from './support/namespaces.ts';
import { ownServer, startNested } from './support/nested.ts';

const PATH = process.env['PATH'] ?? '';

test('rejects a TEST_KUBECONFIG cluster with namespaces of others', async () => {
  await using api = await openCluster();
  await using folder = await makeFolder();
  const script = join(folder.dir, 'script.mjs');
  await writeFile(script, `import { test } from 'node:test'; test('passes', () => {});`);
  const run = async () => await startNested([script], { TEST_KUBECONFIG: kubeconfig, TMPDIR: folder.dir }).ended;
  const { metadata } = await api.post<{ metadata: { name: string } }>('/api/v1/namespaces', {
    metadata: { generateName: 'somebodys-' },
  });
  const rejected = await run();
  // Without a controller no namespace is ever deleted, so mark it as ours.
  await api.patch(`/api/v1/namespaces/${metadata.name}`, { metadata: { labels: { [ownLabel]: 'true' } } });
  assert.equal(rejected.code, 1);
  assert.match(rejected.err, new RegExp(`^test:cluster: TEST_KUBECONFIG is refused, .*${metadata.name}.*\n$`));

  const accepted = await run();
  assert.equal(accepted.code, 0, accepted.err);
  assert.deepEqual(await readdir(folder.dir), ['script.mjs']);
});

const unusable = [
  ['is missing', undefined, /there is no file .*\/kubeconfig$/],
  ['is invalid', 'nothing of that kind', /kubectl config failed: .*/],
  ['has no credentials', kubeconfigOf({}), /has to have a client certificate or a token/],
  [
    'points to an unreachable server',
    kubeconfigOf({ token: 'a' }),
    /its cluster lists no namespaces: connect(ion refused \(| )ECONNREFUSED/,
  ],
] as const;
for (const [what, content, message] of unusable) {
  test(`a kubeconfig that ${what} gives a one-line error`, async () => {
    await using folder = await makeFolder();
    const file = join(folder.dir, 'kubeconfig');
    if (content !== undefined) await writeFile(file, content);
    const { code, err } = await startNested([], { TEST_KUBECONFIG: file }).ended;
    assert.equal(code, 1);
    assert.match(err, /^test:cluster: [^\n]*\n$/);
    assert.match(err.trim(), message);
  });
}

test('a missing Go is reported with its purpose and where to get it', async () => {
  await using folder = await makeFolder();
  const { code, err } = await startNested([], { PATH: folder.dir }).ended;
  assert.equal(code, 1);
  assert.match(err, /^test:cluster: kube-apiserver and kubectl are built by Go, .*https:\/\/go\.dev\/dl.*\n$/);
});

test('a server that fails to start is reported with its output', ownServer, async () => {
  await using folder = await makeFolder();
  await writeProgram(join(folder.dir, 'etcd'), 'echo out of paper; echo cannot print >&2; exit 3');
  const { code, err } = await startNested([], { PATH: `${folder.dir}${delimiter}${PATH}` }).ended;
  assert.equal(code, 1);
  assert.equal(err, 'test:cluster: etcd ended before it was up: out of paper | cannot print\n');
});

test('a missing etcd that cannot be installed is reported with a next step', ownServer, async () => {
  await using folder = await makeFolder();
  // The whole cache except etcd.
  const caches = join(folder.dir, 'athenz-gitops', 'test-cluster');
  await mkdir(caches, { recursive: true });
  for (const name of await readdir(cacheFolder())) {
    if (!name.startsWith('etcd')) await symlink(join(cacheFolder(), name), join(caches, name));
  }
  const bin = join(folder.dir, 'bin');
  await mkdir(bin);
  await symlink(execFileSync('sh', ['-c', 'command -v go'], { encoding: 'utf8' }).trim(), join(bin, 'go'));
  await writeProgram(join(bin, 'apt-get'), 'echo E: Unable to locate package etcd-server; exit 100');
  const { code, err } = await startNested([], { PATH: bin, XDG_CACHE_HOME: folder.dir }).ended;
  assert.equal(code, 1);
  assert.match(
    err,
    /^test:cluster: there is no etcd: put one on PATH, .*"sudo apt-get update".*: .*Unable to locate.*\n$/,
  );
});

/** A kubeconfig for a cluster that does not exist. */
function kubeconfigOf(user: object): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'a',
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    clusters: [{ name: 'a', cluster: { server: 'http://127.0.0.1:1' } }],
    users: [{ name: 'a', user }],
  });
}

async function writeProgram(path: string, script: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}
