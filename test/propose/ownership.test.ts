import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Claim,
  type Claimed,
  findConflict,
  type OtherConfig,
  type Ownership,
  ownershipOf,
  ownersOf,
} from '../../src/propose/ownership.ts';

const dev: OtherConfig = { path: 'dev.yaml', id: null, folders: ['rbac-dev'] };
const test1: OtherConfig = { path: 'ci/test.yaml', id: 'test', folders: ['test/a', 'test/b'] };
const claim: Claim = {
  owner: 'rbac:prod',
  before: 'rbac:/prod.yaml',
  folders: ['rbac-prod'],
  others: [dev, test1],
};

const own = { kind: 'own' } as const;
const unknown = { kind: 'unknown' } as const;

const ownerships: readonly (readonly [what: string, proposal: Claimed, expected: Ownership])[] = [
  ['of this config', { ownedBy: 'rbac:prod' }, own],
  ['of this config before it had an id', { ownedBy: 'rbac:/prod.yaml' }, own],
  ['of another config', { ownedBy: 'rbac:/dev.yaml' }, { kind: 'other', owner: 'rbac:/dev.yaml' }],
  ['of another generator', { ownedBy: 'copies:prod' }, { kind: 'other', owner: 'copies:prod' }],
  ['of a config that does not exist', { ownedBy: 'rbac:gone' }, { kind: 'other', owner: 'rbac:gone' }],
  [
    "of another config, with this one's files",
    { ownedBy: 'rbac:/dev.yaml', files: ['rbac-prod/x'] },
    { kind: 'other', owner: 'rbac:/dev.yaml' },
  ],
  ["without an owner, this config's files", { files: ['rbac-prod/a/x', 'rbac-prod/b/x'] }, own],
  ['without an owner and without files', { files: [] }, own],
  ["without an owner, another config's files", { files: ['rbac-dev/x'] }, { kind: 'other', owner: 'rbac:/dev.yaml' }],
  [
    'without an owner, files of one with an id',
    { files: ['test/a/x', 'test/b/x'] },
    { kind: 'other', owner: 'rbac:test' },
  ],
  ['without an owner, files of two configs', { files: ['rbac-prod/x', 'rbac-dev/x'] }, unknown],
  ['without an owner, a file beside the folder', { files: ['rbac-prod/x', 'README.md'] }, unknown],
  ['without an owner, a file of a similar folder', { files: ['rbac-prod2/x'] }, unknown],
  ['without an owner, files that git cannot tell', {}, unknown],
];

for (const [what, proposal, expected] of ownerships) {
  test(`a proposal ${what} is ${expected.kind}`, () => assert.deepEqual(ownershipOf(proposal, claim), expected));
}

test('the owners of all configs are named', () => {
  assert.deepEqual(ownersOf(claim), ['rbac:prod', 'rbac:/dev.yaml', 'rbac:test']);
});

const config: OtherConfig = { path: 'a.yaml', id: null, folders: ['output'] };

const conflicts: readonly (readonly [what: string, other: Partial<OtherConfig>, expected: string | undefined])[] = [
  ['the same folder', {}, 'a.yaml and b.yaml both own the output folder output'],
  ['a folder inside', { folders: ['x', 'output/x'] }, 'a.yaml and b.yaml both own the output folder output/x'],
  ['a similar folder', { folders: ['output2', 'out'] }, undefined],
  ['the same id', { id: 'it', folders: ['b'] }, 'a.yaml and b.yaml have the same id, "it"'],
  ['another id', { id: 'other', folders: ['b'] }, undefined],
];

for (const [what, other, expected] of conflicts) {
  test(`two configs with ${what}: ${expected === undefined ? 'no conflict' : 'a conflict'}`, () => {
    const id = what === 'the same id' || what === 'another id' ? 'it' : null;
    assert.equal(findConflict({ ...config, id }, [dev, { ...config, path: 'b.yaml', ...other }]), expected);
  });
}
