import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parse } from 'yaml';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { parseConfig } from '../../src/config/load.ts';
import { configKeys } from '../../src/core/generator.ts';
import { generators } from '../../src/generators/list.ts';
import { AppError } from '../../src/model/error.ts';
import { type Data, smallestData, withValue } from '../support/config.ts';
import { type JsonSchema, violations } from '../support/json-schema.ts';

// The JSON Schema must accept everything that the program accepts.

const further = configKeys(generators);
const schema = configJsonSchema(further) as JsonSchema;
const sample = new URL('../../templates/sandbox/athenz-gitops.yaml', import.meta.url);

test('the program and the JSON Schema accept the sandbox config', async () => {
  const text = await readFile(sample, 'utf8');
  parseConfig(text, 'athenz-gitops.yaml');
  assert.deepEqual(violations(schema, parse(text)), []);
});

test('the JSON Schema accepts the smallest config', () => {
  assert.deepEqual(violations(schema, smallestData), []);
});

const accepted: readonly (readonly [string, Data])[] = [
  ['$schema', 'https://example.com/schema.json'],
  ['athenz.requestTimeout', '500ms'],
  ['athenz.requestsPerSecond', 'off'],
  ['athenz.requestsPerSecond', 2.5],
  ['athenz.publicKeys', { '0': 'a.pub' }],
  ['athenz.cache', null],
  ['clusters.0.roles', [{ athenzRole: 'a', rules: [{ apiGroups: [''], resources: ['*'], verbs: ['*'] }] }]],
  ['clusters.0.namespaces.exclude', ['a-*']],
  ['members', {}],
  ['members.services', 'ServiceAccount'],
  ['output', {}],
  ['output.templates', null],
  ['forge', { kind: 'github', repository: 'a/b', apiUrl: 'http://127.0.0.1:1' }],
  ['forge.commit', {}],
  ['limits.maxRemovedGrants', null],
  ['limits.maxRemovedGrants', { percent: '12.5%' }],
  ['limits.maxRemovedGrants', { percent: 100, floor: 0 }],
  ['copies', {}],
  ['fleet', {}],
  [
    'fleet',
    { path: 'clusters/{cluster}/{module}.yml', hub: 'prod', kind: 'Application', limits: { maxRemovedModules: null } },
  ],
  ['copies', { marker: null, live: ['ConfigMap', 'CronJob.batch'], limits: { maxAddedCopies: { percent: '5%' } } }],
  ['mirrors', {}],
  [
    'mirrors.services',
    [
      { source: { cluster: 'eu1', namespaces: ['a'] }, destination: { cluster: 'prod' }, selector: 'team in (a, b)' },
      { source: { name: 'x', files: ['x.yaml'] }, destination: { cluster: 'prod', verify: false }, mode: 'mcs' },
    ],
  ],
];
for (const [path, value] of accepted) {
  test(`the schema accepts ${path}: ${JSON.stringify(value).slice(0, 40)}`, () => {
    const data = withValue(smallestData, path, value);
    parseConfig(JSON.stringify(data), 'g.yaml', further);
    assert.deepEqual(violations(schema, data), []);
  });
}

const rejected: readonly (readonly [string, Data | undefined, string])[] = [
  ['athenz', undefined, '.athenz: missing'],
  ['clusters', undefined, '.clusters: missing'],
  ['nams', 'portable', '.nams: not known'],
  ['athenz.zmsURL', 'x', '.athenz.zmsURL: not known'],
  ['clusters.0.domian', 'x', '.clusters[0].domian: not known'],
  ['clusters.0.name', 'Prod', '.clusters[0].name: not of the pattern'],
  ['clusters.0.namespaces.files', [], '.clusters[0].namespaces.files: too few'],
  ['roles', [{ clusterRole: 'view' }], '.roles[0].athenzRole: missing'],
  ['roles.0.rules', [{ apiGroups: [''], resources: ['a'] }], '.roles[0].rules[0].verbs: missing'],
  ['names', 'other', '.names: not one of the words'],
  ['athenz.requestTimeout', '10', '.athenz.requestTimeout: not of the pattern'],
  ['athenz.requestsPerSecond', 0, '.athenz.requestsPerSecond: no alternative'],
  ['limits.maxRemovedGrants', { percent: '101%' }, '.limits.maxRemovedGrants: no alternative'],
  ['limits.maxSubjects', 2901, '.limits.maxSubjects: out of range'],
  ['forge.kind', 'gitlab', '.forge.kind: not one of the words'],
  [
    'mirrors.services',
    [{ source: { cluster: 'a' }, destination: { cluster: 'b' } }],
    '.mirrors.services[0].source: no alternative',
  ],
];
for (const [path, value, expected] of rejected) {
  test(`the schema reports ${expected}`, () => {
    const data = withValue(smallestData, path, value);
    assert.deepEqual(violations(schema, data), [expected]);
    assert.throws(() => parseConfig(JSON.stringify(data), 'g.yaml', further), AppError);
  });
}

test('a key with a default is never required', () => {
  walk(schema, '', (at, it) => {
    for (const key of it.required ?? []) {
      assert.ok(!('default' in (it.properties?.[key] ?? {})), `${at}.${key} has a default and is required`);
    }
  });
});

function walk(it: JsonSchema, at: string, visit: (at: string, it: JsonSchema) => void): void {
  visit(at, it);
  for (const [key, below] of Object.entries(it.properties ?? {})) walk(below, `${at}.${key}`, visit);
  if (it.items?.properties !== undefined) walk(it.items, `${at}[]`, visit);
  for (const below of it.anyOf ?? []) if (below.properties !== undefined) walk(below, at, visit);
}
