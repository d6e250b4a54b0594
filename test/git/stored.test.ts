import assert from 'node:assert/strict';
import { chmod, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { workTree } from '../../src/git/work-tree.ts';
import { trials } from '../support/properties.ts';
import { makeRepository, type TestRepository } from '../support/repository.ts';
import { shareOf } from '../support/tier.ts';

/** What `git add` has stored, and what the work tree is read as: mode, id and path of each file. */
async function compare(repository: TestRepository): Promise<void> {
  repository.git('add', '--all');
  const stored = repository.git('ls-files', '--stage', '-z').split('\0').slice(0, -1);
  const files = await workTree(repository.dir, 'sha1', repository.own).list(['']);
  assert.deepEqual(
    files.map(({ path, mode, oid }) => `${mode} ${oid} 0\t${path}`),
    stored,
  );
}

const attributes = [
  ...['', 'text', '-text', 'text=auto', 'text=input', '!text', 'eol=crlf', 'eol=lf', 'text eol=crlf', '-text eol=crlf'],
  ...['text=auto eol=crlf', 'text=auto eol=lf', 'crlf', '-crlf', 'crlf=input', 'text=auto -crlf', 'ident', 'binary'],
  ...[
    'ident text=auto',
    'ident eol=crlf',
    'working-tree-encoding=UTF-8',
    'filter=unknown',
    'filter eol=crlf',
    'eol=cr',
  ],
];
const piece = fc.constantFrom(
  ...[
    '\r\n',
    '\n',
    '\r',
    'line',
    '$Id$',
    '$Id: 1 $',
    '$Id: a\n$',
    '$Id:$$Id: x$',
    '\0',
    '\u0001',
    '\u007f',
    'ü',
    '\u001a',
  ],
  ...['a'.repeat(130), '\t\b\f\u001b', '# Code generated', '\r\n\r\n'],
);
const content = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
const file = fc.record({ now: content, before: fc.option(content), attribute: fc.constantFrom(...attributes) });

for (const autocrlf of shareOf(['true', 'false', 'INPUT', '0x0'] as const, 0, 2)) {
  test(`files are read as git stores them, with core.autocrlf=${autocrlf}`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(file, { minLength: 60, maxLength: 120 }), async (files) => {
        await using repository = await makeRepository();
        const named = files.map((it, index) => ({ ...it, path: `f${String(index).padStart(3, '0')}` }));
        // Line ends that were stored before may have to stay.
        await repository.commit(
          Object.fromEntries(named.flatMap(({ path, before }) => (before === null ? [] : [[path, before]]))),
        );
        repository.git('config', 'core.autocrlf', autocrlf);
        repository.git('config', 'core.safecrlf', 'false');
        const lines = named.map(({ path, attribute }) => `${path} ${attribute}\n`);
        await repository.write({
          '.gitattributes': lines.join(''),
          ...Object.fromEntries(named.map(({ path, now }) => [path, now])),
        });
        await compare(repository);
      }),
      { numRuns: trials(3) },
    );
  });
}

test('modes and links are read from the index where the disk cannot hold them', async () => {
  await using repository = await makeRepository();
  await repository.commit({ plain: 'a\n', run: '+x #!/bin/sh\n', link: '->plain', other: 'b\n' });
  repository.git('config', 'core.fileMode', '0x0');
  repository.git('config', 'core.symlinks', '-0');
  for (const path of ['plain', 'new']) await repository.write({ [path]: 'changed\n' });
  for (const path of ['plain', 'new']) await chmod(join(repository.dir, path), 0o755);
  await repository.write({ run: 'no bit\n', link: 'plain' });
  await compare(repository);
});

test('links are never converted', async () => {
  await using repository = await makeRepository();
  await repository.write({ '.gitattributes': '* text eol=crlf\n' });
  await symlink('a\r\nb', join(repository.dir, 'link'));
  await compare(repository);
});

test('what a program or an encoding decides is unknown, and no program is started', async () => {
  await using repository = await makeRepository();
  repository.git('config', 'filter.own.clean', 'touch started; cat');
  repository.git('config', 'filter.long.process', 'touch started');
  repository.git('config', 'filter.one-way.smudge', 'touch started; cat');
  await repository.write({
    '.gitattributes': 'a filter=own\nb filter=long\nc working-tree-encoding=UTF-16\nd filter=one-way\n',
    ...{ a: '1\n', b: '2\n', c: '3\n', d: '4\n', e: '5\n' },
  });
  const tree = workTree(repository.dir, 'sha1', repository.own);
  const files = await tree.list(['a', 'b', 'c', 'd', 'e', 'started']);
  assert.deepEqual(
    files.map(({ path, unknown = '' }) => `${path} ${/\((.*) in \.gitattributes\)$/.exec(unknown)?.[1] ?? '-'}`),
    ['a filter=own', 'b filter=long', 'c working-tree-encoding=UTF-16', 'd -', 'e -'],
  );
  assert.deepEqual([...(await tree.read(files)).keys()], ['d', 'e']);
  assert.deepEqual([...(await tree.unstorable(['a', 'd', 'new'])).keys()], ['a']);
});
