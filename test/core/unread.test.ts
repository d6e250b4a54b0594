import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Kept } from '../../src/core/change.ts';
import { sinceWhen, type Unread, unreadOf } from '../../src/core/unread.ts';
import { parseUnread, unreadText } from '../../src/propose/unread.ts';
import { trials } from '../support/properties.ts';

const problem = { code: 'ZMS_TIMEOUT', message: 'no response' } as const;
const [monday, tuesday, wednesday] = ['23', '24', '25'].map((day) => `2026-11-${day}T12:00:00.000Z`) as [
  string,
  string,
  string,
];

function kept(namespace: string, part = 'admins'): Kept {
  return { cluster: 'prod', namespace, part, problem };
}

test('what could not be read before is unread since then, anything else is new', () => {
  const before: readonly Unread[] = [{ cluster: 'prod', namespace: 'search', part: 'admins', since: monday }];
  const told = sinceWhen([kept('search'), kept('search', 'viewers'), kept('labs')], before, tuesday);
  assert.deepEqual(
    told.map(({ since }) => since),
    [monday, undefined, undefined],
  );
});

test('another reason for the same part does not reset the time', () => {
  const before = unreadOf(sinceWhen([kept('search')], [], monday), monday);
  const [told] = sinceWhen(
    [{ ...kept('search'), problem: { code: 'ZMS_FORBIDDEN', message: '403' } }],
    before,
    tuesday,
  );
  assert.equal(told?.since, monday);
});

test('a part that was read in between starts over', () => {
  const first = unreadOf(sinceWhen([kept('search')], [], monday), monday);
  const second = unreadOf(sinceWhen([], first, tuesday), tuesday);
  assert.deepEqual(second, []);
  assert.equal(sinceWhen([kept('search')], second, wednesday)[0]?.since, undefined);
});

test('a time in the future is none', () => {
  const before: readonly Unread[] = [{ cluster: 'prod', namespace: 'search', part: 'admins', since: wednesday }];
  assert.equal(sinceWhen([kept('search')], before, tuesday)[0]?.since, undefined);
});

for (const text of [
  '',
  'no JSON',
  '[]',
  '{"format":"athenz-gitops unread 2","unread":[]}',
  '{"unread":[{"cluster":1}]}',
]) {
  test(`${text === '' ? 'an empty note' : text} counts as nothing`, () => assert.deepEqual(parseUnread(text), []));
}

const part = fc.record(
  { cluster: fc.string({ unit: 'binary' }), namespace: fc.string(), name: fc.string(), part: fc.string() },
  { requiredKeys: ['cluster'] },
);

test('what is written is read back, and the order of parts does not matter', () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), fc.nat(), (parts, turn) => {
      const all = parts.map((it): Kept => ({ ...it, problem }));
      const told = sinceWhen(all, [], monday);
      const left = unreadOf(told, monday);
      assert.deepEqual(parseUnread(unreadText(left)), left);
      const by = all.length === 0 ? 0 : turn % all.length;
      const turned = [...all.slice(by), ...all.slice(0, by)];
      assert.deepEqual(unreadOf(sinceWhen(turned, left, tuesday), tuesday), left);
    }),
    { numRuns: trials(200) },
  );
});
