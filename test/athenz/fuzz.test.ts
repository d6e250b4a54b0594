import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseSnapshot, snapshotLines } from '../../src/athenz/snapshot-file.ts';
import { parseDocument, parseError, parseList, parsePublicKey, parseSigned } from '../../src/athenz/wire.ts';
import { AppError } from '../../src/model/error.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { trials } from '../support/properties.ts';
import { acme } from '../support/recording.ts';

// Any input is parsed or rejected with the documented error; nothing else is thrown.

const read = (file: string) => readFileSync(join(acme, file), 'utf8');
const signed = read('signed/acme.platform.json');
const payload = Buffer.from(parseSigned(signed, 'acme.platform').payload, 'base64url').toString('utf8');
const list = JSON.stringify({ domains: JSON.parse(read('modified_domains.json')).domains.slice(0, 4) });

const document = parseDocument(payload);
const snapshot: Snapshot = {
  takenAt: '2026-11-21T02:22:11.527Z',
  zmsUrl: 'https://zms.example.com/zms/v1',
  list: [{ name: document.name, modified: document.modified, enabled: true }],
  domains: new Map([
    [document.name, { kind: 'value', value: document }],
    ['gone', { kind: 'absent', confirmed: true }],
    ['slow', { kind: 'unknown', problem: { code: 'ZMS_TIMEOUT', message: 'no answer' } }],
  ]),
};
const snapshotText = [...snapshotLines(snapshot)].join('\n');

/** The text with parts cut out, inserted or replaced. */
function damaged(text: string): fc.Arbitrary<string> {
  const insert = fc.oneof(
    fc.constantFrom(
      '',
      '"',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '\\',
      'null',
      '0',
      '-1',
      '1e999',
      'true',
      '\u0000',
      '\ud800',
    ),
    fc.string({ maxLength: 4 }),
  );
  const edit = fc.tuple(fc.nat(text.length), fc.nat({ max: 40 }), insert);
  return fc
    .array(edit, { minLength: 1, maxLength: 3 })
    .map((edits) => edits.reduce((all, [at, length, more]) => all.slice(0, at) + more + all.slice(at + length), text));
}

/** The JSON with one value, at any depth, replaced. */
function retyped(text: string): fc.Arbitrary<string> {
  const size = countValues(JSON.parse(text));
  const other = fc.oneof(
    fc.constantFrom<unknown>(null, true, false, 0, -1, 1e308, '', [], {}, [null], [[]], { name: null }),
    fc.jsonValue({ maxDepth: 2 }),
  );
  return fc.tuple(fc.nat(size - 1), other).map(([at, value]) => {
    let seen = 0;
    return JSON.stringify(JSON.parse(text), (_, old) => (seen++ === at ? value : old));
  });
}

function countValues(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((count, inner) => count + countValues(inner), 1);
}

const parsers: Readonly<Record<string, readonly [parse: (body: string) => unknown, real: string]>> = {
  parseList: [parseList, list],
  parseSigned: [(body) => parseSigned(body, 'acme.platform'), signed],
  parseDocument: [parseDocument, payload],
  parsePublicKey: [parsePublicKey, read('publickey-0.json')],
  parseError: [parseError, '{"code":404,"message":"getDomain: Domain not found: acme"}'],
};
for (const [name, [parse, real]] of Object.entries(parsers)) {
  test(`${name} parses any body or fails with ZMS_BAD_RESPONSE and a next step`, () => {
    assert.doesNotThrow(() => parse(real));
    const outcomes = { parsed: 0, rejected: 0 };
    const body = fc.oneof(
      { weight: 4, arbitrary: damaged(real) },
      { weight: 4, arbitrary: retyped(real) },
      { weight: 1, arbitrary: fc.json() },
      { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    );
    fc.assert(
      fc.property(body, (text) => {
        try {
          parse(text);
          outcomes.parsed++;
        } catch (error) {
          outcomes.rejected++;
          assert.ok(error instanceof AppError, String(error));
          assert.equal(error.code, 'ZMS_BAD_RESPONSE');
          assert.ok(error.next);
        }
      }),
      { numRuns: trials(375) },
    );
    assert.ok(outcomes.parsed > 0, 'no body was parsed');
    assert.ok(outcomes.rejected > 0 || name === 'parseError', 'no body was rejected');
  });
}

test('parseSnapshot parses any lines or throws a SyntaxError', async () => {
  const lines = snapshotText.split('\n');
  const body = fc.oneof(
    { weight: 4, arbitrary: damaged(snapshotText) },
    {
      weight: 4,
      arbitrary: fc
        .nat(lines.length - 1)
        .chain((at) => retyped(lines[at] ?? '').map((line) => lines.with(at, line).join('\n'))),
    },
    { weight: 2, arbitrary: fc.shuffledSubarray(lines).map((some) => some.join('\n')) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  );
  await fc.assert(
    fc.asyncProperty(body, async (text) => {
      try {
        await parseSnapshot(text.split('\n'));
      } catch (error) {
        assert.ok(error instanceof SyntaxError, String(error));
      }
    }),
    { numRuns: trials(375) },
  );
});

const deep = 100_000;
const nested: readonly (readonly [name: string, body: string])[] = [
  ['lists', '['.repeat(deep) + ']'.repeat(deep)],
  ['objects', `${'{"domains":'.repeat(deep)}1${'}'.repeat(deep)}`],
  ['members', `{"name":"a","modified":"2026-01-01T00:00:00Z","roles":${'['.repeat(deep)}${']'.repeat(deep)}}`],
];
for (const [name, body] of nested) {
  test(`rejects ${name} nested ${deep} levels deep`, () => {
    for (const parse of [parseList, parseDocument, parsePublicKey]) {
      assert.throws(() => parse(body), { code: 'ZMS_BAD_RESPONSE' });
    }
    assert.equal(parseError(body), undefined);
  });
}
