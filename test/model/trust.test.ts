import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AssumeRole, DomainDocument } from '../../src/model/domain.ts';
import { indexTrust } from '../../src/model/trust.ts';
import { trials } from '../support/properties.ts';

function domain(assumes: readonly AssumeRole[], name = 'acme.platform'): DomainDocument {
  return { name, modified: '2026-01-01T00:00:00.000Z', enabled: true, roles: [], groups: [], assumes };
}

const assume = (role: string, resource: string): AssumeRole => ({ role: `acme.platform:role.${role}`, resource });
const mayAssume = (resource: string, pattern: string) =>
  indexTrust(domain([assume('sre', pattern)]))(resource).length === 1;

test('finds each role that may assume a delegated role once, exact matches first', () => {
  const find = indexTrust(
    domain([
      assume('b', 'acme.eks.*:role.oncall'),
      assume('exact', 'acme.eks.x:role.oncall'),
      assume('a', '*'),
      assume('b', 'acme.*'),
      assume('other', 'acme.eks.y:role.oncall'),
    ]),
  );
  assert.deepEqual(find('acme.eks.x:role.oncall'), ['exact', 'b', 'a']);
  assert.deepEqual(find('acme.eks.y:role.oncall'), ['other', 'b', 'a']);
  assert.deepEqual(find('else.x:role.oncall'), ['a']);
});

test('a duplicate assertion yields its role once', () => {
  for (const resource of ['acme.eks.x:role.oncall', 'acme.eks.*:role.oncall']) {
    const find = indexTrust(domain([assume('sre', resource), assume('sre', resource)]));
    assert.deepEqual(find('acme.eks.x:role.oncall'), ['sre']);
  }
});

test('several roles may assume one delegated role by exact name', () => {
  const find = indexTrust(domain([assume('a', 'x:role.r'), assume('b', 'x:role.r')]));
  assert.deepEqual(find('x:role.r'), ['a', 'b']);
});

test('a domain without assertions has no role that may assume another', () => {
  assert.deepEqual(indexTrust(domain([]))('acme.eks.x:role.oncall'), []);
});

// Athenz compares the role of an assertion exactly: roles of other domains have no effect.
const foreign: readonly string[] = [
  'other:role.sre',
  'acme:role.sre',
  'acme.platform.sub:role.sre',
  'acme.platform:group.sre',
  'acme.platform.role.sre',
  'xacme.platform:role.sre',
  'acmexplatform:role.sre',
  '*:role.sre',
  'sre',
  '',
];
for (const role of foreign) {
  test(`an assertion for ${role || 'an empty role'} has no effect in acme.platform`, () => {
    for (const resource of ['acme.eks.x:role.oncall', '*']) {
      assert.deepEqual(indexTrust(domain([{ role, resource }]))('acme.eks.x:role.oncall'), []);
    }
  });
}

const patterns: readonly (readonly [string, string, boolean])[] = [
  ['acme.eks.x:role.oncall', 'acme.eks.x:role.oncall', true],
  ['acme.eks.x:role.oncall', 'acme.eks.x:role.onc', false],
  ['acme.eks.x:role.oncall', 'acme.eks.x:role.oncall2', false],
  ['acme.eks.x:role.oncall', 'acmexeks.x:role.oncall', false],
  ['acme.eks.x:role.oncall', 'acme.eks.*:role.oncall', true],
  ['acme.eks.x:role.oncall', 'acme.eks.?:role.oncall', true],
  ['acme.eks.x:role.oncall', 'acme.eks.x?:role.oncall', false],
  ['acme.eks.x:role.oncall', 'acme.eks.x*:role.oncall', true],
  ['acme.eks.x:role.oncall', '*', true],
  ['acme.eks.x:role.oncall', '**', true],
  ['acme.eks.x:role.oncall', '*oncall', true],
  ['acme.eks.x:role.oncall', 'acme*', true],
  ['acme.eks.x:role.oncall', '*:role.*', true],
  ['acme.eks.x:role.oncall', 'eks*', false],
  ['acme.eks.x:role.oncall', '*onca', false],
  ['acme.eks.x:role.oncall', 'acme.eks.*:role.viewers', false],
  ['acme.eks.x:role.oncall', 'ACME.*', false],
  ['acme.eks.x:role.oncall', '', false],
  ['acme.eks.a.b:role.oncall', 'acme.eks.*:role.oncall', true],
  ['acme.eks.x:role.on.call', 'acme.eks.x:role.on?call', true],
  ['acme.eks.x:role.on+call', 'acme.eks.x:role.on+c*', true],
  ['acme.eks.x:role.onnncall', 'acme.eks.x:role.on+c*', false],
  ['acme.eks.x:role.(a)[b]^$|{1}', '*(a)[b]^$|{1}', true],
  ['aXbXXc', 'a*X?c', true],
  ['aXbXc', 'a*X?c', false],
];
for (const [resource, pattern, expected] of patterns) {
  test(`${pattern || 'an empty resource'} ${expected ? 'matches' : 'does not match'} ${resource}`, () => {
    assert.equal(mayAssume(resource, pattern), expected);
  });
}

/** As in Athenz: the glob as a regular expression, with everything but `*` and `?` literal. */
function reference(pattern: string, text: string): boolean {
  const source = [...pattern]
    .map((it) => (it === '*' ? '.*' : it === '?' ? '.' : it.replace(/[\W_]/, '\\$&')))
    .join('');
  return new RegExp(`^${source.replaceAll('\\_', '_')}$`, 's').test(text);
}

test('globs match like the equivalent regular expression', () => {
  const piece = fc.string({ unit: fc.constantFrom(...'ab.:_-'), maxLength: 8 });
  const glob = fc.string({ unit: fc.constantFrom(...'ab.:_-**??'), maxLength: 8 });
  let matched = 0;
  fc.assert(
    fc.property(glob, piece, (pattern, text) => {
      const expected = reference(pattern, text);
      if (expected) matched += 1;
      assert.equal(mayAssume(text, pattern), expected);
    }),
    { numRuns: trials(5000) },
  );
  assert.ok(matched > 200, `only ${matched} globs matched: the property proves little`);
});

test('a string matches every glob derived from it', () => {
  const parts = fc.array(
    fc.tuple(fc.string({ unit: fc.constantFrom(...'ab.:') }), fc.constantFrom('literal', '*', '?')),
  );
  fc.assert(
    fc.property(parts, (all) => {
      const text = all.map(([part]) => part).join('');
      const pattern = all
        .map(([part, how]) => (how === '*' ? '*' : how === '?' ? '?'.repeat(part.length) : part))
        .join('');
      assert.ok(mayAssume(text, pattern), `${pattern} ${text}`);
    }),
    { numRuns: trials(500) },
  );
});

// A backtracking regular expression would practically never end.
const hard: readonly (readonly [string, string, boolean])[] = [
  ['a'.repeat(5000), `${'a*'.repeat(200)}b`, false],
  ['a'.repeat(5000), `${'*a'.repeat(200)}`, true],
  [`${'ab'.repeat(2000)}c`, `${'*a*b'.repeat(100)}*d`, false],
  ['a'.repeat(2000), `${'*'.repeat(2000)}b`, false],
  ['a'.repeat(2000), `${'?*'.repeat(2000)}`, true],
  ['a'.repeat(2000), `${'?*'.repeat(2001)}`, false],
];
for (const [index, [text, pattern, expected]] of hard.entries()) {
  test(`pathological glob ${index + 1} (${pattern.slice(0, 12)} …) is evaluated`, () => {
    assert.equal(mayAssume(text, pattern), expected);
  });
}
