import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openGit } from '../../src/git/git.ts';
import { mergedSince } from '../../src/notify/history.ts';
import { openFixture } from '../support/fixture.ts';
import { gitEnv, gitIn } from '../support/repository.ts';

const commits = ({ dir }: { readonly dir: string }) => gitIn(dir, 'log', '--reverse', '--format=%H').trim().split('\n');

test('a shallow clone that does not reach back is no rewritten branch', async () => {
  await using fixture = await openFixture();
  for (const text of ['1', '2', '3']) await fixture.commit({ 'README.md': text });
  const clone = join(fixture.dir, 'clone');
  gitIn(fixture.dir, 'clone', '--quiet', '--depth=1', `file://${fixture.dir}`, clone);
  const [from = ''] = commits(fixture);
  const to = commits(fixture).at(-1) ?? '';
  const events = await mergedSince(openGit(clone, gitEnv), { from, to }, []);
  assert.deepEqual(events, [{ type: 'uncounted', why: 'shallow', from, to }]);
});
