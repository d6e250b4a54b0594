import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from '../../src/report/findings.ts';
import { renderText } from '../../src/report/terminal.ts';
import { reportOf, scopeWith } from '../support/proposal.ts';

const timeout = { code: 'ZMS_TIMEOUT', message: 'no response', next: 'wait' } as const;
const broken = { code: 'INVENTORY_UNREADABLE', message: 'a.yaml: broken', next: 'correct it' } as const;
const held = {
  cluster: 'prod',
  namespace: 'search',
  code: 'OUTPUT_FOREIGN',
  message: 'mine.yaml is foreign',
  next: 'move it',
  losses: [],
} as const;

test('the log says what is held or unread in the words of the terminal, with its scope', () => {
  const scope = scopeWith([], {
    held: [held],
    kept: [
      { cluster: 'prod', problem: broken },
      { cluster: 'prod', namespace: 'web', role: 'oncall', problem: timeout },
      { cluster: 'prod', namespace: 'web', role: 'admins', problem: timeout },
    ],
  });
  const failed = [{ generator: 'copies', problem: { code: 'GIT_FAILED', message: 'no such file' } as const }];
  const report = reportOf([scope], { failed });
  const lines = findings(report, (text) => text);
  assert.deepEqual(lines, [
    'held: copies: no such file (GIT_FAILED)',
    'held: prod: search: mine.yaml is foreign; move it (OUTPUT_FOREIGN)',
    'unchanged (read failed): prod: no namespace of prod is removed (INVENTORY_UNREADABLE: a.yaml: broken; correct it)',
    'unchanged (read failed): prod: web (ZMS_TIMEOUT: no response; wait)',
  ]);
  const text = renderText(report, { color: false });
  for (const line of lines) assert.ok(text.includes(line.replace(': prod: ', ': ')), line);
});
