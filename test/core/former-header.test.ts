import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formerHeaderLine, headerLine, withFormerHeader } from '../../src/model/manifest.ts';
import { applyPlan, planOf, type Texts, treeOf } from '../support/planning.ts';
import { trials } from '../support/properties.ts';
import { bindingsIn } from '../support/roles.ts';
import { anyChange } from '../support/worlds.ts';

/** The tree as an earlier version rendered it. */
function former(files: Texts): Texts {
  return new Map([...files].map(([path, text]) => [path, withFormerHeader(text)]));
}

test('a tree that differs in the former first line alone has no changes', () => {
  fc.assert(
    fc.property(anyChange(), ({ after }) => {
      const { files, changes, held } = planOf({ ...after, files: former(treeOf(after)) });
      assert.deepEqual({ files, changes, held }, { files: [], changes: [], held: [] });
    }),
    { numRuns: trials(50) },
  );
});

test('only files whose content changes get the new first line', () => {
  fc.assert(
    fc.property(anyChange({ unread: true }), ({ before, after }) => {
      const files = treeOf(...before);
      const [now, then] = [planOf({ ...after, files }), planOf({ ...after, files: former(files) })];
      assert.deepEqual([then.changes, then.held], [now.changes, now.held]);
      const pathsOf = (plan: typeof now) => plan.files.map(({ path }) => path);
      assert.deepEqual(pathsOf(then), pathsOf(now));
      const merged = applyPlan(former(files), then);
      for (const [path, text] of merged) {
        assert.ok(text.startsWith(`${pathsOf(then).includes(path) ? headerLine : formerHeaderLine}\n`), path);
      }
      assert.deepEqual(bindingsIn(merged), bindingsIn(applyPlan(files, now)));
    }),
    { numRuns: trials(50) },
  );
});
