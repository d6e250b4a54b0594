import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openGit } from '../../src/git/git.ts';
import { mergedSince } from '../../src/notify/history.ts';
import type { Recorded } from '../../src/notify/merged.ts';
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

test('a base that came to the branch by a merge was not the branch', async () => {
  await using fixture = await openFixture();
  gitIn(fixture.dir, 'switch', '--quiet', '-c', 'other');
  await fixture.commit({ 'README.md': 'other' });
  const from = gitIn(fixture.dir, 'rev-parse', 'other').trim();
  gitIn(fixture.dir, 'switch', '--quiet', 'main');
  await fixture.commit({ LICENSE: 'main' });
  gitIn(fixture.dir, 'merge', '--quiet', '--no-edit', 'other');
  const to = gitIn(fixture.dir, 'rev-parse', 'main').trim();
  assert.deepEqual(await mergedSince(openGit(fixture.dir, gitEnv), { from, to }, []), [
    { type: 'uncounted', why: 'rewritten', from, to },
  ]);
});

test('a commit that a generator cannot read is reported as such, and the others one by one', async () => {
  await using fixture = await openFixture();
  await fixture.commit({ 'out/a': 'fine' });
  const [from = ''] = commits(fixture).slice(-1);
  await fixture.commit({ 'out/a': 'poison' });
  await fixture.commit({ 'out/a': 'fine', 'out/b': 'fine' });
  const recorded: Recorded = {
    territory: { roots: ['out'], clusterOf: () => 'prod', keeps: () => false } as object as Recorded['territory'],
    generator: {
      name: 'lists',
      parse({ path }, content) {
        if (Buffer.from(content).toString() === 'poison') throw new RangeError('too deep');
        return { kind: 'rendered', unit: { namespace: path }, state: undefined };
      },
    },
  };
  const [, poison, last] = commits(fixture).slice(-3);
  const events = await mergedSince(openGit(fixture.dir, gitEnv), { from, to: last ?? '' }, [recorded]);
  assert.deepEqual(events, [
    { type: 'uncounted', why: 'unreadable', from, to: poison },
    { type: 'uncounted', why: 'unreadable', from: poison, to: last },
  ]);
});
