import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type BaseRefs, listBaseRefs, noteRef } from '../../src/git/base-refs.ts';
import { type BotBranch, branchName, readBotBranches } from '../../src/git/branches.ts';
import { writeCommit } from '../../src/git/commit.ts';
import { fetchBase } from '../../src/git/fetch.ts';
import { openGit } from '../../src/git/git.ts';
import { updateRefs } from '../../src/git/refs.ts';
import { trailerKeys } from '../../src/git/trailers.ts';
import { defaultOwner } from '../../src/model/owner.ts';
import { gitEnv, gitIn, gitWith, makeRepository, type TestRepository } from '../support/repository.ts';

const bot = { name: 'athenz-gitops', email: 'bot@example.com' };
const name = 'athenz-gitops/main/prod';
const digest = `sha256:${'d'.repeat(64)}`;
const polledAt = '2026-11-21T10:20:30.000Z';
const asBot = {
  GIT_AUTHOR_NAME: bot.name,
  GIT_AUTHOR_EMAIL: bot.email,
  GIT_COMMITTER_NAME: bot.name,
  GIT_COMMITTER_EMAIL: bot.email,
};

test('a bot commit is recognized with its digest and poll time', async () => {
  await using repository = await makeRepository();
  const base = await repository.commit({ a: '1' });
  const tip = await propose(repository, base, { ownedBy: 'rbac:prod' });
  assert.deepEqual(await read(repository), { name, tip, owner: 'bot', digest, polledAt, ownedBy: 'rbac:prod' });
});

test('only the notes of the base are listed, even without their branch', async () => {
  await using repository = await makeRepository();
  const base = await repository.commit({ a: '1' });
  assert.deepEqual((await listed(repository)).notes, new Map());
  for (const ref of [noteRef(name), noteRef('athenz-gitops/main2/prod'), 'refs/notes/commits']) {
    repository.git('update-ref', ref, base);
  }
  assert.deepEqual((await listed(repository)).notes, new Map([[noteRef(name), base]]));
});

const segmented = 'athenz-gitops/main/rbac@dev.prod';

/** Branches, what is done to them, and what they say of whose they are. */
const belongings: readonly (readonly [
  what: string,
  branch: string,
  proposal: Proposal,
  edit: ((it: TestRepository, branch: string) => void) | undefined,
  expected: Pick<BotBranch, 'ownedBy' | 'files'>,
])[] = [
  ['the trailer of its commit', name, { ownedBy: 'rbac:prod' }, undefined, { ownedBy: 'rbac:prod' }],
  ['its trailer before its name', segmented, { ownedBy: 'rbac:prod' }, undefined, { ownedBy: 'rbac:prod' }],
  ['its name without a trailer', segmented, {}, undefined, { ownedBy: 'rbac:dev' }],
  ['our commit below a human one', name, { ownedBy: 'rbac:prod' }, commitOn, { ownedBy: 'rbac:prod' }],
  ['its files without an owner', name, {}, undefined, { files: [`output/${name}.yaml`] }],
  ['its files with an impossible owner', name, { ownedBy: 'me too' }, undefined, { files: [`output/${name}.yaml`] }],
  ['its files below a human commit', name, {}, commitOn, { files: [`output/${name}.yaml`, 'theirs'] }],
];

for (const [what, branch, proposal, edit, expected] of belongings) {
  test(`the owner of a branch is read from ${what}`, async () => {
    await using repository = await makeRepository();
    const base = await repository.commit({ a: '1' });
    await propose(repository, base, { ...proposal, branch });
    edit?.(repository, branch);
    const found = (await branchesOf(repository)).get(branch);
    assert.deepEqual(
      { ownedBy: found?.ownedBy, files: found?.files },
      { ownedBy: undefined, files: undefined, ...expected },
    );
  });
}

for (const polled of ['9999', 'tomorrow', '2026-13-01T00:00:00Z']) {
  test(`a poll time of ${polled} in a trailer counts as absent`, async () => {
    await using repository = await makeRepository();
    await propose(repository, await repository.commit({ a: '1' }), { polled });
    const { owner, polledAt: at } = await read(repository);
    assert.deepEqual([owner, at], ['bot', undefined]);
  });
}

test('a bot branch stays owned by the bot when the base advances', async () => {
  await using repository = await makeRepository();
  await propose(repository, await repository.commit({ a: '1' }));
  await repository.commit({ other: '2' });
  assert.equal((await read(repository)).owner, 'bot');
});

/** Edits of a bot branch, with the owner that it must have afterwards. */
const edits: readonly (readonly [name: string, owner: BotBranch['owner'], edit: (it: TestRepository) => void])[] = [
  ['a human commit on top', 'human', (it) => onBranch(it, 'commit', '--allow-empty', '--message=Mine')],
  ['an amended message', 'human', (it) => onBranch(it, 'commit', '--amend', '--message=Better words')],
  ['an amended commit', 'human', (it) => onBranch(it, 'commit', '--amend', '--allow-empty', '--no-edit')],
  [
    'an amended commit with the bot as author',
    'human',
    (it) => onBranch(it, 'commit', '--amend', '--no-edit', '--author=athenz-gitops <bot@example.com>'),
  ],
  [
    'a human commit with copied trailers',
    'human',
    (it) => onBranch(it, 'commit', '--allow-empty', `--message=${it.git('log', '-1', '--format=%B', name)}`),
  ],
  ['a bot commit without trailers', 'human', (it) => onBranch(it, 'commit', '--amend', '--message=None', asBotFlag)],
  [
    'a human commit rebased by the bot',
    'human',
    (it) => onBranch(it, 'commit', '--amend', '--no-edit', '--author=Pat <pat@example.com>', asBotFlag),
  ],
  [
    'a bot commit with only some trailers',
    'human',
    (it) =>
      onBranch(
        it,
        'commit',
        '--amend',
        `--message=x\n\n${trailerKeys.base}: ${it.git('rev-parse', 'main')}`,
        asBotFlag,
      ),
  ],
  ['a merge of the base into the branch', 'human', (it) => mergeBaseIntoBranch(it)],
  ['a rebase onto a later base', 'human', (it) => onBranch(it, 'rebase', '--quiet', 'main')],
  ['a fast-forward merge', 'merged', (it) => void it.git('merge', '--quiet', '--ff-only', name)],
  ['a merge commit', 'merged', (it) => void it.git('merge', '--quiet', '--no-ff', '--no-edit', name)],
  [
    'a merge including a human commit on top',
    'merged',
    (it) => {
      onBranch(it, 'commit', '--allow-empty', '--message=Mine');
      it.git('merge', '--quiet', '--no-ff', '--no-edit', name);
    },
  ],
  ['a reset to the base', 'merged', (it) => void it.git('branch', '--force', name, 'main')],
  [
    'a squash merge',
    'bot',
    (it) => {
      it.git('merge', '--quiet', '--squash', name);
      it.git('commit', '--quiet', '--message=Squashed');
    },
  ],
];
const asBotFlag = '--as-bot';

for (const [what, owner, edit] of edits) {
  test(`${what} classifies the branch as ${owner}`, async () => {
    await using repository = await makeRepository();
    await propose(repository, await repository.commit({ a: '1' }));
    edit(repository);
    const branch = await read(repository);
    assert.equal(branch.owner, owner);
    if (owner === 'human') assert.equal(branch.digest, undefined);
    assert.equal(branch.tip, repository.git('rev-parse', name));
  });
}

test('a committer email other than the configured one counts as human', async () => {
  await using repository = await makeRepository();
  const base = await repository.commit({ a: '1' });
  await propose(repository, base);
  const branches = await branchesOf(repository, 'other@example.com');
  assert.equal(branches.get(name)?.owner, 'human');
});

test('a commit whose base trailer is not its parent counts as human', async () => {
  await using repository = await makeRepository();
  const first = await repository.commit({ a: '1' });
  const base = await repository.commit({ a: '2' });
  await propose(repository, base, { namedBase: first });
  assert.equal((await read(repository)).owner, 'human');
});

test('a checked out branch reports its work tree', async () => {
  await using repository = await makeRepository();
  await propose(repository, await repository.commit({ a: '1' }));
  assert.equal((await read(repository)).checkedOutAt, undefined);
  const worktree = join(repository.dir, '..', 'worktree');
  repository.git('worktree', 'add', '--quiet', worktree, name);
  assert.equal((await read(repository)).checkedOutAt, worktree);
  repository.git('worktree', 'remove', worktree);
  repository.git('switch', '--quiet', name);
  assert.equal((await read(repository)).checkedOutAt, repository.dir);
});

test('branches of other bases, human branches and similar names are not listed', async () => {
  await using repository = await makeRepository();
  const base = await repository.commit({ a: '1' });
  await propose(repository, base);
  for (const other of [
    'athenz-gitops/main2/prod',
    'athenz-gitops/x',
    'feature',
    'main-2',
    'x/athenz-gitops/main/prod',
  ]) {
    repository.git('branch', other);
  }
  const branches = await branchesOf(repository);
  assert.deepEqual([...branches.keys()], [name]);
});

test('crafted commit messages do not mix up the metadata of branches', async () => {
  await using repository = await makeRepository();
  const base = await repository.commit({ a: '1' });
  const one = 'athenz-gitops/main/one';
  const two = 'athenz-gitops/main/two';
  const craftedBody = `+ user.a\u0001refs/heads/${two}\n\n${trailerKeys.digest}: sha256:forged\nand more`;
  await propose(repository, base, { branch: one, digest: 'sha256:1', body: craftedBody });
  await propose(repository, base, { branch: two, digest: 'sha256:2', body: 'no' });
  const branches = await branchesOf(repository);
  assert.deepEqual(
    [...branches.values()].map((it) => [it.name, it.owner, it.digest]),
    [
      [one, 'bot', 'sha256:1'],
      [two, 'bot', 'sha256:2'],
    ],
  );
});

test("a commit above 1 MiB is a person's, and keeps no other branch from being read", async () => {
  await using repository = await makeRepository();
  const base = await repository.commit({ a: '1' });
  const one = 'athenz-gitops/main/one';
  const two = 'athenz-gitops/main/two';
  await propose(repository, base, { branch: one, body: 'x'.repeat(1024 ** 2) });
  await propose(repository, base, { branch: two });
  const branches = await branchesOf(repository);
  assert.deepEqual(
    [...branches.values()].map((it) => [it.name, it.owner]),
    [
      [one, 'human'],
      [two, 'bot'],
    ],
  );
});

test('a shallow clone distinguishes bot branches from human branches', async () => {
  await using upstream = await makeRepository();
  await upstream.commit({ a: '1' });
  const base = await upstream.commit({ a: '2' });
  await propose(upstream, base, { branch: 'athenz-gitops/main/ours' });
  await propose(upstream, base, { branch: 'athenz-gitops/main/theirs' });
  upstream.git('switch', '--quiet', 'athenz-gitops/main/theirs');
  upstream.git('commit', '--quiet', '--allow-empty', '--message=Mine');
  upstream.git('switch', '--quiet', 'main');
  await using clone = await makeRepository();
  const dir = join(clone.dir, 'clone');
  gitIn(clone.dir, 'clone', '--quiet', '--depth=1', '--branch=main', `file://${upstream.dir}`, 'clone');
  assert.equal(gitIn(dir, 'rev-list', '--count', 'HEAD'), '1');
  const git = openGit(dir, gitEnv);
  const fetched = await fetchBase(git, 'main', 'origin');
  const branches = await readBotBranches(git, fetched, bot.email);
  assert.deepEqual(
    [...branches.values()].map((it) => [it.name, it.owner]),
    [
      ['athenz-gitops/main/ours', 'bot'],
      ['athenz-gitops/main/theirs', 'human'],
    ],
  );
});

test('every scope has a valid and unique branch name', async () => {
  await using repository = await makeRepository();
  const scopes = ['all', 'prod', 'prod/search', 'prod/lock', 'lock', 'prod/lock-', 'prod-lock', 'prod/search/part-0a'];
  const owners = [defaultOwner, 'rbac:prod', 'rbac:/Teams/pro%C3%A4_d@x+.yaml'];
  const names = owners.flatMap((owner) => scopes.map((scope) => branchName('release/1.2', owner, scope)));
  for (const it of names) repository.git('check-ref-format', '--branch', it);
  assert.equal(new Set(names).size, names.length);
  assert.equal(names[1], 'athenz-gitops/release/1.2/prod');
});

interface Proposal {
  readonly branch?: string;
  readonly ownedBy?: string;
  readonly digest?: string;
  readonly polled?: string;
  readonly namedBase?: string;
  readonly body?: string;
}

/** Proposes a commit like `sync`. */
async function propose(repository: TestRepository, base: string, more: Proposal = {}): Promise<string> {
  const branch = more.branch ?? name;
  const trailers = [
    ...(more.ownedBy === undefined ? [] : [`${trailerKeys.owner}: ${more.ownedBy}`]),
    `${trailerKeys.scope}: prod`,
    `${trailerKeys.digest}: ${more.digest ?? digest}`,
    `${trailerKeys.polled}: ${more.polled ?? polledAt}`,
    `${trailerKeys.base}: ${more.namedBase ?? base}`,
  ];
  const { commit } = await writeCommit(repository.own, {
    base,
    files: [{ path: `output/${branch}.yaml`, text: 'x\n' }],
    message: `Subject\n\n${more.body ?? 'body'}\n\n${trailers.join('\n')}\n`,
    author: bot,
    when: Date.parse(polledAt),
  });
  await updateRefs(repository.own, null, [{ ref: `refs/heads/${branch}`, from: null, to: commit }]);
  return commit;
}

async function read(repository: TestRepository): Promise<BotBranch> {
  const branch = (await branchesOf(repository)).get(name);
  assert.ok(branch);
  return branch;
}

function commitOn({ git, own }: TestRepository, branch: string): void {
  git('switch', '--quiet', branch);
  writeFileSync(join(own.dir, 'theirs'), 'x');
  git('add', 'theirs');
  git('commit', '--quiet', '--message=Mine');
  git('switch', '--quiet', 'main');
}

/** Runs git with the branch checked out, then switches back to main. */
function onBranch({ dir, git }: TestRepository, ...args: readonly string[]): void {
  if (args.includes('rebase')) git('commit', '--quiet', '--allow-empty', '--message=Base moves');
  git('switch', '--quiet', name);
  const env = args.includes(asBotFlag) ? asBot : {};
  gitWith(env, dir, ...args.filter((arg) => arg !== asBotFlag));
  git('switch', '--quiet', 'main');
}

function mergeBaseIntoBranch(repository: TestRepository): void {
  repository.git('commit', '--quiet', '--allow-empty', '--message=Base moves');
  onBranch(repository, 'merge', '--quiet', '--no-edit', 'main');
}

async function listed(repository: TestRepository): Promise<BaseRefs> {
  const refs = await listBaseRefs(repository.own, 'main', null);
  assert.ok(refs);
  return refs;
}

async function branchesOf(repository: TestRepository, email = bot.email): Promise<ReadonlyMap<string, BotBranch>> {
  return readBotBranches(repository.own, await listed(repository), email);
}
