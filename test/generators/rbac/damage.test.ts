import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseFile } from '../../../src/generators/rbac/parse.ts';
import { renderFile } from '../../../src/generators/rbac/render.ts';
import { subjectKey } from '../../../src/model/grant.ts';
import { headerLine, type RenderedRole } from '../../../src/model/manifest.ts';
import { trials } from '../../support/properties.ts';
import { account, hostileText, renderedOf, renderWith, roleOf, user, viewerRules } from '../../support/rbac.ts';
import { isChaos } from '../../support/tier.ts';

const roles = [
  roleOf({ athenzRole: 'admins', rules: viewerRules }, account('other', 'web'), user('user.ann'), user('user.ö😀')),
  roleOf({ athenzRole: 'none', rules: viewerRules }),
  roleOf({ athenzRole: 'oncall', clusterRole: 'view' }),
  roleOf({ athenzRole: 'viewers', clusterRole: 'view' }, user('user.ann'), user('user.bob')),
];
const template = '# {role}\nmetadata:\n  labels:\n    a: x # y\n  annotations:\n    b: "- c: {D}"\n';

/** Rendered files and the roles in them; operator names need roles with rules. */
const files = (['portable', 'operator'] as const).map((names) => {
  const included = names === 'operator' ? roles.filter(({ config }) => 'rules' in config) : roles;
  const options = renderWith(names, names === 'operator' ? '' : template);
  return {
    names,
    bytes: Buffer.from(renderFile(options, included)),
    whole: included.map((role) => renderedOf(names, role)),
  };
});

describe('a truncated file', () => {
  for (const { names, bytes, whole } of files) {
    /** The file parsed at every length; in `npm test`, around line ends and at every seventh. */
    const ends = [...bytes.keys()].filter(
      (end) => isChaos || end % 7 === 0 || bytes.subarray(end - 1, end + 2).includes(10),
    );
    const cuts = ends.map((end) => ({ end, parsed: parseFile(bytes.subarray(0, end)) }));
    const rendered = cuts.flatMap(({ end, parsed }) =>
      parsed.kind === 'rendered' ? [{ end, roles: parsed.roles }] : [],
    );

    test(`is foreign only if the header is cut (${names} names)`, () => {
      for (const { end, parsed } of cuts) assert.equal(parsed.kind === 'foreign', end < headerLine.length, `${end}`);
    });

    test(`is never without roles or with incomplete rules (${names} names)`, () => {
      for (const { end, roles: remaining } of rendered) {
        assert.ok(remaining.length > 0, `${end}`);
        for (const [position, role] of remaining.entries()) {
          assert.deepEqual({ ...role, subjects: [] }, { ...whole[position], subjects: [] }, `${end}`);
        }
      }
    });

    test(`loses only trailing subjects of the last role, never all (${names} names)`, () => {
      for (const { end, roles: remaining } of rendered) {
        for (const [position, role] of remaining.entries()) {
          const all = whole[position]?.subjects ?? [];
          if (position < remaining.length - 1) assert.deepEqual(role.subjects, all, `${end}`);
          assert.deepEqual(role.subjects, all.slice(0, role.subjects.length), `${end}`);
          assert.equal(role.subjects.length === 0, all.length === 0, `${end}`);
        }
      }
    });

    test(`parses only if cut after a complete subject or list (${names} names)`, () => {
      for (const { end } of rendered) {
        const last = bytes.subarray(0, end).toString('utf8').trimEnd().split('\n').at(-1) ?? '';
        assert.match(last, /^ {4}name: ".*"$|^subjects: \[\]$/);
      }
    });
  }
});

describe('a damaged file', () => {
  const at = fc.nat();
  const inserted = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 4 }),
    hostileText({ minLength: 1, maxLength: 8 }).map((text) => Buffer.from(text)),
  );
  const change: fc.Arbitrary<(file: Uint8Array) => Uint8Array> = fc.oneof(
    fc.tuple(at, fc.integer({ min: 1, max: 60 })).map(([start, length]) => (file: Uint8Array) => {
      const from = start % (file.length + 1);
      return Buffer.concat([file.subarray(0, from), file.subarray(from + length)]);
    }),
    fc.tuple(at, inserted).map(
      ([start, bytes]) =>
        (file: Uint8Array) =>
          insert(file, start, bytes),
    ),
    fc.tuple(at, at, fc.integer({ min: 1, max: 200 })).map(([start, source, length]) => (file: Uint8Array) => {
      const from = source % (file.length + 1);
      return insert(file, start, file.subarray(from, from + length));
    }),
  );

  function insert(file: Uint8Array, start: number, bytes: Uint8Array): Uint8Array {
    const from = start % (file.length + 1);
    return Buffer.concat([file.subarray(0, from), bytes, file.subarray(from)]);
  }

  test('is rendered, unparsable or foreign, and never throws', () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.array(change, { minLength: 1, maxLength: 3 }), ({ bytes }, steps) => {
        const parsed = parseFile(steps.reduce<Uint8Array>((file, step) => step(file), bytes));
        kinds.add(parsed.kind);
        if (parsed.kind === 'rendered') for (const role of parsed.roles) assertSound(role);
      }),
      { numRuns: trials(250) },
    );
    assert.deepEqual([...kinds].sort(), ['foreign', 'rendered', 'unparsable']);
  });

  for (const [what, body] of [
    ['random bytes', fc.uint8Array({ maxLength: 200 })],
    ['random text', hostileText({ maxLength: 200 }).map((text) => Buffer.from(text))],
    ['JSON', fc.json().map((text) => Buffer.from(text))],
    [
      'YAML indicators',
      fc.string({ unit: fc.constantFrom(...'-?:,[]{}#&*!|>%@` \n"\'a<') }).map((text) => Buffer.from(text)),
    ],
  ] as const) {
    test(`with only ${what} after the header is unparsable`, () => {
      fc.assert(
        fc.property(body as fc.Arbitrary<Uint8Array>, (bytes) => {
          const { kind } = parseFile(Buffer.concat([Buffer.from(`${headerLine}\n`), bytes]));
          assert.equal(kind, 'unparsable');
        }),
        { numRuns: trials(125) },
      );
    });
  }

  test('with very deep nesting is unparsable', () => {
    for (const deep of ['['.repeat(20_000), '{a: '.repeat(5000), '- '.repeat(20_000), '? '.repeat(5000)]) {
      assert.equal(parseFile(Buffer.from(`${headerLine}\n${deep}`)).kind, 'unparsable');
    }
  });
});

/** Invariants of every parsed role. */
function assertSound({ namespace, domain, role, subjects }: RenderedRole): void {
  assert.match(namespace, /^[a-z0-9-]{1,63}$/);
  assert.match(domain, /^[a-z0-9_][a-z0-9_.-]*$/);
  assert.match(role, /^[a-z0-9_][a-z0-9_.-]*$/);
  assert.doesNotMatch(`${domain}/${role}`, /\.\./);
  const keys = subjects.map(subjectKey);
  assert.deepEqual(keys, [...new Set(keys)].sort());
}
