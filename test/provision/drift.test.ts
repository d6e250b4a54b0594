import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminsTag } from '../../src/model/provision.ts';
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

/** Config, what is there → what `--update` writes, and what stays as it is. */
for (const [what, provision, parts, written, left] of [
  ['a description', 'description: a', { settings: { tags: ours, description: 'b' } }, { description: 'a' }, []],
  [
    'a description that is as it shall be',
    'description: a',
    { settings: { tags: ours, description: 'a' } },
    undefined,
    [],
  ],
  [
    'what the config does not say',
    'description: null',
    { settings: { tags: ours, description: 'b', org: 'x' } },
    undefined,
    [],
  ],
  ['an organisation, which ZMS passes over', 'org: acme', { settings: { tags: ours, org: 'x' } }, undefined, ['org']],
  ['days, which would end memberships', 'memberExpiryDays: 30', {}, undefined, ['memberExpiryDays']],
  [
    'one tag of several',
    'tags: {team: [b, a], tier: [gold]}',
    { settings: { tags: { ...ours, [adminsTag]: ['user.x'], team: ['a', 'b'], theirs: ['y'] } } },
    { tags: { tier: ['gold'] } },
    [],
  ],
  [
    'values of a tag whose text is the same',
    'tags: {team: [a, b]}',
    { settings: { tags: { ...ours, team: ['a, b'] } } },
    { tags: { team: ['a', 'b'] } },
    [],
  ],
  ['a tag given twice', 'tags: {team: [a, a]}', { settings: { tags: { ...ours, team: ['a'] } } }, undefined, []],
  [
    'a tag, beside what is written along with it',
    'tags: {team: [a]}',
    { settings: { tags: ours, description: 'b', applicationId: 'app' } },
    { tags: { team: ['a'] } },
    [],
  ],
  [
    'anything of a domain that is not ours',
    'description: a, tags: {team: [a]}, memberExpiryDays: 3',
    { settings: { tags: { 'athenz-gitops.managed-by': ['somebody'] } } },
    undefined,
    ['description', 'memberExpiryDays', 'tag team'],
  ],
] as const) {
  test(`the settings of a domain: ${what}`, () => {
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

const set = '{description: a, memberExpiryDays: 30, selfServe: true, reviewEnabled: true, tags: {team: [x]}}';
const all = { description: 'a', selfServe: true, reviewEnabled: true, tags: { ...ours, team: ['x'] } };

const wanted = { ...all, tags: { team: ['x'] } };

for (const [what, parts, written, left] of [
  ['that has no members', {}, { ...wanted, memberExpiryDays: 30 }, []],
  ['that has members, who would get an end', { roles: { viewers: ['user.ada'] } }, wanted, ['memberExpiryDays']],
  [
    'with a longer limit than the config',
    { roleSettings: { viewers: { ...all, memberExpiryDays: 90 } } },
    { memberExpiryDays: 30 },
    [],
  ],
  ['that is as it shall be', { roleSettings: { viewers: { ...all, memberExpiryDays: 30 } } }, undefined, []],
  [
    'that is not ours, in a domain that is',
    { roleSettings: { viewers: { tags: {} } } },
    undefined,
    ['description', 'memberExpiryDays', 'selfServe', 'reviewEnabled', 'tag team'],
  ],
] as const) {
  test(`the settings of a role ${what}`, () => {
    const plan = compared(`roles: {viewers: ${set}}`, parts);
    if (written === undefined) assert.deepEqual(wordsOf(plan), []);
    else assert.deepEqual(stepOf(plan, 'update-role').settings, written);
    const drift = plan.domains.flatMap((it) => it.drift);
    assert.deepEqual(
      drift.filter((it) => it.left !== undefined).map(({ setting }) => setting),
      left,
    );
  });
}

test('a role of ours in a domain of others is brought up to date', () => {
  const plan = compared('description: d, roles: {viewers: {description: a}}', { settings: { tags: {} } });
  assert.deepEqual(wordsOf(plan), ['eks.web update-role viewers']);
});

test('members and administrators that differ are no drift', () => {
  const roles = { admin: ['user.eve'], viewers: ['user.bo'] };
  const plan = compared('roles: {viewers: {members: [user.ada]}}', { roles });
  assert.deepEqual(plan.domains, []);
});
