import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  openSnapshot,
  parseSnapshot,
  readSnapshot,
  snapshotLines,
  writeSnapshot,
} from '../../src/athenz/snapshot-file.ts';
import type { DomainRead, Snapshot } from '../../src/model/snapshot.ts';
import { makeFolder } from '../support/folder.ts';
import { trials } from '../support/properties.ts';

// A snapshot file is written completely or not at all, and read exactly as written or rejected.

/** Names that lines, JSON or objects could mistake for syntax. */
const trickyNames = [
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
  fc.constantFrom(...trickyNames),
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

test('a snapshot survives a round trip through its file', async () => {
  await using folder = await makeFolder();
  const file = join(folder.dir, 'any.jsonl');
  // Generated objects have no prototype, unlike those from JSON.
  const plain = (snapshot: Snapshot) =>
    structuredClone({ ...snapshot, domains: new Map([...snapshot.domains].sort()) });
  await fc.assert(
    fc.asyncProperty(snapshots, async (snapshot) => {
      await writeSnapshot(file, snapshot);
      assert.deepEqual(plain(await readSnapshot(file, Infinity)), plain(snapshot));
    }),
    { numRuns: trials(100) },
  );
});

const takenAt = '2026-11-21T02:22:11.527Z';
const small: Snapshot = {
  takenAt,
  zmsUrl: 'https://zms.example.com/zms/v1',
  list: [{ name: 'acmé', modified: takenAt, enabled: true }],
  domains: new Map([['acmé', { kind: 'unknown', problem: { code: 'ZMS_TIMEOUT', message: 'keine Antwort: ü😀' } }]]),
};

test('rejects a line that no snapshot has', async () => {
  await using folder = await makeFolder();
  const file = join(folder.dir, 'long.jsonl');
  await writeFile(file, '{"format":');
  // All zeros from there on, which take no room.
  await truncate(file, 2 ** 27 + 1);
  await assert.rejects(readSnapshot(file, Date.now()), {
    code: 'SNAPSHOT_INVALID',
    message: /a line has more than \d+ characters/,
  });
});

test('rejects a file truncated at any byte', async () => {
  await using folder = await makeFolder();
  const file = join(folder.dir, 'cut.jsonl');
  await writeSnapshot(file, small);
  const bytes = await readFile(file);
  // Only the final newline is optional.
  for (let length = 0; length < bytes.length - 1; length++) {
    await writeFile(file, bytes.subarray(0, length));
    await assert.rejects(
      readSnapshot(file, Infinity),
      { code: 'SNAPSHOT_INVALID' },
      `cut to ${length} of ${bytes.length} bytes`,
    );
  }
  await writeFile(file, bytes.subarray(0, -1));
  assert.deepEqual(await readSnapshot(file, Infinity), small);
});

const unknown = { kind: 'unknown', problem: { code: 'ZMS_TIMEOUT', message: 'x' } };
const damage: Readonly<Record<string, (lines: string[]) => readonly string[]>> = {
  'an empty file': () => [],
  'a file with an empty line at its end': (lines) => [...lines, ''],
  'a file with an empty line inside': (lines) => lines.toSpliced(1, 0, ''),
  'a file with a garbage line': (lines) => lines.toSpliced(2, 0, 'garbage'),
  'a file with a JSON null as a line': (lines) => lines.toSpliced(2, 1, 'null'),
  'a file with a JSON list as a line': (lines) => lines.toSpliced(2, 1, '[]'),
  'a file without its first line': (lines) => lines.slice(1),
  'a file of another format': (lines) => [lines[0]?.replace('snapshot 1', 'snapshot 9') ?? '', ...lines.slice(1)],
  'a file with a missing line': (lines) => lines.toSpliced(1, 1),
  'a file with a duplicate line': (lines) => lines.toSpliced(1, 0, lines[1] ?? ''),
  'a file without its end line': (lines) => lines.slice(0, -1),
  'a file with two end lines': (lines) => [...lines, lines.at(-1) ?? ''],
  'a file with a line after its end': (lines) => [...lines, lines[1] ?? ''],
  'two snapshots in one file': (lines) => [...lines, ...lines],
  'a file with a wrong count': (lines) => [...lines.slice(0, -1), '{"end":3}'],
  'a file with a count that is not a number': (lines) => [...lines.slice(0, -1), '{"end":"2"}'],
  'a file with an unknown field': (lines) =>
    lines.toSpliced(1, 1, lines[1]?.replace('"enabled"', '"extra":1,"enabled"') ?? ''),
  'a file with an unknown kind of read': (lines) => lines.toSpliced(2, 1, '{"domain":"a","read":{"kind":"gone"}}'),
  'a file with a member that has approved true': (lines) =>
    lines.toSpliced(2, 1, JSON.stringify({ domain: 'a', read: withMember({ name: 'user.ada', approved: true }) })),
  'a file with a member without a name': (lines) =>
    lines.toSpliced(2, 1, JSON.stringify({ domain: 'a', read: withMember({}) })),
  'a file with an escape sequence as error code': (lines) =>
    lines.toSpliced(
      2,
      1,
      JSON.stringify({ domain: 'a', read: { ...unknown, problem: { code: '\u001b[2J', message: 'x' } } }),
    ),
  'a file with a problem without a code': (lines) =>
    lines.toSpliced(2, 1, JSON.stringify({ domain: 'a', read: { ...unknown, problem: { message: 'x' } } })),
};
for (const [what, change] of Object.entries(damage)) {
  test(`rejects ${what}`, async () => {
    await using folder = await makeFolder();
    const file = join(folder.dir, 'damaged.jsonl');
    await writeSnapshot(file, small);
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    const changed = change(lines);
    await writeFile(file, changed.map((line) => `${line}\n`).join(''));
    await assert.rejects(readSnapshot(file, Infinity), {
      code: 'SNAPSHOT_INVALID',
      message: /damaged\.jsonl: (line \d+: |it is truncated)/,
      next: /take a new one/,
    });
  });
}

test('a read that is damaged fails when it is asked for, and no other does', async () => {
  await using folder = await makeFolder();
  const file = join(folder.dir, 'damaged.jsonl');
  const domains = new Map([...'abc'].map((name): [string, DomainRead] => [name, { kind: 'absent', confirmed: true }]));
  await writeSnapshot(file, { ...small, domains });
  const damaged = (await readFile(file, 'utf8'))
    .replace('{"domain":"b","read":', '{"domain":"b","read":[],"reed":')
    .replace('{"domain":"c","read":', '{"domain":"c","read":{},"domain":"a","read":');
  await writeFile(file, damaged);
  const snapshot = await openSnapshot(file, Infinity);
  assert.deepEqual([snapshot.read('a'), snapshot.read('nobody')], [{ kind: 'absent', confirmed: true }, undefined]);
  const rejects = (name: string, message: RegExp) =>
    assert.throws(() => snapshot.read(name), { code: 'SNAPSHOT_INVALID', message });
  rejects('b', /damaged\.jsonl: line 4: /);
  rejects('c', /damaged\.jsonl: line 5: it names two domains/);
});

test('the file does not depend on the order in which domains were read', () => {
  const names = ['b', 'a', 'c', '\ud800'];
  const linesOf = (order: readonly string[]) => [
    ...snapshotLines({ ...small, domains: new Map(order.map((it) => [it, { kind: 'absent', confirmed: true }])) }),
  ];
  assert.deepEqual(linesOf(names.toReversed()), linesOf(names));
});

test('reports the expected and the actual number of lines', async () => {
  const lines = [...snapshotLines(small)].toSpliced(1, 1);
  await assert.rejects(parseSnapshot(lines), {
    name: 'SyntaxError',
    message: 'line 3: expected 2 lines, found 1',
  });
});

test('a missing file or a directory fails with SNAPSHOT_INVALID', async () => {
  await using folder = await makeFolder();
  await assert.rejects(readSnapshot(join(folder.dir, 'nowhere'), Infinity), {
    code: 'SNAPSHOT_INVALID',
    message: /ENOENT/,
  });
  await assert.rejects(readSnapshot(folder.dir, Infinity), { code: 'SNAPSHOT_INVALID', message: /EISDIR/ });
});

test('replaces the old snapshot with mode 0600 and leaves no other files', async () => {
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

test('a failed write keeps the old file and leaves no other files', async () => {
  await using folder = await makeFolder();
  const file = join(folder.dir, 's.jsonl');
  await writeSnapshot(file, small);
  const before = await readFile(file);
  const [first] = small.list;
  const failingList = Object.assign([...small.list], {
    *[Symbol.iterator]() {
      if (first !== undefined) yield first;
      throw new Error('ENOSPC: no space left on device');
    },
  });
  await assert.rejects(writeSnapshot(file, { ...small, list: failingList }), {
    code: 'OUTPUT_WRITE',
    message: /ENOSPC/,
  });
  assert.deepEqual(await readFile(file), before);
  assert.deepEqual(await readdir(folder.dir), ['s.jsonl']);
});

test('a write to an invalid path leaves no files behind', async () => {
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

test('a snapshot from the future is rejected, beyond what clocks differ', async () => {
  await using folder = await makeFolder();
  const file = join(folder.dir, 's.jsonl');
  await writeSnapshot(file, { ...small, takenAt: '2026-11-23T10:00:00.000Z' });
  await readSnapshot(file, Date.parse('2026-11-22T10:00:00Z'));
  await assert.rejects(readSnapshot(file, Date.parse('2026-11-22T09:59:59Z')), {
    code: 'SNAPSHOT_INVALID',
    message: /it was taken at 2026-11-23T10:00:00\.000Z, which is in the future$/,
  });
});
