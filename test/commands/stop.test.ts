import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Fixture, openFixture } from '../support/fixture.ts';
import { gitIn } from '../support/repository.ts';

// A signal while ZMS is read: what is not read is unknown, and nothing is to come of that.

/** Asks to stop when the first document is requested. */
function stopAtDocument({ sandbox }: Fixture): () => AbortSignal {
  const controller = new AbortController();
  sandbox.intercept(({ path }) => {
    if (path.includes('/signed')) controller.abort('SIGTERM');
    return undefined;
  });
  return () => controller.signal;
}

test('a snapshot that is interrupted leaves the last one as it was', async () => {
  await using fixture = await openFixture();
  await fixture.expect(0, ['snapshot', '--output', 's.jsonl']);
  const before = await readFile(join(fixture.dir, 's.jsonl'), 'utf8');
  const stop = stopAtDocument(fixture);
  const { err } = await fixture.expect(143, ['snapshot', '--output', 's.jsonl'], { stop });
  assert.match(err, /^error: CANCELLED: /);
  assert.equal(await readFile(join(fixture.dir, 's.jsonl'), 'utf8'), before);
});

for (const command of ['render', 'plan', 'provision']) {
  test(`${command} that is interrupted ends with 143, and writes nothing`, async () => {
    await using fixture = await openFixture({ rendered: true });
    fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.omar']);
    const stop = stopAtDocument(fixture);
    await fixture.expect(143, [command], { stop });
    assert.equal(gitIn(fixture.dir, 'diff', '--name-only'), '');
  });
}
