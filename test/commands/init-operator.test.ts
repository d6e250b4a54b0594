import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import { readFiles } from '../support/generated.ts';
import { identities, openOperatorFixture, operatorObjects } from '../support/operator.ts';

// The rendered manifests must match the objects of the operator: see test/data/operator.

const namespaces = 'ajktown-api\nbilling\nmonitoring\nkube-system\n';
const convert = ['init', '--from', '../operator/config.yaml', '--ca', '../operator/certs/ca.pem'];

test('a converted config renders exactly the objects that the operator wrote', async () => {
  await using fixture = await openOperatorFixture();
  await fixture.write({ 'clusters/default/namespaces.yaml': namespaces.replaceAll(/^(?=.)/gm, '- ') });
  const made = await fixture.run(convert);
  assert.deepEqual([made.code, made.err], [0, '']);
  assert.match(made.out, /^Wrote athenz-gitops\.yaml: cluster default, 2 roles, 2 namespaces\.\n/);
  const config = await readFile(join(fixture.dir, 'athenz-gitops.yaml'), 'utf8');
  const rendered = await fixture.run(['render']);
  assert.deepEqual([rendered.code, rendered.err], [0, '']);
  assert.equal(await readFile(join(fixture.dir, 'athenz-gitops.yaml'), 'utf8'), config);
  const texts = [...(await readFiles(fixture.dir, 'output')).values()];
  assert.deepEqual(identities(texts), identities([operatorObjects]));
});

test('plan and sync work with a converted config', async () => {
  await using fixture = await openOperatorFixture();
  await fixture.write({ 'access/clusters/eu/names.txt': namespaces });
  const flags = ['--config', 'access/gitops.yaml', '--cluster', 'eu', '--namespaces', 'access/clusters/*/*.txt'];
  assert.equal((await fixture.run([...convert, ...flags])).code, 0);
  await fixture.commit({}, 'Namespaces');
  for (const command of ['plan', 'sync']) {
    const { code, out, err } = await fixture.run([command, '--config', 'access/gitops.yaml']);
    assert.deepEqual([code, err], [0, ''], out);
    assert.match(out, /5 grants to add/);
  }
  assert.equal(
    fixture.git('branch', '--list', '--format=%(refname:short)'),
    'athenz-gitops/main/rbac@+access+gitops_yaml.eu\nmain',
  );
});

test('paths in the operator config are relative to where the operator ran', async () => {
  await using fixture = await openOperatorFixture();
  const source = await readFile(join(fixture.dir, '../operator/config.yaml'), 'utf8');
  await fixture.write({ '../operator/internal/config/config.yaml': source, '../operator/conf/op.yaml': source });
  for (const [from, folder] of [
    ['config.yaml', 'operator'],
    ['internal/config/config.yaml', 'operator'],
    ['conf/op.yaml', 'operator/conf'],
  ] as const) {
    const { out } = await fixture.run(['init', '--force', '--offline', '--from', `../operator/${from}`]);
    assert.match(out, /^Wrote athenz-gitops\.yaml: /);
    const { athenz } = await loadConfig(join(fixture.dir, 'athenz-gitops.yaml'));
    assert.equal(athenz.keyPath, join(fixture.dir, '..', folder, 'keys/athenz_admin.private.pem'));
  }
});
