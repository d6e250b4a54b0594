import assert from 'node:assert/strict';
import { test } from 'node:test';
import { workflowFile } from '../../src/report/run-url.ts';

for (const [ref, file] of [
  ['acme/gitops/.github/workflows/sync.yml@refs/heads/main', 'sync.yml'],
  ['acme/gitops/.github/workflows/athenz.sync-prod.yaml@refs/heads/.github/workflows/x.yml@y', 'athenz.sync-prod.yaml'],
  ['acme/gitops/.github/workflows/a `b`.yml@refs/heads/main', undefined],
  ['', undefined],
  [undefined, undefined],
] as const) {
  test(`the workflow of ${JSON.stringify(ref)} is ${file}`, () => {
    assert.equal(workflowFile({ GITHUB_WORKFLOW_REF: ref }), file);
  });
}
