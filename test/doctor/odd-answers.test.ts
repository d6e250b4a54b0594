import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../../src/doctor/finding.ts';
import { type Diagnosis, diagnose, openHealthyFixture } from '../support/diagnosis.ts';
import { plain } from '../support/kube/status.ts';
import { openKubeFixture } from '../support/kube-fixture.ts';
import { shareOf } from '../support/tier.ts';

// `diagnose` fails where a finding is INTERNAL: an answer that no server should give is no bug of the program.

const bodies = ['<html>a proxy</html>', '', 'null', '[]', '{}', '"text"', '[null]', '{"workflow_runs":[null]}'];
const json = { 'Content-Type': 'application/json' };

/** The findings of other things than these, in order, as `status check`. */
function others({ findings }: Diagnosis, ...checks: readonly string[]): readonly string[] {
  const isOther = ({ check }: Finding) => !checks.includes(check);
  return findings.filter(isOther).map(({ status, check }) => `${status} ${check}`);
}

const ofGitHub = ['token', 'repository', 'permissions', 'merging', 'labels', 'pull requests', 'last success'];

test('doctor survives odd answers of GitHub: each finding stands alone', async (t) => {
  await using fixture = await openHealthyFixture();
  const healthy = await diagnose(fixture);
  for (const body of shareOf(bodies, 0, 8)) {
    await t.test(`${body || 'an empty body'} to every request`, async () => {
      fixture.github.intercept(({ face }) =>
        face === 'api' ? { kind: 'status', status: 200, headers: json, body } : undefined,
      );
      const odd = await diagnose(fixture);
      assert.deepEqual(others(odd, ...ofGitHub), others(healthy, ...ofGitHub));
      const repository = odd.findings.filter(({ check }) => check === 'repository');
      assert.match(repository[0]?.message ?? '', /^FORGE_BAD_RESPONSE: looking for acme\/gitops: invalid response/);
    });
  }
  const paths: readonly (readonly [path: RegExp, check: string, ...more: string[]])[] = [
    [/^\/repos\/acme\/gitops$/, 'repository', 'token', 'permissions'],
    [/\/rules\/branches\//, 'merging'],
    [/\/labels\//, 'labels'],
    [/\/pulls$/, 'pull requests'],
    [/\/runs$/, 'last success'],
  ];
  for (const [path, check, ...more] of shareOf(paths, 1, 5)) {
    await t.test(`null to ${path.source} concerns ${check} alone`, async () => {
      fixture.github.intercept((asked) =>
        asked.face === 'api' && path.test(asked.path)
          ? { kind: 'status', status: 200, headers: json, body: 'null' }
          : undefined,
      );
      const odd = await diagnose(fixture);
      assert.deepEqual(others(odd, check, ...more), others(healthy, check, ...more));
      assert.match(odd.findings.find((it) => it.check === check)?.message ?? '', /^FORGE_BAD_RESPONSE/);
    });
  }
});

const ofZms = ['zms', 'clock', 'domains', 'documents'];

test('doctor survives odd answers of ZMS: each finding stands alone', async (t) => {
  await using fixture = await openHealthyFixture();
  const healthy = await diagnose(fixture);
  const more = [...bodies, '{"domains":[null]}', '{"domains":[{"domain":{"name":"x"}}]}'];
  for (const [at, body] of shareOf([...more.entries()], 3, 5)) {
    // The list, or what comes after it.
    const path = at % 2 === 0 ? /modified_domains/ : /\/signed/;
    await t.test(`${body || 'an empty body'} to ${path.source}`, async () => {
      fixture.sandbox.intercept((asked) =>
        path.test(asked.path) ? { kind: 'status', status: 200, contentType: 'application/json', body } : undefined,
      );
      const odd = await diagnose(fixture);
      assert.deepEqual(others(odd, ...ofZms), others(healthy, ...ofZms));
      assert.ok(odd.findings.some(({ check, status }) => ofZms.includes(check) && status === 'error'));
    });
  }
});

test('doctor survives odd answers of a cluster: each finding stands alone', async (t) => {
  await using fixture = await openKubeFixture();
  const healthy = await diagnose(fixture);
  for (const path of shareOf([/kube-system$/, /rolebindings$/, /namespaces$/], 1, 3)) {
    await t.test(`null to ${path.source}`, async () => {
      fixture.kube.intercept((asked) =>
        path.test(asked.path) ? { kind: 'answer', answer: plain(200, 'null') } : undefined,
      );
      const odd = await diagnose(fixture);
      assert.deepEqual(others(odd, 'cluster'), others(healthy, 'cluster'));
      const errors = odd.findings.filter(({ check, status }) => check === 'cluster' && status === 'error');
      assert.deepEqual(
        errors.map(({ message }) => message.slice(0, 20)),
        ['CLUSTER_BAD_RESPONSE'],
      );
    });
  }
});
