import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { projectRoot } from '../support/generated.ts';

const github = join(projectRoot, '.github');

test('every path of CODEOWNERS exists', async () => {
  const lines = (await readFile(join(github, 'CODEOWNERS'), 'utf8')).split('\n').filter((line) => /^[^#\s]/.test(line));
  for (const line of lines) {
    const [path = '', ...owners] = line.split(/\s+/);
    assert.ok(path === '*' || existsSync(join(projectRoot, path)), path);
    assert.ok(owners.length > 0 && owners.every((it) => it.startsWith('@')), line);
  }
});

/** As GitHub asks of a form: docs.github.com/communities, "Syntax for issue forms". */
interface Form {
  readonly name?: string;
  readonly description?: string;
  readonly body?: readonly {
    readonly type: string;
    readonly id?: string;
    readonly attributes: { readonly label?: string; readonly value?: string };
  }[];
}

test('issue forms have what GitHub asks of them', async () => {
  const folder = join(github, 'ISSUE_TEMPLATE');
  for (const file of (await readdir(folder)).filter((name) => name !== 'config.yml')) {
    const { name, description, body = [] } = parse(await readFile(join(folder, file), 'utf8')) as Form;
    assert.ok(name && description && body.length > 0, file);
    const ids = body.flatMap(({ id }) => (id === undefined ? [] : [id]));
    assert.equal(new Set(ids).size, ids.length, file);
    for (const { type, attributes } of body) {
      assert.match(type, /^(markdown|input|textarea|checkboxes)$/, file);
      assert.ok(type === 'markdown' ? attributes.value : attributes.label, file);
    }
  }
});

/** The file that each kind of dependency is named in. */
const manifests: Readonly<Record<string, string>> = {
  npm: 'package.json',
  docker: 'Dockerfile',
  gomod: 'go.mod',
  'github-actions': '.github/workflows',
};

test('each dependency update looks where there are such dependencies', async () => {
  const { updates } = parse(await readFile(join(github, 'dependabot.yml'), 'utf8')) as {
    readonly updates: readonly { readonly 'package-ecosystem': string; readonly directory: string }[];
  };
  assert.deepEqual(updates.map((it) => it['package-ecosystem']).sort(), Object.keys(manifests).sort());
  for (const { 'package-ecosystem': kind, directory } of updates)
    assert.ok(existsSync(join(projectRoot, directory, manifests[kind] ?? '?')), `${kind} in ${directory}`);
});
