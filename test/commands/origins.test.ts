import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Question, readOrigins } from '../../src/commands/origins.ts';
import { trailerKeys } from '../../src/git/trailers.ts';
import type { Origin } from '../../src/plan/evidence.ts';
import { treeOf } from '../support/planning.ts';
import { gitIn, gitWith, makeRepository, type TestRepository } from '../support/repository.ts';
import { configOf, granted, subjectOf } from '../support/roles.ts';

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

/** Commits the file as this program does, or as a person; gives the commit's id. */
async function commit(
  repository: TestRepository,
  members: readonly string[],
  by: 'program' | 'person',
): Promise<string> {
  await repository.write({ [path]: fileOf(...members) });
  repository.git('add', '--all');
  const trailers = `Subject\n\n${trailerKeys.scope}: prod\n${trailerKeys.polled}: ${polled}\n`;
  const message = by === 'program' ? trailers : 'By hand';
  const env = { GIT_COMMITTER_DATE: merged };
  gitWith(env, repository.dir, 'commit', '--quiet', '--allow-empty', `--message=${message}`);
  return repository.git('rev-parse', 'HEAD');
}

async function originIn(
  dir: string,
  own: TestRepository['own'],
  more: Partial<Question> = {},
): Promise<Origin | undefined> {
  const oid = gitIn(dir, 'rev-parse', `HEAD:${path}`);
  const question = { key: 'it', path, oid, role: 'k8s_ns_admins', subject: subjectOf('user.mallory'), ...more };
  const head = gitIn(dir, 'rev-parse', 'HEAD');
  return (await readOrigins(own, head, ['output'], [question])).get('it');
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
      ['person', both],
      ['program', [...both, 'user.bo']],
    ],
    'person',
  ],
  [
    'a person, on a version of a person',
    [
      ['person', ada],
      ['person', both],
    ],
    { by: 'unknown', since: merged },
  ],
  ['a person, in a new file', [['person', both]], { by: 'unknown', since: merged }],
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
    const person = { by: 'person', since: merged, commit: commits[1], author: 'Pat Person' };
    assert.deepEqual(await originIn(repository.dir, repository.own), expected === 'person' ? person : expected);
  });
}

test('a merge of nothing but the program’s commits is the program’s', async () => {
  await using repository = await makeRepository();
  await commit(repository, ada, 'program');
  repository.git('switch', '--quiet', '--create', 'proposal');
  await commit(repository, both, 'program');
  repository.git('switch', '--quiet', 'main');
  repository.git('merge', '--quiet', '--no-ff', '--message=Merge', 'proposal');
  assert.deepEqual(await originIn(repository.dir, repository.own), { by: 'program', since: polled });
});

test('a shallow clone does not show where a subject came from', async () => {
  await using repository = await makeRepository();
  await commit(repository, ada, 'program');
  await commit(repository, both, 'person');
  await commit(repository, [...both, 'user.bo'], 'program');
  await using clone = await makeRepository();
  clone.git('fetch', '--quiet', '--depth=1', `file://${repository.dir}`, 'main');
  clone.git('reset', '--quiet', '--hard', 'FETCH_HEAD');
  assert.deepEqual(await originIn(clone.dir, clone.own), { by: 'unknown', since: merged });
});

test('a file that is not the one of the commit has no history', async () => {
  await using repository = await makeRepository();
  await commit(repository, both, 'program');
  assert.deepEqual(await originIn(repository.dir, repository.own, { oid: 'f'.repeat(40) }), { by: 'unknown' });
});

test('nothing older than a proof is looked into', async () => {
  await using repository = await makeRepository();
  await commit(repository, ada, 'program');
  await commit(repository, both, 'person');
  await commit(repository, [...both, 'user.bo'], 'program');
  const later = await originIn(repository.dir, repository.own, { proven: '2026-11-03T00:00:00.000Z' });
  assert.deepEqual(later, { by: 'unknown', since: merged });
  const earlier = await originIn(repository.dir, repository.own, { proven: '2026-10-01T00:00:00.000Z' });
  assert.equal(earlier?.by, 'person');
});
