import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readOutputs } from '../support/actions.ts';
import { openFixture } from '../support/fixture.ts';
import { everyPermission, everyToken } from '../support/github/options.ts';
import { openGitHubFixture } from '../support/github-fixture.ts';
import { gitEnv } from '../support/repository.ts';

/** The output and summary files of a GitHub Actions step, outside the repository. */
function stepFiles(dir: string) {
  const output = join(dir, '..', 'step-output');
  const summary = join(dir, '..', 'step-summary.md');
  const env = { GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary };
  return {
    env,
    async read() {
      const texts = [readOutputs(await readFile(output, 'utf8')), await readFile(summary, 'utf8')] as const;
      await Promise.all([rm(output), rm(summary)]);
      return texts;
    },
  };
}

test('sync reports created, unchanged and closed pull requests to the step', async () => {
  await using fixture = await openGitHubFixture();
  const { env, read } = stepFiles(fixture.dir);
  const url = new URL('/acme/gitops/pull/1', fixture.github.apiUrl).href;
  const sync = async () => {
    await fixture.expect(0, ['sync', '--quiet'], { env: { ...fixture.env, ...env } });
    return read();
  };

  const [opened, first] = await sync();
  assert.deepEqual([opened['operation'], opened['changed'], opened['held']], ['created', 'true', '0']);
  assert.deepEqual([opened['pull-request-number'], opened['pull-request-url']], ['1', url]);
  assert.deepEqual(JSON.parse(opened['pull-requests'] ?? ''), [
    { scope: 'prod', number: 1, url: url, state: 'open', operation: 'created' },
  ]);
  assert.ok(first.includes(`created: [#1](${url})`), first);
  assert.match(first, /^\| ➕ \| search \| `k8s_ns_admins`/m);

  const [again] = await sync();
  assert.deepEqual([again['operation'], again['pull-request-number']], ['none', '1']);
  await fixture.github.merge(1, 'squash');
  const [merged, last] = await sync();
  assert.deepEqual([merged['operation'], merged['changed'], merged['pull-request-number']], ['closed', 'false', '']);
  assert.match(last, /no longer needed/);
});

test('the workflow token note is for open pull requests, not closed ones', async () => {
  const bot = { kind: 'installation', login: 'github-actions[bot]', permissions: everyPermission } as const;
  await using fixture = await openGitHubFixture({ rendered: true, github: { tokens: { [everyToken]: bot } } });
  const { env, read } = stepFiles(fixture.dir);
  const sync = async () => {
    await fixture.expect(0, ['sync', '--quiet'], { env: { ...fixture.env, ...env } });
    return read();
  };

  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  const [, opened] = await sync();
  assert.match(opened, /^ℹ️ #1 was opened with the workflow token, which starts no checks/m);

  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara']);
  const [outputs, closed] = await sync();
  assert.deepEqual([outputs['operation'], outputs['pull-request-number']], ['closed', '']);
  assert.equal(JSON.parse(outputs['pull-requests'] ?? '')[0].state, 'closed');
  assert.doesNotMatch(closed, /starts no checks/);
});

test('plan and render append to the step summary', async () => {
  await using fixture = await openFixture();
  const { env, read } = stepFiles(fixture.dir);
  await fixture.expect(0, ['plan', '--quiet'], { env: { ...gitEnv, ...env } });
  await fixture.expect(0, ['render', '--json'], { env: { ...gitEnv, ...env } });
  const [outputs, summary] = await read();
  assert.deepEqual(
    summary.match(/^## .*$/gm),
    ['plan', 'render'].map((command) => `## athenz-gitops ${command}`),
  );
  assert.deepEqual([outputs['operation'], outputs['changed']], ['none', 'true']);
});

test('a failed run writes its error to the step summary', async () => {
  await using fixture = await openFixture();
  const { env } = stepFiles(fixture.dir);
  await fixture.sandbox.close();
  await fixture.expect(1, ['sync'], { env: { ...gitEnv, ...env } });
  assert.match(await readFile(env.GITHUB_STEP_SUMMARY, 'utf8'), /^## athenz-gitops failed\n\n.*\(ZMS_UNREACHABLE\)/);
});

test('warns when the output or summary file cannot be written', async () => {
  await using fixture = await openFixture();
  const env = { ...gitEnv, GITHUB_OUTPUT: fixture.dir, GITHUB_STEP_SUMMARY: join(fixture.dir, 'nowhere', 'summary') };
  const { err, out } = await fixture.expect(0, ['plan'], { env });
  assert.match(err, /^warn: writing GITHUB_OUTPUT: EISDIR/m);
  assert.match(err, /^warn: writing GITHUB_STEP_SUMMARY: ENOENT/m);
  assert.match(out, /24 grants to add/);
});

test('on GitHub Actions only, what is held and what failed is annotated', async () => {
  await using fixture = await openFixture();
  const env = { ...gitEnv, GITHUB_ACTIONS: 'true' };
  await fixture.write({ 'output/prod/notes.txt': '::add-mask::a' });
  assert.doesNotMatch((await fixture.expect(4, ['render', '--check'])).err, /::/);
  const held = await fixture.expect(4, ['render', '--check', '--quiet'], { env });
  assert.match(held.err, /^::warning title=Held::prod: output\/prod\/notes\.txt .*OUTPUT_FOREIGN\)\. Move it/m);
  await fixture.sandbox.close();
  const failed = await fixture.expect(1, ['render'], { env });
  assert.match(
    failed.err,
    /^::error title=athenz-gitops failed \(ZMS_UNREACHABLE\)::connecting to ZMS at .*\. Check /m,
  );
  assert.equal(failed.out, '');
});
