import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Fixture, merge, openFixture } from '../support/fixture.ts';
import { gitIn } from '../support/repository.ts';
import type { RunResult } from '../support/result.ts';

const proposed = 'athenz-gitops/main/prod';
const file = 'output/prod/search/rbac.yaml';
const crowd = Array.from({ length: 60 }, (_, index) => `user.p${index}`);

/** A base in which everything is merged, and a proposal that grants a crowd. */
async function openProposed(): Promise<Fixture> {
  const fixture = await openFixture();
  await fixture.expect(0, ['sync']);
  merge(fixture.dir, proposed);
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', ...crowd]);
  await fixture.expect(0, ['sync']);
  return fixture;
}

/** How many changes there are, how many removals of the crowd are held, and why, once Athenz has lost it by mistake. */
async function heldIn(fixture: Fixture, cwd = fixture.dir): Promise<readonly unknown[]> {
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara']);
  const { out } = await fixture.expect(4, ['plan', '--json'], { cwd });
  const { plan } = JSON.parse(out) as RunResult;
  const losses = plan.held.flatMap((it) => it.losses);
  return [plan.changes.length, losses.length, ...new Set(losses.map(({ reason }) => reason))];
}

/** Ways to merge a proposal after which its grants may look like a person's, or their commit is not at hand. */
const ways: readonly (readonly [
  how: string,
  land: (fixture: Fixture) => Promise<string | undefined>,
  reason: string,
])[] = [
  [
    'squashed under its title alone',
    async ({ git }) => {
      git('merge', '--quiet', '--squash', proposed);
      git('commit', '--quiet', '--message=prod: 60 gain access (#7)');
      return undefined;
    },
    'added-by-hand',
  ],
  [
    'squashed under its title alone, with a comment of a person',
    async ({ git, commit }) => {
      git('merge', '--quiet', '--squash', proposed);
      await commit({ [file]: `${git('show', `:${file}`)}\n# reviewed\n` }, 'prod: 60 gain access (#7)');
      return undefined;
    },
    'added-by-hand',
  ],
  [
    'merged through a branch that has another commit',
    async ({ git, commit }) => {
      git('switch', '--quiet', '--create', 'integration');
      await commit({ 'docs/a.md': 'A\n' });
      git('merge', '--quiet', '--no-edit', proposed);
      git('switch', '--quiet', 'main');
      git('merge', '--quiet', '--no-ff', '--no-edit', 'integration');
      return undefined;
    },
    'not-a-member',
  ],
  [
    'merged, in a shallow clone',
    async ({ dir, git, commit }) => {
      await commit({ 'docs/a.md': 'A\n' });
      git('merge', '--quiet', '--no-ff', '--no-edit', proposed);
      const clone = join(dir, '..', 'clone');
      gitIn(dir, 'clone', '--quiet', '--depth=2', `file://${dir}`, clone);
      return clone;
    },
    'origin-unknown',
  ],
];
for (const [how, land, reason] of ways) {
  test(`limits hold removals of a proposal that was ${how}`, async () => {
    await using fixture = await openProposed();
    const cwd = await land(fixture);
    assert.deepEqual(await heldIn(fixture, cwd), [0, 60, reason]);
  });
}

test('a crowd that a person added to a rendered file is removed whatever the limits', async () => {
  await using fixture = await openProposed();
  const text = fixture.git('show', `${proposed}:${file}`);
  await fixture.commit({ [file]: `${text.replaceAll(/"(user\.p\d+)"/g, '$1')}\n` }, 'Grant the crowd');
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara']);
  const { out } = await fixture.expect(0, ['plan', '--json']);
  const { plan } = JSON.parse(out) as RunResult;
  const losses = plan.changes.flatMap((it) => (it.kind === 'lose' ? [it.reason] : []));
  assert.deepEqual([losses.length, [...new Set(losses)], plan.held], [60, ['added-by-hand'], []]);
});
