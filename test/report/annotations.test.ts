import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Annotation, annotationLines, annotationsOf } from '../../src/report/annotations.ts';
import { anyText } from '../support/hostile.ts';
import { trials } from '../support/properties.ts';
import { busyPlan, reportOf, scopeOf } from '../support/proposal.ts';

test('what is held, unread and not planned becomes an annotation each', () => {
  const plan = busyPlan();
  const problem = { code: 'COPY_CONFLICT', message: 'two: one', next: 'choose one' } as const;
  const report = { ...reportOf([scopeOf(plan)], plan), failed: [{ generator: 'copies', problem }] };
  const lines = annotationLines(annotationsOf(report)).split('\n');
  assert.equal(lines[0], '::error title=copies was not planned (COPY_CONFLICT)::two: one. Choose one.');
  assert.ok(lines.some((line) => /^::warning title=Held::prod\/\S+: .*LIMIT_NEVER_EMPTY\)\. Add a member/.test(line)));
  assert.ok(lines.some((line) => /^::warning title=Unchanged \(read failed\)::prod\/growth-geo.*ZMS_UNAV/.test(line)));
});

test('no text forges a command or a second line', () => {
  fc.assert(
    fc.property(anyText, anyText, (title, message) => {
      const text = annotationLines([{ level: 'error', title, message: `a${message}\r\n::set-env name=a::b` }]);
      assert.match(text, /^::error title=[^:,\r\n]*::[^\r\n]*\n$/);
    }),
    { numRuns: trials(300) },
  );
});

test('GitHub keeps ten of a level: the others are counted', () => {
  const all = Array.from({ length: 12 }, (_, index): Annotation => {
    return { level: 'warning', title: 'a', message: `${index} 100%` };
  });
  const lines = annotationLines(all).trimEnd().split('\n');
  assert.equal(lines.length, 10);
  assert.equal(lines[0], '::warning title=a::0 100%25');
  assert.equal(lines[9], '::warning title=athenz-gitops::and 3 more: see the log and the summary');
});
