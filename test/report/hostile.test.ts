import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Scope } from '../../src/core/scope.ts';
import { rbacWords } from '../../src/generators/rbac/words/words.ts';
import type { AccessChange } from '../../src/model/access.ts';
import { renderMessage } from '../../src/report/message.ts';
import { renderText } from '../../src/report/terminal.ts';
import { anyText, hostileNames } from '../support/hostile.ts';
import { trials } from '../support/properties.ts';
import { bodyOf, reportOf, scopeWith } from '../support/proposal.ts';

/** The number of names that `scopeOfNames` takes: one per place that shows external text. */
const places = 25;

/** A scope with every kind of change and these names in every field that Athenz or a file controls. */
function scopeOfNames(names: readonly string[]): Scope<AccessChange> {
  const rest = [...names];
  const next = () => rest.shift() ?? assert.fail('too few names');
  const where = { cluster: 'prod', namespace: 'payments', role: 'k8s_ns_admins' } as const;
  const permission = { roleRef: { kind: 'ClusterRole', name: 'view' } } as const;
  const user = (name: string) => ({ kind: 'User', name }) as const;
  const loss = { ...where, kind: 'lose', permission, reason: 'not-a-member', proven: false } as const;
  const rules = () => [{ apiGroups: [next()], resources: [next()], verbs: [next()] }];
  const role = { kind: 'Role', name: 'athenz' } as const;
  const clusterRole = () => ({ kind: 'ClusterRole', name: next() }) as const;
  return scopeWith(
    [
      { ...where, kind: 'gain', permission, subject: user(next()), paths: [{ trust: next(), group: next() }] },
      { ...loss, subject: { kind: 'Group', name: next() } },
      { ...loss, subject: { kind: 'ServiceAccount', namespace: next(), name: next() } },
      { ...loss, subject: user(next()), reason: 'domain-disabled', detail: next() },
      {
        ...where,
        kind: 'permission',
        subjects: 1,
        before: { roleRef: role, rules: [] },
        after: { roleRef: role, rules: rules() },
      },
      {
        ...where,
        kind: 'permission',
        subjects: 1,
        before: { roleRef: clusterRole() },
        after: { roleRef: { ...role, name: next() } },
      },
      { ...where, kind: 'mapping', before: next(), after: next() },
    ],
    {
      held: [
        {
          ...where,
          code: 'LIMIT_NEVER_EMPTY',
          message: next(),
          next: 'look',
          losses: [{ ...loss, subject: user(next()) }],
        },
        {
          ...where,
          code: 'LIMIT_ADDED_GRANTS',
          message: next(),
          next: 'look',
          losses: [],
          gains: [{ ...where, kind: 'gain', permission, subject: user(next()), paths: [] }],
        },
      ],
      kept: [{ ...where, problem: { code: 'ZMS_UNAVAILABLE', message: next() } }],
      dropped: [{ ...where, dropped: { member: next(), reason: 'wildcard', path: {} } }],
      expiring: [
        { ...where, grant: { subject: user(next()), member: '', paths: [{}], expires: '2026-12-01T00:00:00Z' } },
      ],
      staleKustomizations: [{ cluster: 'prod', path: next(), missing: [next()], unlisted: [next()] }],
      files: [{ ...where, path: rest.pop() ?? '', before: '0' }],
    },
  );
}

const harmless = Array.from({ length: places + 1 }, (_, index) => `nothing special ${index}`);

/** The markup of a body without code, which names must not change. */
function markup(names: readonly string[]): string {
  const body = bodyOf(scopeOfNames(names)).replace(/"text":"[0-9a-f]{16}"/, '');
  return body.replace(/<code>[^<>|`\n]*<\/code>|`[^`|<\n]+`/g, '§');
}

/** Names shown as code: plain names are shown verbatim, and `*` in rules has its own wording. */
const coded = anyText.filter((text) => text !== '*' && !/^[A-Za-z0-9._-]*$/.test(text));
const anyNames = fc.uniqueArray(coded, { minLength: places + 1, maxLength: places + 1 });
const examples = hostileNames
  .filter((name) => !/^[A-Za-z0-9._-]*$/.test(name))
  .map((name): [string[]] => [harmless.map((_, index) => name + '\u0007'.repeat(index))]);

test('names do not change the markup of a pull request body', () => {
  const expected = markup(harmless);
  assert.equal(expected.split('§').length - 1 >= places, true, 'a place is missing from the body');
  fc.assert(
    fc.property(anyNames, (names) => {
      assert.equal(markup(names), expected);
    }),
    { numRuns: trials(50), examples },
  );
});

test('every table row is one line with as many cells as the header', () => {
  fc.assert(
    fc.property(fc.array(anyText, { minLength: places + 1, maxLength: places + 1 }), (names) => {
      const rows = bodyOf(scopeOfNames(names))
        .split('\n')
        .filter((line) => line.startsWith('|'));
      assert.ok(rows.length >= 6, rows.join('\n'));
      for (const row of rows) assert.match(row, /^(\|[^|]*){5}\|$/);
    }),
    { numRuns: trials(50), examples },
  );
});

test('names in terminal output stay plain text on one line', () => {
  const lines = (names: readonly string[]) => {
    const text = renderText(reportOf([scopeOfNames(names)]), { color: false });
    assert.match(text, /^[^\p{C}\p{Zl}\p{Zp}\n]*(\n[^\p{C}\p{Zl}\p{Zp}\n]*)*$/u);
    return text.split('\n').length;
  };
  const expected = lines(harmless);
  fc.assert(
    fc.property(fc.array(anyText, { minLength: places + 1, maxLength: places + 1 }), (names) => {
      assert.equal(lines(names), expected);
    }),
    { numRuns: trials(50), examples },
  );
});

test('names add no lines to a commit message', () => {
  const lines = (names: readonly string[]) =>
    renderMessage(scopeOfNames(names), rbacWords, [['Scope', 'prod']]).split(/[\n\r\u2028]/);
  const expected = lines(harmless);
  fc.assert(
    fc.property(fc.array(anyText, { minLength: places + 1, maxLength: places + 1 }), (names) => {
      const actual = lines(names);
      assert.equal(actual.length, expected.length);
      assert.deepEqual([actual[0], actual.at(-2)], [expected[0], 'Scope: prod']);
    }),
    { numRuns: trials(50), examples },
  );
});
