import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseSnapshot, readSnapshot, snapshotLines, writeSnapshot } from '../../src/athenz/snapshot-file.ts';
import type { DomainRead, Snapshot } from '../../src/model/snapshot.ts';
import { effort } from '../support/effort.ts';
import { makeFolder } from '../support/folder.ts';

// A snapshot as a file: written whole or not at all, and read as it was written or not at all.

/** Names that a line, a JSON parser, an object or an editor might take for something else. */
const strange = [
  '',
  '__proto__',
  'constructor',
  '"',
  '\\',
  '\n',
  '\r\n',
  'a\u2028b\u2029c',
  '\u0085',
  '\u0000',
  '\ufeff',
  '\ud800',
  '\udc00\ud800',
  '{"end":3}',
  'ключ😀',
];
const name = fc.oneof(
  fc.constantFrom(...strange),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.array(fc.nat(0xffff), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
);
const few = { maxLength: 3 };
const flag = fc.constant(false as const);
const member = fc.record(
  { name, expiration: name, systemDisabled: fc.integer(), approved: flag, active: flag },
  { requiredKeys: ['name'] },
);
const group = fc.record({ name, members: fc.array(member, few) });
const role = fc.record({ name, members: fc.array(member, few), trust: name }, { requiredKeys: ['name', 'members'] });
const read: fc.Arbitrary<DomainRead> = fc.oneof(
  fc
    .record({
      name,
      modified: name,
      enabled: fc.boolean(),
      roles: fc.array(role, few),
      groups: fc.array(group, few),
      assumes: fc.array(fc.record({ role: name, resource: name }), few),
    })
    .map((value): DomainRead => ({ kind: 'value', value })),
  fc.boolean().map((confirmed): DomainRead => ({ kind: 'absent', confirmed })),
  fc
    .record(
      { code: fc.constant('ZMS_TIMEOUT' as const), message: name, next: name },
      { requiredKeys: ['code', 'message'] },
    )
    .map((problem): DomainRead => ({ kind: 'unknown', problem })),
);
const snapshots: fc.Arbitrary<Snapshot> = fc.record({
  takenAt: fc
    .date({ min: new Date('2000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  zmsUrl: name,
  list: fc.array(fc.record({ name, modified: name, enabled: fc.boolean() }), few),
  domains: fc.array(fc.tuple(name, read), { maxLength: 4 }).map((entries) => new Map(entries)),
});

test('any snapshot is read from its file exactly as it was written', async () => {
  await using folder = await makeFolder();
  const file = join(folder.dir, 'any.jsonl');
  // Objects from JSON have a prototype, those of the generator have none.
  const plain = (snapshot: Snapshot) =>
    structuredClone({ ...snapshot, domains: new Map([...snapshot.domains].sort()) });
  await fc.assert(
    fc.asyncProperty(snapshots, async (snapshot) => {
      await writeSnapshot(file, snapshot);
      assert.deepEqual(plain(await readSnapshot(file)), plain(snapshot));
    }),
    { numRuns: effort(400) },
  );
});

const takenAt = '2026-11-21T02:22:11.527Z';
const small: Snapshot = {
  takenAt,
  zmsUrl: 'https://zms.example.com/zms/v1',
  list: [{ name: 'acmé', modified: takenAt, enabled: true }],
  domains: new Map([['acmé', { kind: 'unknown', problem: { code: 'ZMS_TIMEOUT', message: 'keine Antwort: ü😀' } }]]),
};

test('a file is refused from whichever byte on it is missing, also in the middle of a character', async () => {
  await using folder = await makeFolder();
  const file = join(folder.dir, 'cut.jsonl');
  await writeSnapshot(file, small);
  const bytes = await readFile(file);
  // Only the last line break says nothing.
  for (let length = 0; length < bytes.length - 1; length++) {
    await writeFile(file, bytes.subarray(0, length));
    await assert.rejects(readSnapshot(file), { code: 'SNAPSHOT_INVALID' }, `cut to ${length} of ${bytes.length} bytes`);
  }
  await writeFile(file, bytes.subarray(0, -1));
  assert.deepEqual(await readSnapshot(file), small);
});

const unknown = { kind: 'unknown', problem: { code: 'ZMS_TIMEOUT', message: 'x' } };
const damage: Readonly<Record<string, (lines: string[]) => readonly string[]>> = {
  'one that is empty': () => [],
  'one with an empty line at its end': (lines) => [...lines, ''],
  'one with an empty line in it': (lines) => lines.toSpliced(1, 0, ''),
  'one with a line of garbage': (lines) => lines.toSpliced(2, 0, 'garbage'),
  'one with another JSON value for a line': (lines) => lines.toSpliced(2, 1, 'null'),
  'one with a list for a line': (lines) => lines.toSpliced(2, 1, '[]'),
  'one whose first line is missing': (lines) => lines.slice(1),
  'one of another format': (lines) => [lines[0]?.replace('snapshot 1', 'snapshot 9') ?? '', ...lines.slice(1)],
  'one that a line is missing from': (lines) => lines.toSpliced(1, 1),
  'one with a line twice': (lines) => lines.toSpliced(1, 0, lines[1] ?? ''),
  'one without its end': (lines) => lines.slice(0, -1),
  'one with two ends': (lines) => [...lines, lines.at(-1) ?? ''],
  'one with a line after its end': (lines) => [...lines, lines[1] ?? ''],
  'two in one': (lines) => [...lines, ...lines],
  'one that counts otherwise': (lines) => [...lines.slice(0, -1), '{"end":3}'],
  'one whose count is no number': (lines) => [...lines.slice(0, -1), '{"end":"2"}'],
  'one with an unknown field': (lines) =>
    lines.toSpliced(1, 1, lines[1]?.replace('"enabled"', '"extra":1,"enabled"') ?? ''),
  'one with an outcome nobody knows': (lines) => lines.toSpliced(2, 1, '{"domain":"a","read":{"kind":"gone"}}'),
  'one that says who is pending without saying false': (lines) =>
    lines.toSpliced(2, 1, JSON.stringify({ domain: 'a', read: withMember({ name: 'user.ada', approved: true }) })),
  'one with a member that has no name': (lines) =>
    lines.toSpliced(2, 1, JSON.stringify({ domain: 'a', read: withMember({}) })),
  'one with a code that a terminal would act on': (lines) =>
    lines.toSpliced(
      2,
      1,
      JSON.stringify({ domain: 'a', read: { ...unknown, problem: { code: '\u001b[2J', message: 'x' } } }),
    ),
  'one with a problem that has no code': (lines) =>
    lines.toSpliced(2, 1, JSON.stringify({ domain: 'a', read: { ...unknown, problem: { message: 'x' } } })),
};
for (const [what, change] of Object.entries(damage)) {
  test(`${what} is no snapshot, and the error says where`, async () => {
    await using folder = await makeFolder();
    const file = join(folder.dir, 'damaged.jsonl');
    await writeSnapshot(file, small);
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    const changed = change(lines);
    await writeFile(file, changed.map((line) => `${line}\n`).join(''));
    await assert.rejects(readSnapshot(file), {
      code: 'SNAPSHOT_INVALID',
      message: /damaged\.jsonl: (line \d+: |it is cut off)/,
      next: /take a new one/,
    });
  });
}

test('the order in which domains were read does not show in the file', () => {
  const names = ['b', 'a', 'c', '\ud800'];
  const linesOf = (order: readonly string[]) => [
    ...snapshotLines({ ...small, domains: new Map(order.map((it) => [it, { kind: 'absent', confirmed: true }])) }),
  ];
  assert.deepEqual(linesOf(names.toReversed()), linesOf(names));
});

test('a missing line is named with how many there should be', async () => {
  const lines = [...snapshotLines(small)].toSpliced(1, 1);
  await assert.rejects(parseSnapshot(lines), {
    name: 'SyntaxError',
    message: 'line 3: 2 lines were written, 1 are here',
  });
});

test('a file that is not there, or is a folder, is SNAPSHOT_INVALID', async () => {
  await using folder = await makeFolder();
  await assert.rejects(readSnapshot(join(folder.dir, 'nowhere')), { code: 'SNAPSHOT_INVALID', message: /ENOENT/ });
  await assert.rejects(readSnapshot(folder.dir), { code: 'SNAPSHOT_INVALID', message: /EISDIR/ });
});

test('a new snapshot replaces the old one, is for its owner only, and leaves nothing beside it', async () => {
  await using folder = await makeFolder();
  const file = join(folder.dir, 's.jsonl');
  await writeFile(file, 'old');
  await chmod(file, 0o644);
  await writeSnapshot(file, small);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(folder.dir), ['s.jsonl']);
  const first = await readFile(file);
  await writeSnapshot(file, small);
  assert.deepEqual(await readFile(file), first);
});

test('a snapshot that fails half-way leaves the old file as it was and nothing beside it', async () => {
  await using folder = await makeFolder();
  const file = join(folder.dir, 's.jsonl');
  await writeSnapshot(file, small);
  const before = await readFile(file);
  const [first] = small.list;
  const full = Object.assign([...small.list], {
    *[Symbol.iterator]() {
      if (first !== undefined) yield first;
      throw new Error('ENOSPC: no space left on device');
    },
  });
  await assert.rejects(writeSnapshot(file, { ...small, list: full }), { code: 'OUTPUT_WRITE', message: /ENOSPC/ });
  assert.deepEqual(await readFile(file), before);
  assert.deepEqual(await readdir(folder.dir), ['s.jsonl']);
});

test('a snapshot that cannot take its place leaves nothing behind', async () => {
  await using folder = await makeFolder();
  await mkdir(join(folder.dir, 'taken', 'below'), { recursive: true });
  for (const path of ['taken', 'nowhere/s.jsonl']) {
    await assert.rejects(writeSnapshot(join(folder.dir, path), small), { code: 'OUTPUT_WRITE' });
  }
  assert.deepEqual(await readdir(folder.dir, { recursive: true }), ['taken', 'taken/below']);
});

function withMember(member: object): object {
  const role = { name: 'r', members: [member] };
  return {
    kind: 'value',
    value: { name: 'a', modified: takenAt, enabled: true, roles: [role], groups: [], assumes: [] },
  };
}
