import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { subjectKey } from '../../src/model/grant.ts';
import { headerLine, type RenderedRole } from '../../src/model/manifest.ts';
import { parseFile } from '../../src/rbac/parse.ts';
import { renderFile } from '../../src/rbac/render.ts';
import { effort } from '../support/effort.ts';
import { account, hostileText, renderedOf, renderWith, roleOf, user, viewerRules } from '../support/rbac.ts';

const roles = [
  roleOf({ athenzRole: 'admins', rules: viewerRules }, account('other', 'web'), user('user.ann'), user('user.ö😀')),
  roleOf({ athenzRole: 'none', rules: viewerRules }),
  roleOf({ athenzRole: 'oncall', clusterRole: 'view' }),
  roleOf({ athenzRole: 'viewers', clusterRole: 'view' }, user('user.ann'), user('user.bob')),
];
const template = '# {role}\nmetadata:\n  labels:\n    a: x # y\n  annotations:\n    b: "- c: {D}"\n';

/** Rendered files, whole, and the roles that must be read from them; operator names go with own rules only. */
const files = (['portable', 'operator'] as const).map((names) => {
  const held = names === 'operator' ? roles.filter(({ config }) => 'rules' in config) : roles;
  const options = renderWith(names, names === 'operator' ? '' : template);
  return {
    names,
    bytes: Buffer.from(renderFile(options, held)),
    whole: held.map((role) => renderedOf(names, role)),
  };
});

describe('a file cut off at any byte', () => {
  for (const { names, bytes, whole } of files) {
    /** What a cut leaves, where that is still a file of ours. */
    const cuts = Array.from(bytes, (_, end) => ({ end, parsed: parseFile(bytes.subarray(0, end)) }));
    const rendered = cuts.flatMap(({ end, parsed }) =>
      parsed.kind === 'rendered' ? [{ end, roles: parsed.roles }] : [],
    );

    test(`is foreign inside of our first line only (${names} names)`, () => {
      for (const { end, parsed } of cuts) assert.equal(parsed.kind === 'foreign', end < headerLine.length, `${end}`);
    });

    test(`is never a file without a role, nor a role without all its rules (${names} names)`, () => {
      for (const { end, roles: left } of rendered) {
        assert.ok(left.length > 0, `${end}`);
        for (const [position, role] of left.entries()) {
          assert.deepEqual({ ...role, subjects: [] }, { ...whole[position], subjects: [] }, `${end}`);
        }
      }
    });

    test(`never takes somebody for nobody, and only the last role may lack the end of its list (${names} names)`, () => {
      for (const { end, roles: left } of rendered) {
        for (const [position, role] of left.entries()) {
          const all = whole[position]?.subjects ?? [];
          if (position < left.length - 1) assert.deepEqual(role.subjects, all, `${end}`);
          assert.deepEqual(role.subjects, all.slice(0, role.subjects.length), `${end}`);
          assert.equal(role.subjects.length === 0, all.length === 0, `${end}`);
        }
      }
    });

    test(`is taken for a whole one only behind a finished subject or list (${names} names)`, () => {
      for (const { end } of rendered) {
        const last = bytes.subarray(0, end).toString('utf8').trimEnd().split('\n').at(-1) ?? '';
        assert.match(last, /^ {4}name: ".*"$|^subjects: \[\]$/);
      }
    });
  }
});

describe('a file with something changed in it', () => {
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

  test('is read, refused or foreign, and never stops the run', () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.array(change, { minLength: 1, maxLength: 3 }), ({ bytes }, steps) => {
        const parsed = parseFile(steps.reduce<Uint8Array>((file, step) => step(file), bytes));
        kinds.add(parsed.kind);
        if (parsed.kind === 'rendered') for (const role of parsed.roles) assertSound(role);
      }),
      { numRuns: effort(1000) },
    );
    assert.deepEqual([...kinds].sort(), ['foreign', 'rendered', 'unparsable']);
  });

  for (const [what, body] of [
    ['bytes', fc.uint8Array({ maxLength: 200 })],
    ['text', hostileText({ maxLength: 200 }).map((text) => Buffer.from(text))],
    ['JSON', fc.json().map((text) => Buffer.from(text))],
    [
      'indicators of YAML',
      fc.string({ unit: fc.constantFrom(...'-?:,[]{}#&*!|>%@` \n"\'a<') }).map((text) => Buffer.from(text)),
    ],
  ] as const) {
    test(`and any ${what} behind our first line grant nobody anything`, () => {
      fc.assert(
        fc.property(body as fc.Arbitrary<Uint8Array>, (bytes) => {
          const { kind } = parseFile(Buffer.concat([Buffer.from(`${headerLine}\n`), bytes]));
          assert.equal(kind, 'unparsable');
        }),
        { numRuns: effort(500) },
      );
    });
  }

  test('that is nested without end is refused', () => {
    for (const deep of ['['.repeat(20_000), '{a: '.repeat(5000), '- '.repeat(20_000), '? '.repeat(5000)]) {
      assert.equal(parseFile(Buffer.from(`${headerLine}\n${deep}`)).kind, 'unparsable');
    }
  });
});

/** What the rest of the program relies on, whatever a file says. */
function assertSound({ namespace, domain, role, subjects }: RenderedRole): void {
  assert.match(namespace, /^[a-z0-9-]{1,63}$/);
  assert.match(domain, /^[a-z0-9_][a-z0-9_.-]*$/);
  assert.match(role, /^[a-z0-9_][a-z0-9_.-]*$/);
  assert.doesNotMatch(`${domain}/${role}`, /\.\./);
  const keys = subjects.map(subjectKey);
  assert.deepEqual(keys, [...new Set(keys)].sort());
}
