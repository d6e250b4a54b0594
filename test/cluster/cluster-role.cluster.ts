import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { PolicyRule } from '../../src/model/manifest.ts';
import { openOperatorFixture } from '../support/operator.ts';
import type { Api } from './support/api.ts';
import { openCluster } from './support/cluster.ts';
import { openDriftFixture } from './support/drift-fixture.ts';
import { clearNamespaces } from './support/namespaces.ts';
import { writeAsOperator, written } from './support/operators-cluster.ts';
import { openReader, readerRules } from './support/reader.ts';

let api: Api;
before(async () => {
  api = await openCluster();
});
after(() => api[Symbol.asyncDispose]());

/** Exit codes of `drift --probe` and `import` with docs/clusterrole.yaml minus one resource. */
const cases: readonly (readonly [without: string | undefined, drift: number, adopt: number])[] = [
  [undefined, 0, 0],
  // The uid of the cluster and its namespaces are unknown, their objects are readable.
  ['namespaces', 3, 1],
  ['roles', 1, 1],
  ['rolebindings', 1, 1],
  ['subjectaccessreviews', 3, 0],
];
for (const [without, drift, adopt] of cases) {
  const access = without === undefined ? 'with the full ClusterRole' : `without access to ${without}`;
  test(`drift --probe exits ${drift} and import exits ${adopt} ${access}`, async () => {
    const rules = readerRules.flatMap((rule) => leaveOut(rule, without));
    assert.equal(without === undefined, JSON.stringify(rules) === JSON.stringify(readerRules));
    await using reader = await openReader(api, rules);
    await using fixture = await openDriftFixture(api, reader, 'client-side');
    const ran = await fixture.run(['drift', '--probe', '3', '--kubeconfig', reader.kubeconfig]);
    assertExit(ran, drift);

    await using operator = await openOperatorFixture();
    await clearNamespaces(api, ['ajktown-api', 'billing']);
    await writeAsOperator(api, written);
    const athenz = ['--zms-url', operator.sandbox.url, '--ca', '../operator/certs/ca.pem'];
    const pair = ['certs/athenz_admin.cert.pem', 'keys/athenz_admin.private.pem'].map((path) => `../operator/${path}`);
    const [cert = '', key = ''] = pair;
    const as = ['--cert', cert, '--key', key, '--kubeconfig', reader.kubeconfig];
    assertExit(await operator.run(['import', ...athenz, ...as]), adopt);
  });
}

function assertExit(ran: { readonly code: number; readonly out: string; readonly err: string }, code: number): void {
  assert.equal(ran.code, code, ran.out + ran.err);
  assert.equal(/CLUSTER_FORBIDDEN/.test(ran.out + ran.err), code !== 0);
}

function leaveOut(rule: PolicyRule, resource: string | undefined): readonly PolicyRule[] {
  const resources = rule.resources.filter((it) => it !== resource);
  return resources.length === 0 ? [] : [{ ...rule, resources }];
}
