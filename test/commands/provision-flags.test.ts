import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { isWrite, openProvisionFixture, stepsOf } from '../support/provision-fixture.ts';
import { gitEnv } from '../support/repository.ts';

for (const [what, args, env, words] of [
  ['--apply of what is planned offline', ['--apply', '--offline'], {}, /--offline.*nothing to --apply/],
  ['--base against Athenz', ['--base', 'HEAD'], {}, /--base.*--offline/],
  ['--base of no commit', ['--offline', '--base', 'no-such'], {}, /no-such: there is no such commit/],
  ['--base that is an option of git', ['--offline', '--base=--all'], {}, /there is no such commit/],
  ['--apply on the ref of a pull request', ['--apply'], { GITHUB_REF: 'refs/pull/7/merge' }, /PULL_REQUEST_REF/],
  [
    '--apply for a pull request',
    ['--apply'],
    { GITHUB_REF: 'refs/heads/main', GITHUB_EVENT_NAME: 'pull_request_target' },
    /PULL_REQUEST_REF/,
  ],
] as const) {
  test(`${what} is refused before anything is asked`, async () => {
    await using fixture = await openProvisionFixture();
    const { err } = await fixture.expect(2, ['provision', ...args], { env: { ...gitEnv, ...env } });
    assert.match(err, words);
    assert.deepEqual(fixture.asked(), []);
  });
}

test('a pull request may look: at Athenz and at git alone', async () => {
  await using fixture = await openProvisionFixture();
  const env = { ...gitEnv, GITHUB_REF: 'refs/pull/7/merge' };
  for (const args of [[], ['--offline']]) await fixture.provision(0, args, { env });
  assert.ok(!fixture.asked().some(isWrite));
});

test('--offline asks nobody, and takes the namespaces of the work tree', async () => {
  await using fixture = await openProvisionFixture({ namespaces: ['search'] });
  await fixture.write({ 'clusters/prod/more.yaml': '[web]\n' });
  const result = await fixture.provision(5, ['--offline', '--exit-code']);
  assert.deepEqual(
    stepsOf(result).filter((it) => it.endsWith('create-domain')),
    ['acme.eks.search create-domain', 'acme.eks.web create-domain'],
  );
  assert.deepEqual([result.requests, fixture.asked()], [0, []]);
});

test('with --base only what that commit does not ask for is planned', async () => {
  await using fixture = await openProvisionFixture({ namespaces: ['search'] });
  const { out } = await fixture.expect(0, ['provision', '--offline', '--base', 'HEAD', '--exit-code']);
  assert.match(out, /^Nothing to do: git asks for nothing new\.$/m);
  await fixture.write({ 'clusters/prod/more.yaml': '[web]\n' });
  const result = await fixture.provision(5, ['--offline', '--base', 'HEAD', '--exit-code']);
  assert.deepEqual(
    result.plan.domains.map(({ domain }) => domain),
    ['acme.eks.web'],
  );
});

test('the summary of a step on GitHub Actions says what was done', async () => {
  await using fixture = await openProvisionFixture({ namespaces: ['search'] });
  const file = join(fixture.dir, '..', 'summary.md');
  const env = { ...gitEnv, GITHUB_STEP_SUMMARY: file };
  await fixture.expect(0, ['provision', '--apply'], { env });
  assert.match(await readFile(file, 'utf8'), /^## athenz-gitops provision$.*\+ domain, administrators .* {2}done$/ms);
});

test('with another config than that commit has, all that git asks for is shown', async () => {
  await using fixture = await openProvisionFixture({ namespaces: ['web'] });
  await fixture.editConfig((text) => text.replace('user.lead', 'user.eve'));
  const { out, err } = await fixture.expect(5, ['provision', '--offline', '--base', 'HEAD', '--exit-code']);
  assert.match(out, /acme\.eks\.web\n.*administrators acme\.platform\.gitops, user\.eve/);
  assert.match(err, /the config is another one than that of HEAD/);
});
