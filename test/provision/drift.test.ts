import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminsTag } from '../../src/model/tags.ts';
import {
  athenzOf,
  type DocumentParts,
  documentOf,
  ours,
  planFrom,
  stepOf,
  wordsOf,
} from '../support/provision-plan.ts';

const lead = 'adminUsers: [user.lead]';

function compared(provision: string, parts: DocumentParts, update = true) {
  return planFrom({ provision: `{${lead}, ${provision}}`, athenz: athenzOf([documentOf('eks.web', parts)]), update });
}

/** Config, current state → what `--update` writes, and what it leaves. */
for (const [what, provision, parts, written, left] of [
  ['updates a description', 'description: a', { settings: { tags: ours, description: 'b' } }, { description: 'a' }, []],
  ['leaves an equal description', 'description: a', { settings: { tags: ours, description: 'a' } }, undefined, []],
  [
    'leaves settings that are not configured',
    'description: null',
    { settings: { tags: ours, description: 'b', org: 'x' } },
    undefined,
    [],
  ],
  ['does not update org, which ZMS ignores', 'org: acme', { settings: { tags: ours, org: 'x' } }, undefined, ['org']],
  [
    'does not set memberExpiryDays, which would expire members',
    'memberExpiryDays: 30',
    {},
    undefined,
    ['memberExpiryDays'],
  ],
  [
    'updates only the tag that differs',
    'tags: {team: [b, a], tier: [gold]}',
    { settings: { tags: { ...ours, [adminsTag]: ['user.x'], team: ['a', 'b'], theirs: ['y'] } } },
    { tags: { tier: ['gold'] } },
    [],
  ],
  [
    'updates tag values that are equal only when joined',
    'tags: {team: [a, b]}',
    { settings: { tags: { ...ours, team: ['a, b'] } } },
    { tags: { team: ['a', 'b'] } },
    [],
  ],
  [
    'ignores duplicate tag values',
    'tags: {team: [a, a]}',
    { settings: { tags: { ...ours, team: ['a'] } } },
    undefined,
    [],
  ],
  [
    'leaves other settings when updating a tag',
    'tags: {team: [a]}',
    { settings: { tags: ours, description: 'b', applicationId: 'app' } },
    { tags: { team: ['a'] } },
    [],
  ],
  [
    'leaves a tag that would be one value too many for ZMS',
    'tags: {team: [a]}',
    { settings: { tags: { ...ours, theirs: Array.from({ length: 22 }, (_, index) => `v${index}`) } } },
    undefined,
    ['tag team'],
  ],
  [
    'adds a tag that fits exactly',
    'tags: {team: [a]}',
    { settings: { tags: { ...ours, theirs: Array.from({ length: 21 }, (_, index) => `v${index}`) } } },
    { tags: { team: ['a'] } },
    [],
  ],
  [
    'leaves an unmanaged domain',
    'description: a, tags: {team: [a]}, memberExpiryDays: 3',
    { settings: { tags: { 'athenz-gitops.managed-by': ['somebody'] } } },
    undefined,
    ['description', 'memberExpiryDays', 'tag team'],
  ],
] as const) {
  test(`domain settings: ${what}`, () => {
    const plan = compared(provision, parts);
    if (written === undefined) assert.deepEqual(wordsOf(plan), []);
    else assert.deepEqual(stepOf(plan, 'update-domain').settings, written);
    const drift = plan.domains.flatMap((it) => it.drift);
    assert.deepEqual(
      drift.filter((it) => it.left !== undefined).map(({ setting }) => setting),
      left,
    );
    assert.deepEqual(wordsOf(compared(provision, parts, false)), [], 'nothing without --update');
    assert.deepEqual(
      compared(provision, parts, false).domains.flatMap((it) => it.drift),
      drift,
    );
  });
}

const roleConfig = '{description: a, memberExpiryDays: 30, selfServe: true, reviewEnabled: true, tags: {team: [x]}}';
const applied = { description: 'a', selfServe: true, reviewEnabled: true, tags: { ...ours, team: ['x'] } };

const updated = { ...applied, tags: { team: ['x'] } };

for (const [what, parts, written, left] of [
  ['updates a role without members', {}, { ...updated, memberExpiryDays: 30 }, []],
  [
    'does not set memberExpiryDays on a role with members',
    { roles: { viewers: ['user.ada'] } },
    updated,
    ['memberExpiryDays'],
  ],
  [
    'lowers memberExpiryDays',
    { roleSettings: { viewers: { ...applied, memberExpiryDays: 90 } } },
    { memberExpiryDays: 30 },
    [],
  ],
  [
    'leaves flags that are not configured',
    { roleSettings: { viewers: { ...applied, memberExpiryDays: 30, deleteProtection: true } } },
    undefined,
    [],
  ],
  ['leaves equal settings', { roleSettings: { viewers: { ...applied, memberExpiryDays: 30 } } }, undefined, []],
  [
    'leaves an unmanaged role in a managed domain',
    { roleSettings: { viewers: { tags: {} } } },
    undefined,
    ['description', 'memberExpiryDays', 'selfServe', 'reviewEnabled', 'tag team'],
  ],
] as const) {
  test(`role settings: ${what}`, () => {
    const plan = compared(`roles: {viewers: ${roleConfig}}`, parts);
    if (written === undefined) assert.deepEqual(wordsOf(plan), []);
    else assert.deepEqual(stepOf(plan, 'update-role').settings, written);
    const drift = plan.domains.flatMap((it) => it.drift);
    assert.deepEqual(
      drift.filter((it) => it.left !== undefined).map(({ setting }) => setting),
      left,
    );
  });
}

for (const [what, configured, there, written] of [
  ['a flag to false', 'selfServe: false', { selfServe: true, reviewEnabled: true }, { selfServe: false }],
  ['no flag that is off already', 'selfServe: false, reviewEnabled: false', {}, undefined],
  ['no flag that the config leaves open', 'description: a', { description: 'a', selfServe: true }, undefined],
] as const) {
  test(`role settings: an explicit false sets ${what}`, () => {
    const roleSettings = { viewers: { ...there, tags: ours } };
    const plan = compared(`roles: {viewers: {${configured}}}`, { roleSettings });
    if (written === undefined) assert.deepEqual([wordsOf(plan), plan.domains], [[], []]);
    else assert.deepEqual(stepOf(plan, 'update-role').settings, written);
    const [drift] = compared(`roles: {viewers: {${configured}}}`, { roleSettings }, false).domains.flatMap(
      (it) => it.drift,
    );
    assert.deepEqual(
      drift,
      written === undefined ? undefined : { role: 'viewers', setting: 'selfServe', is: 'true', shall: 'false' },
    );
  });
}

test('updates a managed role in an unmanaged domain', () => {
  const plan = compared('description: d, roles: {viewers: {description: a}}', { settings: { tags: {} } });
  assert.deepEqual(wordsOf(plan), ['eks.web update-role viewers']);
});

test('different members and administrators are not drift', () => {
  const roles = { admin: ['user.eve'], viewers: ['user.bo'] };
  const plan = compared('roles: {viewers: {members: [user.ada]}}', { roles });
  assert.deepEqual(plan.domains, []);
});
