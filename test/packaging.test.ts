import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notesOf } from '../packaging/changelog.ts';
import { pinsOf } from '../packaging/lock.ts';

const lock = {
  packages: {
    '': { version: '1.0.0', dependencies: { a: '^1.0.0' } },
    'node_modules/a': {
      version: '1.2.0',
      dependencies: { b: '^1.0.0', '@s/c': '*' },
      optionalDependencies: { b: '^1.0.0', windows: '1' },
      peerDependencies: { peer: '1', extra: '1' },
      peerDependenciesMeta: { extra: { optional: true } },
    },
    'node_modules/a/node_modules/b': { version: '1.0.1', dependencies: { d: '1' } },
    'node_modules/b': { version: '2.0.0' },
    'node_modules/@s/c': { version: '3.0.0', dependencies: { a: '1' } },
    'node_modules/d': { version: '4.0.0' },
    'node_modules/peer': { version: '5.0.0' },
    'node_modules/extra': { version: '6.0.0' },
    'node_modules/tool': { version: '7.0.0', dev: true },
  },
};

test('pins have all that is needed, as Node finds it, and nothing else', () => {
  assert.deepEqual(pinsOf(['a'], lock), {
    versions: { '@s/c': '3.0.0', a: '1.2.0', d: '4.0.0', peer: '5.0.0' },
    nested: ['node_modules/a/node_modules/b'],
  });
});

test('a dependency that the lock file lacks is named', () => {
  assert.throws(() => pinsOf(['a', 'other'], lock), /package-lock\.json lacks other/);
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
