import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { hostileNames } from '../support/hostile.ts';
import { json } from '../support/kube/status.ts';
import { type KubeFixture, openKubeFixture } from '../support/kube-fixture.ts';
import { assertHarmless } from '../support/outside.ts';

/** Names that an API server accepts; a lone surrogate is not valid UTF-8. */
const names = hostileNames.filter((name) => name !== '' && name.isWellFormed() && name.length < 1000);
const objectNames = names.filter((name) => !/[/%]/.test(name));

/** Creates an orphaned RoleBinding for each name, with users and a field manager of such names. */
function plant({ kube }: KubeFixture, harmless: boolean): void {
  const shown = (list: readonly string[]) => list.map((name, at) => (harmless ? `plain ${at}` : `${at} ${name}`));
  const users = shown(names).map((name) => ({ kind: 'User', name }) as const);
  for (const [at, name] of shown(objectNames).entries()) {
    const labels = { 'app.kubernetes.io/managed-by': 'athenz-gitops' };
    const roleRef = { kind: 'ClusterRole', name: `${name} role` } as const;
    const subjects = users.slice(at % 10, (at % 10) + 3);
    kube.put([{ kind: 'RoleBinding', metadata: { name, namespace: 'search', labels }, roleRef, subjects }], {
      manager: `${name} manager`,
    });
  }
}

/** The output with hostile names, and with plain ones in their place. */
async function hostileAndPlain(args: readonly string[]): Promise<readonly [string, string]> {
  const outputs: string[] = [];
  for (const harmless of [false, true]) {
    await using fixture = await openKubeFixture();
    plant(fixture, harmless);
    outputs.push((await fixture.expect(5, ['drift', ...args])).out);
  }
  return [outputs[0] ?? '', outputs[1] ?? ''];
}

test('names from the API server add no lines or control characters to a terminal', async () => {
  const [hostile, plain] = await hostileAndPlain([]);
  assertHarmless(hostile);
  assert.equal(hostile.split('\n').length, plain.split('\n').length);
});

test('names from the API server add no lines, cells or markup to Markdown', async () => {
  const [hostile, plain] = await hostileAndPlain(['--markdown']);
  const shape = (text: string) =>
    text
      .split('\n')
      .map((line) => line.replace(/[^|\n]/g, '').length)
      .sort();
  assertHarmless(hostile);
  assert.deepEqual(shape(hostile), shape(plain));
  const tags = (text: string) => [...new Set(text.match(/<[^>]*>/g))].filter((tag) => !/^<\/?(br|code)>$/.test(tag));
  assert.deepEqual(tags(hostile), []);
  assert.doesNotMatch(hostile.replace(/`[^`\n]*`|<code>[^<]*<\/code>/g, ''), /@|\]\(|javascript:|https?:|\*\*bold|~~/);
});

test('error messages of the API server are escaped onto one line', async () => {
  await using fixture = await openKubeFixture();
  const message = 'no\n::error::x \u001b[31m<img src=x> @org/everyone';
  const refusal = json(403, { kind: 'Status', status: 'Failure', message, reason: 'Forbidden', code: 403 });
  fixture.kube.intercept(() => ({ kind: 'answer', answer: refusal }));
  const { err } = await fixture.expect(1, ['drift']);
  assert.match(err, /error: CLUSTER_FORBIDDEN: .*403: no\n {2}\S/);
  assert.doesNotMatch(err, /\u001b|::error::/);
});

test('drift writes its result to the GitHub Actions step summary', async () => {
  await using fixture = await openKubeFixture();
  plant(fixture, true);
  const file = join(fixture.dir, '..', 'summary.md');
  await fixture.expect(5, ['drift', '--quiet'], { env: { PATH: process.env['PATH'], GITHUB_STEP_SUMMARY: file } });
  assert.match(await readFile(file, 'utf8'), /^## athenz-gitops drift\n\n⚠️ .*\d+ orphans\./);
});
