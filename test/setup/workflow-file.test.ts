import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { secretsOf } from '../../src/setup/workflow-answers.ts';
import { workflowText } from '../../src/setup/workflow-file.ts';
import type { Workflow } from '../support/workflow.ts';

const hostile = ['a: b', '- a', '#', '"', '*a', '?\nb', 'a\n  evil: b', '\u2028', 'yes', '0x1', ' a ', '{a}', '---'];

test('no text acts as YAML in a workflow', async () => {
  for (const text of hostile) {
    const { on, jobs } = parse(await provision(text)) as Workflow;
    const { branches, paths } = on['push'] as Readonly<Record<string, readonly string[]>>;
    assert.deepEqual([branches?.[0], paths?.[0], jobs['show']?.with?.['config']], [text, text, text]);
  }
});

function provision(text: string): Promise<string> {
  return workflowText('provision', {
    from: { repository: 'acme/athenz-gitops', ref: 'v1' },
    config: text,
    base: text,
    namespaces: [],
    auth: 'app',
    secrets: secretsOf([]),
  });
}
