import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { renderDriftMarkdown } from '../../src/drift/markdown.ts';
import type { DriftedBinding, DriftResult } from '../../src/drift/result.ts';
import { renderDrift } from '../../src/drift/text.ts';
import { busyDrift } from '../support/drift-result.ts';
import { assertGolden } from '../support/golden.ts';
import { anyText, hostileNames } from '../support/hostile.ts';
import { trials } from '../support/properties.ts';

const busy = busyDrift();

/** Update with: UPDATE_GOLDEN=1 node --test test/report/drift.test.ts */
test('drift on a terminal matches drift.txt', () => assertGolden('drift.txt', renderDrift(busy, { color: false })));

test('drift as Markdown matches drift.md', () => assertGolden('drift.md', renderDriftMarkdown(busy)));

test('Markdown lists urgent drift first and counts omitted bindings', () => {
  const [first] = busy.bindings;
  assert.ok(first !== undefined);
  const many = (amount: number): DriftResult => ({
    ...busy,
    bindings: [
      ...Array.from({ length: amount }, (_, at): DriftedBinding => ({ ...first, name: `b${at}`, states: ['missing'] })),
      { ...first, name: 'left-behind', states: ['orphan'] },
    ],
  });
  const rowsOf = (text: string) => text.split('\n').filter((line) => /^\|.*`(b\d|left)/.test(line));
  const [row] = rowsOf(renderDriftMarkdown(many(3)));
  assert.match(row ?? '', /`left-behind`/);
  for (const amount of [10, 1000, 20_000]) {
    const text = renderDriftMarkdown(many(amount));
    assert.ok(text.length <= 65_536, String(text.length));
    const total =
      rowsOf(text).length + Number(/… and ([\d,]+) more bindings?: run/.exec(text)?.[1]?.replace(',', '') ?? 0);
    assert.equal(total, amount + 1);
  }
  for (const room of [60_000, 5000, 2000]) assert.ok(renderDriftMarkdown(many(1000), room).length <= room);
});

test('a binding with many subjects shows some and counts the rest', () => {
  const [first] = busy.bindings;
  assert.ok(first !== undefined);
  const subjects = Array.from({ length: 500 }, (_, at) => ({
    ...{ athenz: false, git: false, live: true },
    subject: { kind: 'User', name: `user.n${at}x` } as const,
  }));
  const text = renderDrift({ ...busy, bindings: [{ ...first, subjects }] }, { color: false });
  const named = text.match(/user\.n\d+x/g)?.length ?? 0;
  assert.ok(named > 0 && named < 100);
  assert.match(text, new RegExp(`… and ${500 - named} more subjects`));
});

/** The number of names that `resultOfNames` takes: one per place that shows external text. */
const places = 15;

/** A result with these names in every field that the API server or git controls. */
function resultOfNames(names: readonly string[]): DriftResult {
  const rest = [...names];
  const next = () => rest.shift() ?? assert.fail('too few names');
  const bound = { athenz: false, git: false, live: true };
  const where = { cluster: 'prod', namespace: 'search' };
  const roleRef = (name: string) => ({ roleRef: { kind: 'ClusterRole', name } }) as const;
  const problem = { code: 'CLUSTER_UNAVAILABLE', message: next(), next: next() } as const;
  return {
    ...busy,
    bindings: [
      {
        ...where,
        name: next(),
        states: ['changed-in-cluster', 'changed-in-git'],
        subjects: [
          { ...bound, subject: { kind: 'User', name: next() } },
          { ...bound, subject: { kind: 'Group', name: next() } },
          { ...bound, subject: { kind: 'ServiceAccount', namespace: next(), name: next() } },
        ],
        permissions: { git: roleRef('view'), live: roleRef(next()) },
        permissionDiffers: true,
        written: { manager: next(), at: '2026-11-21T12:00:00Z' },
        commit: { commit: 'c'.repeat(40), at: '2026-11-21T12:00:00Z', author: next(), ours: false },
      },
      {
        ...where,
        name: 'rules',
        states: ['changed-in-cluster'],
        subjects: [],
        permissions: {
          git: { roleRef: { kind: 'Role', name: 'r' }, rules: [] },
          live: {
            roleRef: { kind: 'Role', name: 'r' },
            rules: [{ apiGroups: [''], resources: [next()], verbs: [next()] }],
          },
        },
        permissionDiffers: true,
      },
    ],
    unread: [{ cluster: 'prod', namespace: 'search', problem }],
    probe: {
      ...{ grants: 1, nonGrants: 1, skipped: 0 },
      disagreements: [
        {
          ...where,
          ...{ expected: false, allowed: true },
          subject: { kind: 'User', name: next() },
          request: next(),
          reason: `because ${next()}`,
        },
      ],
    },
  };
}

const harmless = Array.from({ length: places }, (_, index) => `nothing special ${index}`);
// In rules `*` has its own wording, and an empty name is not shown.
const anyName = anyText.filter((text) => text !== '*' && text !== '');
const anyNames = fc.array(anyName, { minLength: places, maxLength: places });
const examples = hostileNames.filter((name) => name !== '').map((name): [string[]] => [harmless.map(() => name)]);

test('names in terminal output stay plain text on one line', () => {
  const lines = (names: readonly string[]) => {
    const text = renderDrift(resultOfNames(names), { color: false });
    assert.match(text, /^[^\p{C}\p{Zl}\p{Zp}\n]*(\n[^\p{C}\p{Zl}\p{Zp}\n]*)*$/u);
    return text.split('\n').length;
  };
  const expected = lines(harmless);
  fc.assert(
    fc.property(anyNames, (names) => {
      assert.equal(lines(names), expected);
    }),
    { numRuns: trials(50), examples },
  );
});

/** The markup without code, which names must not change. */
function markup(names: readonly string[]): string {
  return renderDriftMarkdown(resultOfNames(names)).replace(/<code>[^<>|`\n]*<\/code>|`[^`|<\n]+`/g, '§');
}

test('names do not change the Markdown markup', () => {
  const expected = markup(harmless);
  assert.ok(expected.split('§').length - 1 >= places, expected);
  const coded = anyName.filter((text) => !/^[A-Za-z0-9._-]*$/.test(text));
  fc.assert(
    fc.property(fc.array(coded, { minLength: places, maxLength: places }), (names) => {
      assert.equal(markup(names), expected);
    }),
    { numRuns: trials(50), examples: examples.filter(([[name = '']]) => !/^[A-Za-z0-9._-]*$/.test(name)) },
  );
});

test('every table row is one line with as many cells as the header', () => {
  fc.assert(
    fc.property(anyNames, (names) => {
      const rows = renderDriftMarkdown(resultOfNames(names))
        .split('\n')
        .filter((line) => line.startsWith('|'));
      assert.equal(rows.length, 4, rows.join('\n'));
      for (const row of rows) assert.match(row, /^(\|[^|]*){4}\|$/);
    }),
    { numRuns: trials(50), examples },
  );
});
