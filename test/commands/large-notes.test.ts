import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeNote } from '../../src/git/commit.ts';
import { memoryFile } from '../../src/git/notes.ts';
import { trailerKeys } from '../../src/git/trailers.ts';
import { openFixture } from '../support/fixture.ts';

test('a note that is too large is skipped with a warning, and stops no run', async () => {
  await using fixture = await openFixture({ rendered: true });
  const when = Date.now();
  const trailers = { owner: 'rbac:/athenz-gitops.yaml', scope: 'prod', polled: new Date(when).toISOString() };
  const lines = Object.entries(trailers).map(([name, value]) => `${trailerKeys[name as 'owner']}: ${value}\n`);
  const email = 'athenz-gitops@users.noreply.github.com';
  const note = await writeNote(fixture.own, {
    author: { name: 'athenz-gitops', email },
    when,
    message: `Note\n\n${lines.join('')}`,
    beside: { [memoryFile]: 'x'.repeat(8 * 1024 ** 2 + 1) },
  });
  const ref = 'refs/notes/athenz-gitops/main/prod';
  fixture.git('update-ref', ref, note);
  const { err } = await fixture.expect(0, ['plan']);
  assert.match(err, new RegExp(`warn: skipped the proofs in ${ref}: the note is too large`));
});
