import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RecognizedConfig, recognizeConfig } from '../../src/config/recognize.ts';
import { type Data, smallestData, withValue } from '../support/config.ts';

const plain: Omit<RecognizedConfig, 'further'> = {
  id: null,
  outputPath: 'output/{cluster}/{namespace}/rbac.yaml',
  clusters: ['prod'],
  base: 'main',
  repository: null,
};

/** Changes of a config, and what is still known of it. */
const configs: readonly (readonly [path: string, value: Data | undefined, expected: Partial<RecognizedConfig>])[] = [
  ['id', 'it', { id: 'it' }],
  ['id', 1, {}],
  ['output', { path: 'x/{namespace}.yaml', templates: 1 }, { outputPath: 'x/{namespace}.yaml' }],
  ['output', 'x', {}],
  ['forge', { base: 'next', repository: 'a/b', kind: 'new' }, { base: 'next', repository: 'a/b' }],
  ['forge', [], {}],
  ['roles', undefined, {}],
  ['unknownKey', true, {}],
];

for (const [path, value, expected] of configs) {
  test(`a config with ${path} ${JSON.stringify(value)} is recognized`, () => {
    const text = JSON.stringify(withValue(smallestData, path, value));
    const { further, ...known } = recognizeConfig(Buffer.from(text), 'a.json') ?? assert.fail('not recognized');
    assert.deepEqual(known, { ...plain, ...expected });
    if (path === 'unknownKey') assert.equal(further[path], value);
  });
}

for (const [what, text] of [
  ['broken YAML', 'athenz: {zmsUrl: ['],
  ['text that names a key', 'set athenz.zmsUrl'],
  ['a config without clusters', JSON.stringify(withValue(smallestData, 'clusters', undefined))],
  ['a config without zmsUrl', JSON.stringify(withValue(smallestData, 'athenz.zmsUrl', undefined))],
  ['a list', '[zmsUrl]'],
  ['an empty file', ''],
] as const) {
  test(`${what} is no config`, () => assert.equal(recognizeConfig(Buffer.from(text), 'a.yaml'), undefined));
}
