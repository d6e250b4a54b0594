import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import { readFiles } from '../support/generated.ts';
import { identities, openOperatorStage, operatorObjects } from '../support/operator.ts';

// What makes a cluster that the operator filled adopt what is rendered: see test/data/operator.

const namespaces = 'ajktown-api\nbilling\nmonitoring\nkube-system\n';
const convert = ['init', '--from', '../operator/config.yaml', '--ca', '../operator/certs/ca.pem'];

test("the sample's conversion renders, unedited, exactly the objects that the operator wrote", async () => {
  await using stage = await openOperatorStage();
  await stage.write({ 'clusters/default/namespaces.yaml': namespaces.replaceAll(/^(?=.)/gm, '- ') });
  const made = await stage.run(convert);
  assert.deepEqual([made.code, made.err], [0, '']);
  assert.match(made.out, /^Wrote athenz-gitops\.yaml: cluster default, 2 roles, 2 namespaces\.\n/);
  const config = await readFile(join(stage.dir, 'athenz-gitops.yaml'), 'utf8');
  const rendered = await stage.run(['render']);
  assert.deepEqual([rendered.code, rendered.err], [0, '']);
  assert.equal(await readFile(join(stage.dir, 'athenz-gitops.yaml'), 'utf8'), config);
  const texts = [...(await readFiles(stage.dir, 'output')).values()];
  assert.deepEqual(identities(texts), identities([operatorObjects]));
});

test('what was converted can be planned and proposed as it is', async () => {
  await using stage = await openOperatorStage();
  await stage.write({ 'access/clusters/eu/names.txt': namespaces });
  const flags = ['--config', 'access/gitops.yaml', '--cluster', 'eu', '--namespaces', 'access/clusters/*/*.txt'];
  assert.equal((await stage.run([...convert, ...flags])).code, 0);
  await stage.commit({}, 'Namespaces');
  for (const command of ['plan', 'sync']) {
    const { code, out, err } = await stage.run([command, '--config', 'access/gitops.yaml']);
    assert.deepEqual([code, err], [0, ''], out);
    assert.match(out, /5 gain/);
  }
  assert.equal(stage.git('branch', '--list', '--format=%(refname:short)'), 'athenz-gitops/main/eu\nmain');
});

test('paths of the file start where the operator ran, in whichever place its version looks for the file', async () => {
  await using stage = await openOperatorStage();
  const source = await readFile(join(stage.dir, '../operator/config.yaml'), 'utf8');
  await stage.write({ '../operator/internal/config/config.yaml': source, '../operator/conf/op.yaml': source });
  for (const [from, folder] of [
    ['config.yaml', 'operator'],
    ['internal/config/config.yaml', 'operator'],
    ['conf/op.yaml', 'operator/conf'],
  ] as const) {
    assert.equal((await stage.run(['init', '--force', '--from', `../operator/${from}`])).code, 0);
    const { athenz } = await loadConfig(join(stage.dir, 'athenz-gitops.yaml'));
    assert.equal(athenz.keyPath, join(stage.dir, '..', folder, 'keys/athenz_admin.private.pem'));
  }
});
