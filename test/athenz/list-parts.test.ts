import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseListParts } from '../../src/athenz/list-parts.ts';
import { parseList } from '../../src/athenz/wire.ts';
import { trials } from '../support/properties.ts';

const modified = '2026-11-21T02:22:11.382Z';
const listOf = (count: number) =>
  JSON.stringify({
    domains: Array.from({ length: count }, (_, at) => ({
      domain: { name: `d${at}`, modified, enabled: at % 7 !== 0 },
    })),
  });

/** The domains of each part; undefined where the list is not read in parts. */
function partsOf(body: string): readonly (readonly unknown[])[] | undefined {
  try {
    return [...parseListParts(body)];
  } catch (error) {
    assert.ok(error instanceof SyntaxError);
    return undefined;
  }
}

test('a list of thousands of domains is read in parts, which are the whole', () => {
  const body = listOf(5000);
  const parts = partsOf(body) ?? [];
  assert.ok(parts.length > 5);
  assert.deepEqual(parts.flat(), JSON.parse(body).domains);
});

test('wherever a list is damaged, it is read as it would be as a whole, or not in parts', () => {
  const body = listOf(2000);
  const junk = fc.constantFrom('', '"', '}', ']', '[', '},{', ',', '{"domain":', '],"domains":[', '\\', '\0', ' ', '1');
  const edits = fc.array(fc.tuple(fc.nat(body.length), fc.nat(3), junk), { maxLength: 3 });
  fc.assert(
    fc.property(edits, (list) => {
      const damaged = list.reduce((text, [at, length, put]) => text.slice(0, at) + put + text.slice(at + length), body);
      const parts = partsOf(damaged);
      if (parts !== undefined) assert.deepEqual(parts.flat(), JSON.parse(damaged).domains);
    }),
    { numRuns: trials(100) },
  );
});

const whole: readonly (readonly [name: string, body: string])[] = [
  ['with another key', `${listOf(3).slice(0, -1)},"more":1}`],
  [
    'with two lists of domains',
    `${listOf(3).slice(0, -1)},"domains":[{"domain":{"name":"x","modified":"${modified}"}}]}`,
  ],
  ['with a key before it', `{"more":1,${listOf(3).slice(1)}`],
];
for (const [name, body] of whole) {
  test(`a list ${name} is read as a whole`, () => {
    assert.equal(partsOf(body), undefined);
    assert.deepEqual(
      parseList(body)
        .all()
        .map((it) => it.name),
      JSON.parse(body).domains.map(({ domain }: { domain: { name: string } }) => domain.name),
    );
  });
}

test('what is wrong with a domain of a long list is named with its place', () => {
  const body = listOf(5000).replace('"name":"d4321"', '"name":4321');
  assert.throws(() => parseList(body), { code: 'ZMS_BAD_RESPONSE', message: /domains\.4321\.domain\.name/ });
});

test('of several names that appear twice in a long list, the first by name is told', () => {
  const body = listOf(5000).replace('"name":"d4321"', '"name":"d2"').replace('"name":"d3000"', '"name":"d1"');
  assert.throws(() => parseList(body), { code: 'ZMS_BAD_RESPONSE', message: /"d1" appears twice/ });
});
