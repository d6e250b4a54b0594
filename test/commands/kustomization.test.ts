import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFixture } from '../support/fixture.ts';

const file = 'output/prod/kustomization.yaml';
const names = ['checkout', 'labs', 'payments-api', 'payments-web', 'reports', 'search'];
const list = (namespaces: readonly string[]) =>
  `resources:\n${namespaces.map((name) => `  - ${name}/rbac.yaml\n`).join('')}`;

test('a kept kustomization that goes stale is named by plan, proposal and doctor', async () => {
  await using fixture = await openFixture({
    rendered: true,
    config: (text) => `${text}\noutput:\n  keep: ['output/**/kustomization.yaml']\n`,
  });
  const rendered = names.filter((name) => fixture.git('ls-files', `output/prod/${name}/rbac.yaml`) !== '');
  await fixture.commit({ [file]: list(rendered) });
  const calm = await fixture.expect(0, ['plan']);
  assert.doesNotMatch(calm.out, /kustomization/);
  assert.match((await fixture.run(['doctor'])).out, /^ok +kustomize +every kustomization lists the rendered files$/m);

  const namespaces = fixture.git('show', 'main:clusters/prod/namespaces.yaml');
  const without = namespaces.replace(/---\n.*\n.*\n.*\n {2}name: reports\n/, '');
  await fixture.commit({ 'clusters/prod/namespaces.yaml': `${without}\n---\n- newcomer\n` });
  const warnings = [
    `${file} names output/prod/reports/rbac.yaml, which will not exist: kustomize fails`,
    `${file} does not name output/prod/newcomer/rbac.yaml, which is never applied`,
  ];
  const planned = await fixture.expect(0, ['plan']);
  const doctor = await fixture.run(['doctor']);
  await fixture.expect(0, ['sync']);
  const body = fixture.git('log', '-1', '--notes=*', '--format=%N', 'athenz-gitops/main/prod').replaceAll('`', '');
  for (const warning of warnings) {
    assert.ok(planned.out.includes(`  warning: ${warning}`), planned.out);
    assert.ok(body.includes(`> [!WARNING]\n> ${warning}`), body);
    assert.match(doctor.out, new RegExp(`^warning +kustomize +${warning}`, 'm'));
  }
});
