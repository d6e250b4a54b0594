import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { notesOf } from '../packaging/changelog.ts';
import { noticesOf, packagesIn } from '../packaging/notices.ts';
import { bundledOf } from '../packaging/sbom.ts';
import { makeFolder } from './support/folder.ts';

test('the packages of files are their nearest folders', () => {
  const files = [
    'src/commands/main.ts',
    'node_modules/a/lib/b.js',
    'node_modules/a/index.js',
    'node_modules/@s/c/index.js',
    'node_modules/a/node_modules/d/index.js',
  ];
  assert.deepEqual(packagesIn(files), ['node_modules/@s/c', 'node_modules/a', 'node_modules/a/node_modules/d']);
});

test('notices have each package with its licence, and refuse one that is not accepted', async () => {
  await using folder = await makeFolder();
  for (const [name, license] of [
    ['a', 'MIT'],
    ['b', 'GPL-3.0'],
    ['c', undefined],
  ]) {
    await mkdir(join(folder.dir, `${name}`));
    await writeFile(join(folder.dir, `${name}/package.json`), JSON.stringify({ name, version: '1.0.0', license }));
  }
  await writeFile(join(folder.dir, 'a/LICENSE'), 'As you like.\n');
  assert.match(await noticesOf(folder.dir, ['a', 'a']), /^a 1\.0\.0, MIT\n\nAs you like\.\n$/m);
  await assert.rejects(noticesOf(folder.dir, ['a', 'b']), /b 1\.0\.0 is under GPL-3\.0/);
  await assert.rejects(noticesOf(folder.dir, ['c']), /c 1\.0\.0 is under no licence/);
});

test('the SBOM of a release has what is bundled, and lacks nothing of it', () => {
  const notices = ['Heading.\n', 'a 1.0.0, MIT\n', '@s/c 2.0.0, ISC\n'].join(`\n${'-'.repeat(80)}\n\n`);
  const component = (ref: string) => ({ 'bom-ref': ref });
  const components = ['a@1.0.0', 'a@2.0.0', '@s/c@2.0.0', 'dev@1.0.0'].map(component);
  const dependencies = [
    { ref: 'own@1.0.0', dependsOn: ['a@1.0.0', 'dev@1.0.0'] },
    { ref: 'a@1.0.0', dependsOn: ['@s/c@2.0.0', 'a@2.0.0'] },
    { ref: 'dev@1.0.0' },
  ];
  const sbom = { components, dependencies, metadata: { component: component('own@1.0.0') } };
  assert.deepEqual(bundledOf(sbom, notices), {
    ...sbom,
    components: ['a@1.0.0', '@s/c@2.0.0'].map(component),
    dependencies: [
      { ref: 'own@1.0.0', dependsOn: ['a@1.0.0'] },
      { ref: 'a@1.0.0', dependsOn: ['@s/c@2.0.0'] },
    ],
  });
  assert.throws(() => bundledOf({ ...sbom, components: components.slice(0, 2) }, notices), /lacks @s\/c@2\.0\.0/);
  assert.throws(() => bundledOf(sbom, 'Heading.\n'), /lacks everything/);
});

const changelog =
  '# Changes\n\n## Unreleased\n\n- New.\n\n## 1.2.3 - 2026-12-01\n\n- One.\n- Two.\n\n## 1.2.2 - 2026-11-01\n\n- Old.\n';

test('the notes of a release are its section of the changelog', () => {
  assert.equal(notesOf('v1.2.3', '1.2.3', changelog), '- One.\n- Two.\n');
  assert.equal(notesOf('v1.2.2', '1.2.2', changelog), '- Old.\n');
});

const refused: readonly (readonly [tag: string, version: string, changelog: string, message: RegExp])[] = [
  ['v1.2.3-rc.1', '1.2.3-rc.1', changelog, /is no version/],
  ['main', '1.2.3', changelog, /is no version/],
  ['v1.2.4', '1.2.3', changelog, /package\.json has version 1\.2\.3/],
  ['v1.2', '1.2', changelog, /is no version/],
  ['v2.0.0', '2.0.0', changelog, /no "## 2\.0\.0 - <date>"/],
  ['v1.2.3', '1.2.3', '## 1.2.3 - soon\n\n- One.\n', /needs a date/],
  ['v1.2.3', '1.2.3', '## 1.2.3 - 2026-12-01\n\n## 1.2.2 - 2026-11-01\n\n- Old.\n', /says nothing about 1\.2\.3/],
];
for (const [tag, version, text, message] of refused) {
  test(`${tag} of ${version} is no release: ${message.source}`, () => {
    assert.throws(() => notesOf(tag, version, text), message);
  });
}
