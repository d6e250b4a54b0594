import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../src/config/load.ts';
import { configWith, refusal, refusalWith, smallestData, withValue } from '../support/config.ts';

// Output goes only into folders that the program owns, one per cluster.

const valid: readonly string[] = [
  'output/{cluster}/{namespace}/rbac.yaml',
  'output/{namespace}.yml',
  'rbac/{cluster}/{namespace}-{role}.yaml',
  'rbac/{cluster}/{shard}/{namespace}/{role}.yaml',
  '{cluster}/{namespace}.yaml',
  'a/{cluster}-rbac/{namespace}.yaml',
  'a b/Ü/{namespace}.yaml',
  '../output/{namespace}.yaml',
  '../../output/{cluster}/{namespace}.yaml',
  'a..b/{namespace}..yaml',
];
for (const path of valid) {
  test(`output.path accepts ${path}`, () => assert.equal(configWith('output.path', path).output.path, path));
}

const invalid: readonly (readonly [string, RegExp])[] = [
  ['', /must not be empty/],
  ['output/{cluster}/rbac.yaml', /must contain \{namespace\}/],
  ['output/{Namespace}/rbac.yaml', /must contain \{namespace\}/],
  ['/output/{namespace}.yaml', /must be relative/],
  ['//host/{namespace}.yaml', /must be relative/],
  ['output//{namespace}.yaml', /no empty part/],
  ['./output/{namespace}.yaml', /no "\."/],
  ['output/./{namespace}.yaml', /no "\."/],
  ['.git/{namespace}.yaml', /no "\.git"/],
  ['output/.GIT/{namespace}.yaml', /no "\.git"/],
  ['../.Git/{namespace}.yaml', /no "\.git"/],
  ['output/{domain}/{namespace}.yaml', /may contain \{cluster\}, \{namespace\}, \{role\} and \{shard\}/],
  ['output/{namespace}}.yaml', /no other braces/],
  ['output/{}/{namespace}.yaml', /no other braces/],
  ['output/*/{namespace}.yaml', /wildcards/],
  ['output/[a]/{namespace}.yaml', /wildcards/],
  ['output/a?/{namespace}.yaml', /wildcards/],
  ['output\\{namespace}.yaml', /backslashes/],
  ['output/a\nb/{namespace}.yaml', /may contain/],
  ['output/a\u0000b/{namespace}.yaml', /may contain/],
  ['output/{namespace}.json', /must end in \.yaml or \.yml/],
  ['output/{namespace}', /must end in \.yaml or \.yml/],
  ['output/{namespace}.YAML', /must end in \.yaml or \.yml/],
  ['output/{namespace}.yaml/', /must end in \.yaml or \.yml/],
  ['output/{namespace}.yaml\n', /must end in \.yaml or \.yml/],
  // With ".." resolved, these could be the repository root, or one path for all clusters.
  ['output/../{namespace}.yaml', /may contain "\.\." only at its start/],
  ['{cluster}/../{namespace}.yaml', /may contain "\.\." only at its start/],
  ['output/{cluster}/../{namespace}.yaml', /may contain "\.\." only at its start/],
  ['../a/../{namespace}.yaml', /may contain "\.\." only at its start/],
  ['output/{namespace}/../{role}.yaml', /may contain "\.\." only at its start/],
  ['{namespace}.yaml', /must start with a folder used only by athenz-gitops/],
  ['{namespace}/rbac.yaml', /must start with a folder used only by athenz-gitops/],
  ['{cluster}.{namespace}.yaml', /must start with a folder used only by athenz-gitops/],
  ['x-{shard}/{namespace}.yaml', /must start with a folder used only by athenz-gitops/],
];
for (const [path, expected] of invalid) {
  test(`output.path rejects ${JSON.stringify(path)}`, () => {
    const lines = refusalWith('output.path', path).split('\n');
    assert.ok(
      lines.every((line) => line.startsWith('output.path: ')),
      lines.join('\n'),
    );
    assert.ok(
      lines.some((line) => expected.test(line)),
      lines.join('\n'),
    );
  });
}

const twoClusters = (path: string) =>
  JSON.stringify(
    withValue(
      withValue(smallestData, 'clusters.1', {
        name: 'dev',
        domain: 'dev.{namespace}',
        namespaces: { files: ['dev.txt'] },
      }),
      'output.path',
      path,
    ),
  );

for (const path of [
  'output/{cluster}/{namespace}.yaml',
  '{cluster}/{namespace}.yaml',
  'o/k-{cluster}/x/{role}/{namespace}.yml',
]) {
  test(`accepts ${path} for several clusters`, () => {
    assert.equal(parseConfig(twoClusters(path), 'g.yaml').output.path, path);
  });
}

test('requires {cluster} in output.path for several clusters', () => {
  assert.match(
    refusal(twoClusters('output/{namespace}.yaml')).message,
    /output\.path: must contain \{cluster\} with more/,
  );
});

// In a folder shared by two clusters, each would delete the files of the other.
const shared: readonly string[] = [
  'output/{namespace}/{cluster}.yaml',
  'output/{cluster}-{namespace}.yaml',
  'output/{cluster}{namespace}/rbac.yaml',
  'output/{shard}/{cluster}/{namespace}.yaml',
  'output/{namespace}/{cluster}/rbac.yaml',
];
for (const path of shared) {
  test(`rejects ${path} for several clusters`, () => {
    assert.match(
      refusal(twoClusters(path)).message,
      /^g\.yaml:1:\d+: output\.path: must contain \{cluster\} in a folder before any other placeholder/,
    );
    assert.equal(configWith('output.path', path).output.path, path);
  });
}

test('requires relative paths in output.templates and output.keep', () => {
  assert.match(
    refusalWith('output.templates', '/templates'),
    /^output\.templates: must be relative to the config file/,
  );
  assert.match(
    refusalWith('output.keep', ['a.yaml', '/b.yaml']),
    /^output\.keep\[1\]: must be relative to the config file/,
  );
});

test('rejects a negated pattern in output.keep', () => {
  assert.match(refusalWith('output.keep', ['!output/a.yaml']), /^output\.keep\[0\]: must not start with "!"$/);
});
