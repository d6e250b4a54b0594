import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noteRef } from '../../src/git/base-refs.ts';
import { type NoteRequest, writeCommit, writeNote } from '../../src/git/commit.ts';
import { memoryFile, readMemories } from '../../src/git/notes.ts';
import { trailerKeys } from '../../src/git/trailers.ts';
import { makeRepository } from '../support/repository.ts';

const bot = { name: 'athenz-gitops', email: 'bot@example.com' };
const polled = '2026-11-21T10:20:30.000Z';
const owner = 'rbac:/athenz-gitops.yaml';
const message = `Subject\n\n${trailerKeys.owner}: ${owner}\n${trailerKeys.scope}: prod\n${trailerKeys.polled}: ${polled}\n`;
const request: NoteRequest = { author: bot, when: Date.parse(polled), message, beside: { [memoryFile]: 'ü\n' } };
const none = { memories: new Map(), tooLarge: [] };
const ref = noteRef('athenz-gitops/main/prod');

test('a memory is read back beside a body that git notes shows', async () => {
  await using repository = await makeRepository();
  const base = await repository.commit({ a: '1' });
  const { commit, note = '' } = await writeCommit(repository.own, { ...request, base, files: [], note: 'why\n' });
  repository.git('update-ref', ref, note);
  assert.equal(repository.git('notes', `--ref=${ref}`, 'show', commit), 'why');
  assert.deepEqual(await readMemories(repository.own, new Map([[ref, note]]), bot.email), {
    memories: new Map([[ref, { owner, polled, text: 'ü\n' }]]),
    tooLarge: [],
  });
  repository.git('fsck', '--strict', '--no-dangling');
});

for (const [name, change] of [
  ["a person's note", { author: { name: 'Pat', email: 'pat@example.com' } }],
  ['a note without our trailers', { message: 'Subject\n' }],
  ['a note that names no owner', { message: message.replace(/^Athenz-Gitops-Owner.*\n/m, '') }],
  ['a note without a memory', { beside: {} }],
] as const) {
  test(`${name} is not believed`, async () => {
    await using repository = await makeRepository();
    const [good, other] = [
      await writeNote(repository.own, request),
      await writeNote(repository.own, { ...request, ...change }),
    ];
    const notes = new Map([
      ['refs/notes/a', other],
      ['refs/notes/b', good],
    ]);
    assert.deepEqual([...(await readMemories(repository.own, notes, bot.email)).memories.keys()], ['refs/notes/b']);
  });
}

test('a note that stands on another commit is not believed', async () => {
  await using repository = await makeRepository();
  const base = await repository.commit({ a: '1' });
  const files = [{ path: memoryFile, text: 'x\n' }];
  const { commit } = await writeCommit(repository.own, { ...request, base, files, message });
  assert.deepEqual(await readMemories(repository.own, new Map([[ref, commit]]), bot.email), none);
});

test('a note above 8 MiB counts as absent, and is named where it is ours', async () => {
  await using repository = await makeRepository();
  const text = 'x'.repeat(8 * 1024 ** 2);
  const noteOf = (more: object) => writeNote(repository.own, { ...request, ...more });
  const notes = new Map([
    ['refs/notes/fits', await noteOf({ beside: { [memoryFile]: text } })],
    ['refs/notes/large', await noteOf({ beside: { [memoryFile]: `${text}x` } })],
    ['refs/notes/other', await noteOf({ beside: { [memoryFile]: `${text}x` }, author: { name: 'P', email: 'p@b' } })],
    ['refs/notes/commit', await noteOf({ message: `${'x'.repeat(1024 ** 2)}\n\n${message}` })],
    ['refs/notes/gone', 'f'.repeat(40)],
    ['refs/notes/blob', repository.git('rev-parse', `${await noteOf({})}:${memoryFile}`)],
  ]);
  const { memories, tooLarge } = await readMemories(repository.own, notes, bot.email);
  assert.deepEqual([[...memories.keys()], tooLarge], [['refs/notes/fits'], ['refs/notes/large']]);
});

test('what stands in place of the memory is none', async () => {
  await using repository = await makeRepository();
  const note = await writeNote(repository.own, { ...request, beside: { [`${memoryFile}/a`]: 'x' } });
  assert.deepEqual(await readMemories(repository.own, new Map([[ref, note]]), bot.email), none);
});
