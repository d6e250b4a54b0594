import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeConfig } from '../support/kube/fixture.ts';
import { openKubeFixture } from '../support/kube-fixture.ts';

test('no command runs a plugin that a kubeconfig of the repository names', async () => {
  await using fixture = await openKubeFixture({
    applied: false,
    config: (text) =>
      text
        .replace(/kube: \{.*\}/, 'kube: {kubeconfig: kube/config}')
        .replace(/namespaces:\n {6}files: .*\n/, 'namespaces: {cluster: true}\n'),
    rendered: false,
    uncommitted: true,
  });
  const mark = join(fixture.dir, 'mark');
  const user = {
    exec: { apiVersion: 'client.authentication.k8s.io/v1', command: './evil.sh', interactiveMode: 'Never' },
  };
  const server = { server: 'https://127.0.0.1:6' };
  const kubeconfig = await writeConfig(
    fixture.dir,
    {
      'current-context': 'c',
      clusters: [{ name: 'c', cluster: server }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    },
    'kube/config',
  );
  await fixture.commit({ 'kube/evil.sh': `+x #!/bin/sh\ntouch ${mark}\necho '{}'\n` }, 'Kubeconfig');
  const importing = [
    'import',
    '--zms-url',
    fixture.sandbox.url,
    '--kubeconfig',
    'kube/config',
    '--domain=eks.{namespace}',
  ];
  const commands = [['plan'], ['sync'], ['render'], ['provision'], ['drift'], ['doctor'], importing];
  for (const args of commands) {
    const { out, err } = await fixture.run(args);
    assert.match(out + err, /CLUSTER_CONFIG: .* is in the repository, and its user "u" runs a program/, args[0]);
    assert.equal(existsSync(mark), false, args[0]);
  }
  const { err } = await fixture.run(['drift'], { env: { ...process.env, KUBECONFIG: kubeconfig } });
  assert.match(err, /is in the repository/);
});
