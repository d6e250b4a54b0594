import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Fixture, openFixture } from '../support/fixture.ts';
import type { RunResult } from '../support/result.ts';
import { sampleOf } from '../support/tier.ts';

/*
 * The work tree of a checkout that differs from the commit only in what git itself converts. `render` reads it and `plan`
 * reads the commit: both must say the same.
 */

const checkouts: readonly (readonly [
  name: string,
  attributes: string,
  config: readonly (readonly [string, string])[],
])[] = [
  ['eol=crlf', '* text eol=crlf\n', []],
  ['core.autocrlf=true', '', [['core.autocrlf', 'true']]],
  ['ident', '*.yaml ident eol=crlf\n', []],
];
for (const [name, attributes, config] of sampleOf(checkouts, ['ident'])) {
  test(`render --check agrees with plan in a checkout with ${name}`, async () => {
    await using fixture = await openFixture({ rendered: true });
    await checkOutWith(fixture, attributes, config);
    const lists = fixture.git('ls-files', '--eol', 'output/prod/search/rbac.yaml');
    assert.match(lists, /^i\/lf +w\/crlf/);
    await fixture.expect(0, ['render', '--check']);
    await fixture.expect(0, ['plan', '--exit-code']);

    fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
    const checked = await planOf(fixture, ['render', '--check']);
    const planned = await planOf(fixture, ['plan', '--exit-code']);
    assert.deepEqual([checked.files, checked.changes], [planned.files, planned.changes]);
    assert.deepEqual(
      checked.files.map(({ path }) => path),
      ['output/prod/search/rbac.yaml'],
    );
    await fixture.expect(0, ['render', '--quiet']);
    await fixture.expect(0, ['render', '--check']);
    fixture.git('add', '--all');
    assert.equal(fixture.git('diff', '--cached', '--name-only'), 'output/prod/search/rbac.yaml');
  });
}

test('render names an attribute that has git store something else, and writes nothing', async () => {
  await using fixture = await openFixture({ rendered: true });
  await checkOutWith(fixture, 'output/** working-tree-encoding=UTF-16\n', []);
  const { plan } = JSON.parse((await fixture.expect(4, ['render', '--json'])).out) as RunResult;
  assert.deepEqual(plan.files, []);
  for (const { code, message } of plan.held) {
    assert.equal(code, 'OUTPUT_UNPARSABLE');
    assert.match(message, /working-tree-encoding=UTF-16 in \.gitattributes/);
  }
  await rm(join(fixture.dir, 'output'), { recursive: true });
  const { err } = await fixture.expect(1, ['render']);
  assert.match(err, /OUTPUT_WRITE: writing output\/.*working-tree-encoding=UTF-16/);
  assert.equal(fixture.git('ls-files', '--others', 'output'), '');
});

/** Checks the commit out again, as a clone with these settings would. */
async function checkOutWith(
  fixture: Fixture,
  attributes: string,
  config: readonly (readonly [string, string])[],
): Promise<void> {
  for (const [key, value] of config) fixture.git('config', key, value);
  await fixture.write({ '.gitattributes': attributes });
  fixture.git('add', '.gitattributes');
  fixture.git('commit', '--quiet', '--message=Attributes');
  for (const path of ['output', 'clusters']) await rm(join(fixture.dir, path), { recursive: true });
  fixture.git('checkout', '--quiet', 'HEAD', '--', 'output', 'clusters');
}

async function planOf(fixture: Fixture, args: readonly string[]): Promise<RunResult['plan']> {
  return JSON.parse((await fixture.expect(5, [...args, '--json'])).out).plan;
}
