import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Marker, writeMarker } from '../../src/model/marker.ts';
import { readMarker, withoutMarker } from '../../src/propose/read-marker.ts';
import { trials } from '../support/properties.ts';

const now = Date.parse('2026-11-21T10:00:00Z');
const marker = {
  owner: 'rbac:/prod.yaml',
  scope: 'prod/a--b',
  base: 'main',
  digest: `sha256:${'d'.repeat(64)}`,
  polled: '2026-11-21T10:00:00.000Z',
  text: '0123456789abcdef',
  removals: '2026-11-20T10:00:00.000Z',
  closed: true,
} as const satisfies Marker;

test('a marker is read back as it was written', () => {
  assert.deepEqual(readMarker(`text\n\n${writeMarker(marker)}\n`, now), marker);
});

/** Values that the program never writes: the field counts as absent, the others count. */
const impossible: readonly (readonly [field: keyof Marker, value: unknown])[] = [
  ['polled', '9999'],
  ['polled', '9999-01-01T00:00:00Z'],
  ['polled', '2026-11-21T10:00:00.001Z'],
  ['polled', 1],
  ['removals', true],
  ['removals', '2027-01-01T00:00:00Z'],
  ['removals', 'yesterday'],
  ['digest', 'sha256:'],
  ['digest', { toString: 'x' }],
  ['text', 'x'.repeat(16)],
  ['closed', 'yes'],
  ['closed', false],
  ['owner', 'rbac:/a b'],
  ['owner', '@org/everyone'],
  ['scope', null],
  ['base', ['main']],
];

for (const [field, value] of impossible) {
  test(`a marker with ${field} ${JSON.stringify(value)} counts without it`, () => {
    const body = `<!-- athenz-gitops v1 ${JSON.stringify({ ...marker, [field]: value })} -->`;
    const { [field]: _, ...others } = marker;
    assert.deepEqual({ ...readMarker(body, now) }, { ...others, [field]: undefined });
  });
}

for (const line of [
  '',
  'text',
  '<!-- athenz-gitops v1 {"a": -->',
  '<!-- athenz-gitops v1 [] -->',
  'x <!-- athenz-gitops v1 {} -->',
]) {
  test(`${JSON.stringify(line)} is no marker`, () => {
    assert.equal(readMarker(line, now), undefined);
    assert.equal(withoutMarker(line), line);
  });
}

test('the last of several markers counts, and all are taken out', () => {
  const body = ['a', writeMarker({ scope: 'one' }), 'b', writeMarker({ scope: 'two' }), 'c'].join('\r\n');
  assert.equal(readMarker(body, now)?.scope, 'two');
  assert.equal(withoutMarker(body), 'a\nb\nc');
});

test('any JSON in a marker is read without an error', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.oneof(fc.constantFrom(...Object.keys(marker)), fc.string()), fc.jsonValue()),
      (value) => {
        const read = readMarker(writeMarker(value as Marker), now);
        for (const field of [read?.polled, read?.removals]) assert.ok(field === undefined || Date.parse(field) <= now);
        assert.ok(read?.closed === undefined || read.closed);
      },
    ),
    { numRuns: trials(300) },
  );
});
