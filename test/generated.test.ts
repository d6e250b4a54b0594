import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { generatedFiles, projectRoot, prometheusRule, readFiles } from './support/generated.ts';
import { rulesFile } from './support/monitoring.ts';

test('schemas/, output/, the reference and the PrometheusRule are up to date (npm run generate)', async () => {
  const expected = await generatedFiles();
  const folders = ['schemas', 'output/prod', 'docs', 'deploy'];
  const actual = new Map(
    (await Promise.all(folders.map((folder) => readFiles(projectRoot, folder)))).flatMap((files) => [...files]),
  );
  for (const [path, text] of expected) assert.equal(actual.get(path), text, path);
  const own = (paths: Iterable<string>) => new Set([...paths].filter((path) => !/^(docs|deploy)\//.test(path)));
  assert.deepEqual(own(actual.keys()), own(expected.keys()));
});

test('the PrometheusRule has the alerts of the rule file', async () => {
  const [rule, rules] = await Promise.all(
    [join(projectRoot, prometheusRule), rulesFile].map(async (file) => parse(await readFile(file, 'utf8'))),
  );
  assert.ok(rules.groups[0].rules.length > 0);
  assert.deepEqual(rule.spec, rules);
});
