import assert from 'node:assert/strict';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type RefUpdate, updateRefs } from '../../src/git/refs.ts';
import { makeRepository, refsOf, type TestRepository, writeFiles } from '../support/repository.ts';
import { sampleOf } from '../support/tier.ts';

const branch = 'refs/heads/athenz-gitops/main/prod';
const note = 'refs/notes/athenz-gitops/main/prod';

/** A repository, and the target of its ref updates: itself or a bare remote. */
interface Place {
  readonly repository: TestRepository;
  readonly target: string;
  readonly remote: string | null;
  /** Three commits that exist in both. */
  readonly commits: readonly [string, string, string];
  [Symbol.asyncDispose](): Promise<void>;
}

const places = [
  ['in this repository', 'sha1', false],
  ['in this repository with sha256', 'sha256', false],
  ['through a remote', 'sha1', true],
  ['through a remote with sha256', 'sha256', true],
] as const;

// Ids are as long through a remote.
const sampled = ['in this repository', 'in this repository with sha256', 'through a remote'];

for (const [where, objectFormat, remote] of sampleOf(places, sampled)) {
  const open = () => makePlace(objectFormat, remote);

  test(`branch and note are created, moved and deleted ${where}`, async () => {
    await using place = await open();
    const [a, b, c] = place.commits;
    const steps: readonly (readonly [updates: readonly RefUpdate[], refs: string])[] = [
      [[move(branch, null, a), move(note, null, b)], `${branch} ${a}\n${note} ${b}`],
      // Not a fast-forward: the previous proposal is replaced.
      [[move(branch, a, c), move(note, b, a)], `${branch} ${c}\n${note} ${a}`],
      [[move(branch, c, b), move(note, a, null)], `${branch} ${b}`],
      [[move(branch, b, null)], ''],
    ];
    for (const [updates, refs] of steps) {
      await updateRefs(place.repository.own, place.remote, updates);
      assert.equal(botRefs(place), refs);
    }
  });

  if (objectFormat === 'sha256') continue;
  const lostLeases: readonly (readonly [
    name: string,
    current: 0 | 1 | 2 | undefined,
    from: 0 | 1 | undefined,
    to: 1 | undefined,
  ])[] = [
    ['created', 0, undefined, 1],
    ['moved', 2, 0, 1],
    ['deleted', undefined, 0, 1],
    ['moved before its deletion', 2, 0, undefined],
  ];
  for (const [name, current, from, to] of lostLeases) {
    test(`no ref changes ${where} if the branch was ${name}`, async () => {
      await using place = await open();
      const id = (index: number | undefined) => (index === undefined ? null : (place.commits[index] ?? null));
      const now = id(current);
      if (now !== null) setRef(place, branch, now);
      setRef(place, note, place.commits[0]);
      const before = botRefs(place);
      const updates = [move(branch, id(from), id(to)), move(note, place.commits[0], place.commits[1])];
      await assert.rejects(updateRefs(place.repository.own, place.remote, updates), { code: 'GIT_LEASE' });
      assert.equal(botRefs(place), before);
    });
  }

  test(`no ref changes ${where} if the note was moved`, async () => {
    await using place = await open();
    const [a, b, c] = place.commits;
    setRef(place, branch, a);
    setRef(place, note, c);
    const before = botRefs(place);
    const updates = [move(branch, a, b), move(note, b, a)];
    await assert.rejects(updateRefs(place.repository.own, place.remote, updates), { code: 'GIT_LEASE' });
    assert.equal(botRefs(place), before);
  });

  test(`exactly one concurrent writer wins ${where}`, async () => {
    await using place = await open();
    const results = await Promise.allSettled(
      place.commits.map((commit) => updateRefs(place.repository.own, place.remote, [move(branch, null, commit)])),
    );
    const codes = results.map((it) => (it.status === 'fulfilled' ? 'won' : it.reason.code));
    assert.deepEqual(codes.sort(), ['GIT_LEASE', 'GIT_LEASE', 'won']);
    const winner = place.commits[results.findIndex((it) => it.status === 'fulfilled')];
    assert.equal(botRefs(place), `${branch} ${winner}`);
  });
}

test('a push runs no local hook', async () => {
  await using place = await makePlace('sha1', true);
  await writeHook(place.repository.dir, '.git/hooks/pre-push', 'exit 1');
  await updateRefs(place.repository.own, place.remote, [move(branch, null, place.commits[0])]);
  assert.equal(botRefs(place), `${branch} ${place.commits[0]}`);
});

test('a push ignores push.followTags', async () => {
  await using place = await makePlace('sha1', true);
  const { repository, commits } = place;
  repository.git('config', 'push.followTags', 'true');
  repository.git('tag', '--annotate', '--message=Mine', 'v1', commits[1]);
  await updateRefs(repository.own, 'origin', [move(branch, null, commits[1])]);
  assert.equal(refsOf(place.target, 'refs/tags'), '');
  assert.equal(botRefs(place), `${branch} ${commits[1]}`);
});

const rule = 'echo "error: GH013: Rule violations found" >&2; echo >&2; echo "- Creations are restricted." >&2; exit 1';
const refusals: readonly (readonly [name: string, hook: string, text: string, words: string])[] = [
  ['the whole push', 'pre-receive', 'exit 1', 'pre-receive hook declined'],
  [
    'one ref',
    'update',
    'case "$1" in refs/heads/*) exit 1;; esac',
    `hook declined; atomic push failure; hook declined to update ${branch}`,
  ],
  [
    'a push by a rule',
    'pre-receive',
    rule,
    'pre-receive hook declined; GH013: Rule violations found; - Creations are restricted.',
  ],
];
for (const [name, hook, text, words] of refusals) {
  test(`a server that rejects ${name} is GIT_FAILED and moves no ref`, async () => {
    await using place = await makePlace('sha1', true);
    await writeHook(place.target, `hooks/${hook}`, text);
    const updates = [move(branch, null, place.commits[0]), move(note, null, place.commits[1])];
    await assert.rejects(updateRefs(place.repository.own, place.remote, updates), {
      code: 'GIT_FAILED',
      message: `pushing to origin: the server refused it: ${words}`,
      next: /athenz-gitops\/\*\*/,
    });
    assert.equal(botRefs(place), '');
  });
}

test('a server that rejects another branch than those of proposals is to take that one', async () => {
  await using place = await makePlace('sha1', true);
  await writeHook(place.target, 'hooks/pre-receive', 'exit 1');
  const updates = [move('refs/heads/team/addresses', null, place.commits[0])];
  await assert.rejects(updateRefs(place.repository.own, place.remote, updates), {
    next: / write to team\/addresses there/,
  });
});

test('a branch that moves during the push is a lost lease', async () => {
  await using place = await makePlace('sha1', true);
  const [a, b, c] = place.commits;
  setRef(place, branch, a);
  await writeHook(place.target, 'hooks/update', `[ "$1" = ${branch} ] && git update-ref ${branch} ${c}; exit 0`);
  const updates = [move(branch, a, b), move(note, null, b)];
  await assert.rejects(updateRefs(place.repository.own, place.remote, updates), { code: 'GIT_LEASE' });
  assert.equal(botRefs(place), `${branch} ${c}`);
});

test('a lock file on the remote is named in the cause', async () => {
  await using place = await makePlace('sha1', true);
  await writeFiles(place.target, { [`${branch}.lock`]: '' });
  await assert.rejects(updateRefs(place.repository.own, 'origin', [move(branch, null, place.commits[0])]), (error) => {
    assert.match(String((error as Error).cause), /prod\.lock': File exists/);
    return true;
  });
});

test('an invalid ref name is GIT_FAILED, not a lost lease', async () => {
  await using place = await makePlace('sha1', false);
  const update = move('refs/heads/athenz-gitops/a..b', null, place.commits[0]);
  await assert.rejects(updateRefs(place.repository.own, null, [update]), { code: 'GIT_FAILED' });
});

function move(ref: string, from: string | null, to: string | null): RefUpdate {
  return { ref, from, to };
}

async function makePlace(objectFormat: 'sha1' | 'sha256', withRemote: boolean): Promise<Place> {
  const repository = await makeRepository({ objectFormat });
  const bare = withRemote ? await makeRepository({ objectFormat, bare: true }) : undefined;
  const first = await repository.commit({ a: '1' });
  const second = await repository.commit({ a: '2' });
  repository.git('reset', '--quiet', '--hard', first);
  const third = await repository.commit({ a: '3' });
  if (bare !== undefined) {
    repository.git('remote', 'add', 'origin', bare.dir);
    repository.git('push', '--quiet', 'origin', `${second}:refs/heads/other`, 'HEAD:refs/heads/main');
  } else {
    repository.git('branch', 'other', second);
  }
  return {
    repository,
    target: bare?.dir ?? repository.dir,
    remote: withRemote ? 'origin' : null,
    commits: [first, second, third],
    async [Symbol.asyncDispose]() {
      await bare?.[Symbol.asyncDispose]();
      await repository[Symbol.asyncDispose]();
    },
  };
}

function setRef({ target, repository }: Place, ref: string, commit: string): void {
  repository.git('-C', target, 'update-ref', ref, commit);
}

function botRefs({ target }: Place): string {
  return refsOf(target, 'refs/heads/athenz-gitops', 'refs/notes');
}

async function writeHook(dir: string, path: string, text: string): Promise<void> {
  await writeFiles(dir, { [path]: `#!/bin/sh\n${text}\n` });
  await chmod(join(dir, path), 0o755);
}
