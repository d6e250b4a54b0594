import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { exitCode } from '../../src/model/error.ts';
import { projectRoot, readFiles } from '../support/generated.ts';
import { knownMetrics } from '../support/monitoring.ts';

// What is written by hand, beside the program.

const page = (name: string) => readFile(join(projectRoot, 'docs/reference', name), 'utf8');

/** What stands as code in the first cells of a page's rows. */
function firstCells(text: string): readonly string[] {
  const rows = [...text.matchAll(/^\| ([^|]*) \|/gm)].map(([, cell = '']) => cell);
  return rows.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code));
}

test('the metrics of a run and of watch are those of the page', async () => {
  const known = (await knownMetrics()).map(({ name }) => name);
  const listed = firstCells(await page('metrics.md'))
    .map((code) => code.replace(/\{.*/, ''))
    .filter((code) => /^(athenz|process)_/.test(code));
  // That run had no other generators.
  const others = ['athenz_gitops_copies', 'athenz_gitops_services', 'athenz_gitops_modules'];
  assert.deepEqual(listed.toSorted(), [...new Set([...known, ...others])].toSorted());
});

test('the page of the environment has every variable that the program reads', async () => {
  const text = [...(await readFiles(projectRoot, 'src')).values()].join('\n');
  const indexed = [...text.matchAll(/\benv\['([A-Z][A-Z_]+)'\]/g)].map(([, name = '']) => name);
  const destructured = [...text.matchAll(/\{([^{}]*)\} = (?:\w+\.)*env\b/g)].flatMap(([, names = '']) =>
    [...names.matchAll(/\b([A-Z][A-Z_]+)\b/g)].map(([, name = '']) => name),
  );
  const read = [...indexed, ...destructured];
  const environment = await page('environment.md');
  // Set by Kubernetes, and by git's callers.
  const others = ['KUBERNETES_SERVICE_HOST', 'GIT_CONFIG_COUNT'];
  const missing = [...new Set(read)].filter((name) => !others.includes(name) && !environment.includes(name));
  assert.ok(read.length > 10);
  assert.deepEqual(missing, []);
});

test('every exit code has a row', async () => {
  const rows = [...(await page('exit-codes.md')).matchAll(/^\| (\d) \|/gm)].map(([, code]) => Number(code));
  assert.deepEqual(rows.toSorted(), Object.values(exitCode).toSorted());
});
