import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { createProgram } from '../../src/commands/program.ts';
import { specsOf } from '../../src/completion/spec.ts';
import type { Io } from '../../src/run/io.ts';
import { makeFolder } from '../support/folder.ts';
import { writeFiles } from '../support/repository.ts';
import { runMain } from '../support/run.ts';

const scripts = await Promise.all(['bash', 'zsh', 'fish'].map(async (it) => (await runMain(['completion', it])).out));
const [bash = '', zsh = '', fish = ''] = scripts;
const specs = specsOf(createProgram({} as Io, { code: 0 }, () => {}));

test('every script has every command and every option', () => {
  assert.ok(specs.length > 15);
  for (const { path, options } of specs) {
    for (const name of path) for (const script of scripts) assert.match(script, new RegExp(`\\b${name}\\b`));
    const long = options.flatMap(({ names }) => names.filter((it) => it.startsWith('--')));
    for (const name of long) {
      assert.ok(new RegExp(`[ ']${name}[ ']`).test(bash) && zsh.includes(`'${name}[`), `${path} ${name}`);
      assert.ok(fish.includes(` -l ${name.slice(2)} `), `${path} ${name}`);
    }
  }
});

test('a job that prints a script prints it whole', () => {
  for (const script of scripts) assert.doesNotMatch(script, /::|\\u00/);
});

test('the script is one that bash reads without a complaint', async () => {
  await using folder = await makeFolder();
  const file = join(folder.dir, 'completion.bash');
  await writeFiles(folder.dir, { 'completion.bash': bash });
  assert.equal(execFileSync('bash', ['-n', file], { encoding: 'utf8', stdio: 'pipe' }), '');
});

test('an unknown shell: exit 2, with the ones there are', async () => {
  const { code, err } = await runMain(['completion', 'tcsh']);
  assert.equal(code, 2);
  assert.match(err, /'tcsh' is invalid.*bash, zsh, fish/);
});

/** What Tab offers behind a line; the last word is the one that is being typed. */
async function complete(...words: readonly string[]): Promise<readonly string[]> {
  await using folder = await makeFolder();
  await writeFiles(folder.dir, { 'c.bash': bash, 'my file.yaml': '', 'my folder/a': '' });
  const script = `source ./c.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _athenz_gitops; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ['--norc', '-c', script, 'bash', 'athenz-gitops', ...words];
  return execFileSync('bash', args, { cwd: folder.dir, encoding: 'utf8' }).trimEnd().split('\n');
}

const completions: readonly (readonly [words: readonly string[], offered: readonly string[]])[] = [
  [['pr'], ['provision']],
  [['--v'], ['--version']],
  [['plan', '--su'], ['--summary']],
  [['sync', '--cluster', 'prod', '--dr'], ['--dry-run']],
  [['sync', '--su'], ['']],
  [['init', '--forge', 'g'], ['github']],
  [['init', '--forge', '=', 'l'], ['local']],
  [
    ['plan', '--log-format', ''],
    ['text', 'json'],
  ],
  [
    ['plan', '--config', 'my'],
    ['my file.yaml', 'my folder'],
  ],
  [['sandbox', '--dir', 'my'], ['my folder']],
  [['plan', '--at', ''], ['']],
  [['copies', 's'], ['status']],
  [['copies', 'status', '--cl'], ['--cluster']],
  [['completion', 'f'], ['fish']],
];
for (const [words, offered] of completions) {
  test(`Tab behind "${words.join(' ')}" offers ${offered.join(', ') || 'nothing'}`, async () => {
    assert.deepEqual((await complete(...words)).toSorted(), offered.toSorted());
  });
}
