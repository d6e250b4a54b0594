import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryText, orphanedProofs, parseMemory } from '../../src/commands/memory.ts';
import type { Proof } from '../../src/model/proof.ts';
import { subjectOf } from '../support/roles.ts';

const now = '2026-11-21T02:57:00.000Z';
const place = { cluster: 'prod', namespace: 'payments', role: 'admins' };
const suspended: Proof = { ...place, subject: subjectOf('user.ada'), reason: 'suspended', polled: now };
const expired: Proof = { ...place, subject: subjectOf('web/bot'), reason: 'expired', detail: now, polled: now };

test('what is remembered is read back, one proof a line', () => {
  const text = memoryText([suspended, expired]);
  assert.deepEqual(parseMemory(text, now), [suspended, expired]);
  assert.equal(text.split('\n').length, 5);
});

test('what is not a proof counts as absent, and so does a poll that has not been', () => {
  const text = memoryText([
    suspended,
    { ...suspended, polled: '2026-11-21T02:57:00.001Z' },
    { ...suspended, polled: '9999' },
    { ...suspended, reason: 'not-a-member' as never },
    { ...suspended, more: 1 } as never,
  ]);
  // What is not a field of a proof is not written, so that the last one is as good as the first.
  assert.deepEqual(parseMemory(text, now), [suspended, suspended]);
  for (const bad of [
    '',
    'null',
    '[]',
    '{"format":"athenz-gitops proofs 2","proofs":[]}',
    '{"format":"athenz-gitops proofs 1"}',
  ]) {
    assert.deepEqual(parseMemory(bad, now), []);
  }
});

test('the note of a scope that is gone keeps only what no other note has', () => {
  const [old, other] = ['refs/notes/old', 'refs/notes/new'];
  const memory = (proofs: readonly Proof[]) => ({ owner: 'rbac:prod', polled: now, text: memoryText(proofs) });
  const kept = (memories: ReadonlyMap<string, ReturnType<typeof memory>>, alive: readonly Proof[]) =>
    orphanedProofs({ memories }, old, alive, now);
  const both = [suspended, expired];
  assert.deepEqual(kept(new Map([[old, memory(both)]]), [suspended]), [suspended]);
  assert.deepEqual(
    kept(
      new Map([
        [old, memory(both)],
        [other, memory([suspended])],
      ]),
      both,
    ),
    [expired],
  );
  assert.deepEqual(kept(new Map([[other, memory(both)]]), both), []);
});
