import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { isLine, lineSchema } from '../../src/athenz/snapshot-schema.ts';
import { parseSigned } from '../../src/athenz/wire.ts';
import { documentSchema, isDocument, isList, listSchema } from '../../src/athenz/wire-schema.ts';
import { mutated } from '../support/mutate.ts';
import { trials } from '../support/properties.ts';
import { acme } from '../support/recording.ts';

// Checks by hand take nothing that their schema refuses, and all that ZMS sends.

const payloads = await Promise.all(
  (await readdir(join(acme, 'signed'))).map(async (file) => {
    const { payload } = parseSigned(await readFile(join(acme, 'signed', file), 'utf8'), file);
    return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as unknown;
  }),
);

test('the quick check knows every recorded document', () => {
  assert.ok(payloads.length > 60 && payloads.every(isDocument));
});

const member = {
  name: 'user.a',
  expiration: '2026-01-01T00:00:00Z',
  systemDisabled: 1,
  approved: false,
  active: false,
};
const document = {
  name: 'a',
  modified: '2026-01-01T00:00:00Z',
  enabled: true,
  roles: [{ name: 'r', members: [member, { name: 'user.b' }], trust: 'b' }],
  groups: [{ name: 'g', members: [member] }],
  assumes: [{ role: 'b:role.r', resource: '*' }],
};
const lines = [
  { stamp: { name: 'a', modified: '2026-01-01T00:00:00Z', enabled: true } },
  { domain: 'a', read: { kind: 'value', value: document } },
];

test('the quick check knows lines of a snapshot', () => assert.ok(lines.every(isLine)));

/** A document with something of everything. */
const richest = payloads.toSorted((a, b) => JSON.stringify(b).length - JSON.stringify(a).length)[0];

const list = JSON.parse(await readFile(join(acme, 'modified_domains.json'), 'utf8')) as {
  readonly domains: readonly unknown[];
};

test('the quick check knows the recorded list', () => assert.ok(isList(list)));

for (const [name, isKnown, schema, real] of [
  ['a list of ZMS', isList, listSchema, [{ domains: list.domains.slice(0, 3) }]],
  ['a document of ZMS', isDocument, documentSchema, [richest]],
  ['a line of a snapshot', isLine, lineSchema, lines],
] as const) {
  test(`the quick check takes nothing that the schema refuses: ${name}`, () => {
    const seen = { known: 0, refused: 0 };
    fc.assert(
      fc.property(fc.constantFrom(...real).chain(mutated), (data) => {
        // As it comes: out of JSON.
        const json: unknown = JSON.parse(JSON.stringify(data) ?? 'null');
        if (!isKnown(json)) return void seen.refused++;
        seen.known++;
        const parsed = schema.safeParse(json);
        assert.ok(parsed.success, JSON.stringify(json));
        if (schema === lineSchema) assert.deepEqual(parsed.data, json);
      }),
      { numRuns: trials(1000) },
    );
    for (const [what, times] of Object.entries(seen)) assert.ok(times > 20, `${what}: ${times}`);
  });
}
