import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openFixture } from '../support/fixture.ts';
import { projectRoot } from '../support/generated.ts';
import { fencedBlocks } from '../support/markdown.ts';

for (const [page, controller] of [
  ['argo-cd.md', 'Argo CD'],
  ['flux.md', 'Flux'],
] as const) {
  test(`doctor has nothing against the manifests for ${controller}`, async () => {
    const [manifest = ''] = fencedBlocks(await readFile(join(projectRoot, 'docs/how-to', page), 'utf8'), 'yaml');
    await using fixture = await openFixture({ rendered: true });
    await fixture.commit({ 'apps/access.yaml': manifest }, 'Apply it');
    const { out } = await fixture.expect(0, ['doctor', '--json']);
    const { findings } = JSON.parse(out) as {
      readonly findings: readonly { readonly check: string; readonly status: string; readonly message: string }[];
    };
    const own = findings.filter(({ message }) => message.includes('athenz-access-prod'));
    assert.ok(own.length > 0, out);
    assert.deepEqual(
      own.filter(({ status }) => status !== 'ok'),
      [],
    );
  });
}
