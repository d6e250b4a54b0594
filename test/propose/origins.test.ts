import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Origin } from '../../src/core/evidence.ts';
import { roleSubject, subjectsIn, unwrittenIn } from '../../src/generators/rbac/listed.ts';
import { trailerKeys } from '../../src/git/trailers.ts';
import { subjectKey } from '../../src/model/grant.ts';
import { type Question, readOrigins } from '../../src/propose/origins.ts';
import { treeOf } from '../support/planning.ts';
import { gitIn, gitWith, makeRepository, type TestRepository } from '../support/repository.ts';
import { configOf, granted, subjectOf } from '../support/roles.ts';
import { shareOf } from '../support/tier.ts';

const path = 'output/prod/payments/rbac.yaml';
const polled = '2026-11-01T10:00:00.000Z';
const merged = '2026-11-02T10:00:00+00:00';

/** The rendered file with these admins. */
function fileOf(...members: readonly string[]): string {
  const access = [
    granted('prod/payments/k8s_ns_admins', members),
    granted('prod/payments/k8s_ns_viewers', ['user.mallory']),
  ];
  return treeOf({ config: configOf(), access }).get(path) ?? '';
}

/**
 * How the file is committed: by this program, with its trailers; by a person as this program writes it, as it is or with a
 * comment or other line ends; by a person with a list that this program would never write.
 */
type By = 'program' | 'person' | 'comment' | 'crlf' | 'hand';

const edits: Readonly<Record<By, (text: string) => string>> = {
  program: (text) => text,
  person: (text) => text,
  comment: (text) => `${text}# reviewed\n`,
  crlf: (text) => text.replaceAll('\n', '\r\n'),
  hand: (text) => text.replace('"user.mallory"', 'user.mallory'),
};

/** Gives the commit's id. */
async function commit(repository: TestRepository, members: readonly string[], by: By): Promise<string> {
  await repository.write({ [path]: edits[by](fileOf(...members)) });
  repository.git('add', '--all');
  const trailers = `Subject\n\n${trailerKeys.scope}: prod\n${trailerKeys.polled}: ${polled}\n`;
  const message = by === 'program' ? trailers : 'By hand';
  const env = { GIT_COMMITTER_DATE: merged };
  gitWith(env, repository.dir, 'commit', '--quiet', '--allow-empty', `--message=${message}`);
  return repository.git('rev-parse', 'HEAD');
}

const lists = { entriesIn: subjectsIn, unwrittenIn };

/** An admin. */
function entryOf(member: string): string {
  return roleSubject('k8s_ns_admins', subjectKey(subjectOf(member)));
}

async function originIn(
  dir: string,
  own: TestRepository['own'],
  more: Partial<Question> = {},
): Promise<Origin | undefined> {
  const oid = gitIn(dir, 'rev-parse', `HEAD:${path}`);
  const question = { key: 'it', path, oid, entry: entryOf('user.mallory'), ...more };
  const head = gitIn(dir, 'rev-parse', 'HEAD');
  return (await readOrigins(own, head, ['output'], lists, [question])).get('it');
}

const ada = ['user.ada'];
const both = ['user.ada', 'user.mallory'];

for (const [name, steps, expected] of [
  [
    'a commit of the program',
    [
      ['program', ada],
      ['program', both],
      ['person', both],
    ],
    { by: 'program', since: polled },
  ],
  [
    'a person, on a version of the program',
    [
      ['program', ada],
      ['hand', both],
      ['program', [...both, 'user.bo']],
    ],
    'person',
  ],
  ...(['person', 'comment', 'crlf'] as const).map(
    (by) =>
      [
        `a commit that may be a proposal without its trailers (${by})`,
        [
          ['program', ada],
          [by, both],
          ['hand', both],
        ],
        'unsigned',
      ] as const,
  ),
  [
    'a person, on a version of a person',
    [
      ['person', ada],
      ['hand', both],
    ],
    { by: 'unknown', since: merged },
  ],
  ['a person, in a new file', [['hand', both]], { by: 'unknown', since: merged }],
  [
    'the program, after a person had taken it away',
    [
      ['program', both],
      ['person', ada],
      ['program', both],
    ],
    { by: 'program', since: polled },
  ],
] as const) {
  test(`a subject granted by ${name}, is traced to it`, async () => {
    await using repository = await makeRepository();
    const commits: string[] = [];
    for (const [by, members] of steps) commits.push(await commit(repository, members, by));
    const found = await originIn(repository.dir, repository.own);
    const named = typeof expected === 'string' && {
      by: expected,
      since: merged,
      commit: commits[1],
      author: 'Pat Person',
    };
    assert.deepEqual(found, named || expected);
  });
}

const other = { 'docs/a.md': 'A\n' };

/** A merge into a branch that the program has written, of commits made on it by these. */
const mergesInto = [
  ['the program’s commits alone', [['program', both]], 'program'],
  ['the program’s commit and one of other files', ['other', ['program', both], 'other'], 'program'],
  [
    'the program’s commit and a person’s of the same file',
    [
      ['program', both],
      ['hand', both],
    ],
    'unknown',
  ],
  [
    'the program’s commit and a person’s that is taken back',
    [
      ['hand', both],
      ['person', ada],
      ['program', both],
    ],
    'unknown',
  ],
  ['a person’s commit', ['other', ['hand', both]], 'person'],
  ['a person’s commit of what the program would write', [['person', both]], 'unsigned'],
] as const;
for (const [at, [what, steps, expected]] of mergesInto.entries()) {
  for (const octopus of shareOf([false, true], at, 2)) {
    test(`${octopus ? 'an octopus' : 'a'} merge of ${what}: ${expected}`, async () => {
      await using repository = await makeRepository();
      const { git } = repository;
      await commit(repository, ada, 'program');
      git('switch', '--quiet', '--create', 'more');
      await repository.commit({ more: '1' });
      git('switch', '--quiet', '--create', 'side', 'main');
      for (const step of steps) {
        if (step === 'other') await repository.commit({ ...other, [`docs/${git('rev-parse', 'HEAD')}`]: '' });
        else await commit(repository, step[1], step[0]);
      }
      git('switch', '--quiet', 'main');
      git('merge', '--quiet', '--no-ff', '--message=Merge', ...(octopus ? ['more', 'side'] : ['side']));
      assert.equal((await originIn(repository.dir, repository.own))?.by, expected);
    });
  }
}

test('a merge that writes the file itself hides who granted', async () => {
  await using repository = await makeRepository();
  const { git } = repository;
  await commit(repository, ada, 'program');
  git('switch', '--quiet', '--create', 'proposal');
  await commit(repository, ['user.ada', 'user.bo'], 'program');
  git('switch', '--quiet', 'main');
  git('merge', '--quiet', '--no-ff', '--no-commit', 'proposal');
  await commit(repository, ['user.ada', 'user.bo', 'user.mallory'], 'hand');
  assert.equal((await originIn(repository.dir, repository.own))?.by, 'unknown');
});

for (const depth of [1, 2, 3]) {
  test(`a shallow clone of ${depth} does not show where a subject came from`, async () => {
    await using repository = await makeRepository();
    await commit(repository, ada, 'person');
    await commit(repository, ada, 'program');
    await commit(repository, both, 'hand');
    await commit(repository, [...both, 'user.bo'], 'program');
    await using clone = await makeRepository();
    clone.git('fetch', '--quiet', `--depth=${depth}`, `file://${repository.dir}`, 'main');
    clone.git('reset', '--quiet', '--hard', 'FETCH_HEAD');
    assert.deepEqual(await originIn(clone.dir, clone.own), { by: 'unknown', since: merged });
  });
}

test('a shallow clone does not show whose commits a merge brought', async () => {
  await using repository = await makeRepository();
  const { git } = repository;
  await commit(repository, ada, 'program');
  git('switch', '--quiet', '--create', 'side');
  await commit(repository, both, 'program');
  git('switch', '--quiet', 'main');
  await repository.commit(other);
  git('merge', '--quiet', '--no-ff', '--message=Merge', 'side');
  await using clone = await makeRepository();
  clone.git('fetch', '--quiet', '--depth=2', `file://${repository.dir}`, 'main');
  clone.git('reset', '--quiet', '--hard', 'FETCH_HEAD');
  assert.equal((await originIn(repository.dir, repository.own))?.by, 'program');
  assert.equal((await originIn(clone.dir, clone.own))?.by, 'unknown');
});

test('a file that is not the one of the commit has no history', async () => {
  await using repository = await makeRepository();
  await commit(repository, both, 'program');
  assert.deepEqual(await originIn(repository.dir, repository.own, { oid: 'f'.repeat(40) }), { by: 'unknown' });
});

test('nothing older than a proof is looked into', async () => {
  await using repository = await makeRepository();
  await commit(repository, ada, 'program');
  await commit(repository, both, 'hand');
  await commit(repository, [...both, 'user.bo'], 'program');
  const later = await originIn(repository.dir, repository.own, { proven: '2026-11-03T00:00:00.000Z' });
  assert.deepEqual(later, { by: 'unknown', since: merged });
  const earlier = await originIn(repository.dir, repository.own, { proven: '2026-10-01T00:00:00.000Z' });
  assert.equal(earlier?.by, 'person');
});

test('of 201 files without a proof one is not looked into, and those with a proof all are', async () => {
  await using repository = await makeRepository();
  const head = await repository.commit();
  const asked = (key: string, file: string, more: Partial<Question> = {}): Question => {
    return { key, path: file, oid: 'f'.repeat(40), entry: entryOf('user.ada'), ...more };
  };
  const names = Array.from({ length: 201 }, (_, index) => `output/prod/n${index}/rbac.yaml`);
  const [first = '', last = ''] = [names[0], names[200]];
  const found = async (more: readonly Question[]) => {
    const questions = [...names.map((name) => asked(name, name)), ...more];
    return new Set((await readOrigins(repository.own, head, ['output'], lists, questions)).keys());
  };
  assert.deepEqual(await found([asked('another', first)]), new Set([...names.slice(0, 200), 'another']));
  assert.deepEqual(await found([asked('proven', last, { proven: polled })]), new Set([...names, 'proven']));
});
