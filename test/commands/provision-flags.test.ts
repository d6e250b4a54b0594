import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { isWrite, openProvisionFixture, stepsOf } from '../support/provision-fixture.ts';
import { gitEnv } from '../support/repository.ts';

for (const [what, args, env, expected] of [
  ['--apply with --offline', ['--apply', '--offline'], {}, /--apply cannot be used with --offline/],
  ['--update with --offline', ['--offline', '--update'], {}, /USAGE: --update cannot be used with --offline/],
  ['--prune with --offline', ['--offline', '--prune'], {}, /USAGE: --prune cannot be used with --offline/],
  ['--base without --offline', ['--base', 'HEAD'], {}, /--base.*--offline/],
  ['--base with an unknown commit', ['--offline', '--base', 'no-such'], {}, /no-such: there is no such commit/],
  ['--base with a git option', ['--offline', '--base=--all'], {}, /there is no such commit/],
  ['--apply on a pull request ref', ['--apply'], { GITHUB_REF: 'refs/pull/7/merge' }, /PULL_REQUEST_REF/],
  [
    '--apply for a pull request event',
    ['--apply'],
    { GITHUB_REF: 'refs/heads/main', GITHUB_EVENT_NAME: 'pull_request_target' },
    /PULL_REQUEST_REF/,
  ],
  [
    '--apply on a merge queue ref',
    ['--apply'],
    { GITHUB_REF: 'refs/heads/gh-readonly-queue/main/pr-7-0123abc', GITHUB_EVENT_NAME: 'merge_group' },
    /PULL_REQUEST_REF: .* merge queue/,
  ],
] as const) {
  test(`rejects ${what} before any request`, async () => {
    await using fixture = await openProvisionFixture();
    const { err } = await fixture.expect(2, ['provision', ...args], { env: { ...gitEnv, ...env } });
    assert.match(err, expected);
    assert.deepEqual(fixture.asked(), []);
  });
}

test('a pull request may plan, online and offline', async () => {
  await using fixture = await openProvisionFixture();
  const env = { ...gitEnv, GITHUB_REF: 'refs/pull/7/merge' };
  for (const args of [[], ['--offline']]) await fixture.provision(0, args, { env });
  assert.ok(!fixture.asked().some(isWrite));
});

test('--offline sends no requests and reads the namespaces of the work tree', async () => {
  await using fixture = await openProvisionFixture({ namespaces: ['search'] });
  await fixture.write({ 'clusters/prod/more.yaml': '[web]\n' });
  const result = await fixture.provision(5, ['--offline', '--exit-code']);
  assert.deepEqual(
    stepsOf(result).filter((it) => it.endsWith('create-domain')),
    ['acme.eks.search create-domain', 'acme.eks.web create-domain'],
  );
  assert.deepEqual([result.requests, fixture.asked()], [0, []]);
});

test('--base plans only what is new since that commit', async () => {
  await using fixture = await openProvisionFixture({ namespaces: ['search'] });
  const { out } = await fixture.expect(0, ['provision', '--offline', '--base', 'HEAD', '--exit-code']);
  assert.match(out, /^No changes\. Git requests nothing new\.$/m);
  await fixture.write({ 'clusters/prod/more.yaml': '[web]\n' });
  const result = await fixture.provision(5, ['--offline', '--base', 'HEAD', '--exit-code']);
  assert.deepEqual(
    result.plan.domains.map(({ domain }) => domain),
    ['acme.eks.web'],
  );
});

test('the GitHub Actions step summary lists the completed steps', async () => {
  await using fixture = await openProvisionFixture({ namespaces: ['search'] });
  const file = join(fixture.dir, '..', 'summary.md');
  const env = { ...gitEnv, GITHUB_STEP_SUMMARY: file };
  await fixture.expect(0, ['provision', '--apply'], { env });
  assert.match(await readFile(file, 'utf8'), /^## athenz-gitops provision$.*\+ domain, administrators .* {2}done$/ms);
});

test('with a config other than that of --base, plans everything and warns', async () => {
  await using fixture = await openProvisionFixture({ namespaces: ['web'] });
  await fixture.editConfig((text) => text.replace('user.lead', 'user.eve'));
  const { out, err } = await fixture.expect(5, ['provision', '--offline', '--base', 'HEAD', '--exit-code']);
  assert.match(out, /acme\.eks\.web\n.*administrators acme\.platform\.gitops, user\.eve/);
  assert.match(err, /the config differs from that of HEAD/);
});
