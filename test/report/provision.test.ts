import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Step, StepOutcome } from '../../src/provision/result.ts';
import { renderProvision, renderProvisionSummary } from '../../src/provision/text.ts';
import { assertGolden } from '../support/golden.ts';
import { strangeNames } from '../support/hostile.ts';
import { athenzOf, cluster, documentOf, planFrom } from '../support/provision-plan.ts';
import { appliedOf, busyProvisionPlan, resultOf } from '../support/provision-result.ts';

const busy = busyProvisionPlan();
const text = (result: Parameters<typeof renderProvision>[0]) => renderProvision(result, { color: false });

/** An outcome of every kind. */
function outcomeOf(step: Step): StepOutcome {
  const problem = { code: 'ZMS_FORBIDDEN', message: 'creating eks.new: 403: Forbidden', next: 'ask for it' } as const;
  const refusal =
    "deleting the domain eks.gone: 400: Remove group 'eks.gone:group.g' membership from the following role(s): eks.a:role.r";
  switch (step.kind) {
    case 'create-domain':
      return { kind: 'failed', problem };
    case 'create-role':
      return step.role === 'oncall' ? { kind: 'skipped', problem } : { kind: 'done' };
    case 'create-group':
      return { kind: 'there' };
    case 'delete-domain':
      return { kind: 'failed', problem: { code: 'ZMS_REFUSED', message: refusal, next: 'check the message from ZMS' } };
    default:
      return { kind: 'done' };
  }
}

const leftOver = (prune: 'report' | 'delete') => {
  const documents = [documentOf('eks.gone'), documentOf('eks.kept', { services: ['api'] })];
  return planFrom({ inventory: [cluster('prod', [])], athenz: athenzOf(documents), prune });
};
const offline = { mode: 'offline', room: [], requests: 0 } as const;
const { polledAt: _, ...offlineResult } = resultOf(planFrom({ athenz: undefined }), offline);

/** Update with: UPDATE_GOLDEN=1 node --test test/report/provision.test.ts */
for (const [name, file, shown] of [
  ['a plan with every kind of step', 'provision.txt', text(resultOf(busy))],
  ['an applied plan with failures', 'provision-applied.txt', text(appliedOf(busy, outcomeOf))],
  ['an offline plan', 'provision-offline.txt', text(offlineResult)],
  ['left-over domains with prune report', 'provision-left-over.txt', text(resultOf(leftOver('report'), { room: [] }))],
  ['left-over domains with prune delete', 'provision-cleanup.txt', text(resultOf(leftOver('delete'), { room: [] }))],
  ['the step summary', 'provision-summary.md', renderProvisionSummary(appliedOf(busy, outcomeOf), 100_000)],
] as const) {
  test(`${name} matches ${file}`, () => assertGolden(file, shown));
}

for (const [what, plan, mode, expected] of [
  [
    'every domain exists',
    planFrom({ athenz: athenzOf([documentOf('eks.web')]) }),
    'plan',
    /^No changes\. 1 domain is complete\.$/m,
  ],
  [
    'every domain exists, with --apply',
    planFrom({ athenz: athenzOf([documentOf('eks.web')]) }),
    'apply',
    /^No changes\. 1 domain/m,
  ],
  [
    'a domain cannot be read',
    planFrom({ athenz: athenzOf([], { unknown: ['eks.web'] }) }),
    'plan',
    /^No changes now: 1 domain could not be read or created; 0 of 1 domain complete\.$/m,
  ],
  [
    'git needs no new domain',
    { ...planFrom({ athenz: undefined }), domains: [] },
    'offline',
    /^No changes\. Git requests nothing new\.$/m,
  ],
] as const) {
  test(`says there is nothing to do if ${what}`, () => {
    assert.match(text(resultOf(plan, { mode, room: [] })), expected);
  });
}

const two = planFrom({ roles: ['a', 'b'], athenz: athenzOf([documentOf('eks.web', { roles: { admin: [] } })]) });
for (const [what, codes, expected] of [
  [
    'transient failures',
    ['ZMS_TIMEOUT', 'ZMS_NOT_FOUND'],
    /^Completed 0 of 2 steps; the next run retries the rest\.$/m,
  ],
  ['refusals', ['ZMS_FORBIDDEN', 'ZMS_OWNED'], /^Completed 0 of 2 steps\. The rest needs a fix: retrying does not/m],
  ['both', ['ZMS_FORBIDDEN', 'ZMS_TIMEOUT'], /^Completed 0 of 2 steps; the next run retries 1\. The other 1 need/m],
] as const) {
  test(`the conclusion tells refusals from what the next run retries (${what})`, () => {
    const [a, b] = codes.map((code): StepOutcome => ({ kind: 'failed', problem: { code, message: 'no' } }));
    assert.ok(a !== undefined && b !== undefined);
    const outcomeOf = (step: Step) => ('role' in step && step.role === 'a' ? a : b);
    assert.match(text({ ...appliedOf(two, outcomeOf), room: [] }), expected);
  });
}

const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const planWith = (value: string) => {
  const annotations = { org: value, about: value, admins: 'user.ada' };
  const provision = '{annotations: {adminUsers: admins, org: org, description: about}}';
  return planFrom({ provision, inventory: [cluster('prod', [{ name: 'web', annotations }])] });
};

test('an annotation cannot break the terminal output or the summary', () => {
  for (const value of strangeNames.filter((it) => it.trim() !== '')) {
    const result = resultOf(planWith(value), { room: [] });
    const lines = text(result).split('\n');
    const count = text(resultOf(planWith('plain'), { room: [] })).split('\n').length;
    assert.equal(lines.length, count, JSON.stringify(value.slice(0, 60)));
    for (const line of lines) assert.ok(!hidden.test(line) && line.length < 1000, JSON.stringify(line.slice(0, 200)));
    assert.ok(lines.some((line) => line.includes('administrators user.ada (its Namespace names user.ada); org ')));
    const summary = renderProvisionSummary(result, 100_000);
    assert.deepEqual(summary.match(/```/g)?.length, 2, 'the fence must not be closed early');
  }
});

test('quotes a value that looks like generated text', () => {
  const shown = text(resultOf(planWith('x; administrators user.root'), { room: [] }));
  assert.match(shown, /org "x; administrators user\.root" \(its Namespace says so\)/);
});

test('lists every administrator, however many there are', () => {
  const names = Array.from({ length: 500 }, (_, index) => `user.person-${index}`);
  // As many of a Namespace as tags can note; the others are the config's.
  const annotations = { admins: names.slice(0, 22).join(' ') };
  const provision = `{adminUsers: [${names.slice(22).join(', ')}], annotations: {adminUsers: admins}}`;
  const plan = planFrom({ provision, inventory: [cluster('prod', [{ name: 'web', annotations }])] });
  const shown = text(resultOf(plan, { room: [] }));
  for (const name of names) assert.ok(shown.includes(name), name);
});

test('a summary over the size limit says so and keeps the totals', () => {
  const summary = renderProvisionSummary(resultOf(busy), 500);
  assert.ok(Buffer.byteLength(summary) <= 500);
  assert.match(summary, /domains to create.*too long to show/s);
});
