import type { ProvisionPlan, ProvisionResult, Step, StepOutcome } from '../../src/provision/result.ts';
import { athenzOf, cluster, documentOf, ours, planFrom } from './provision-plan.ts';

const provision = `{
  adminUsers: [user.lead], org: acme, description: '{namespace} in {cluster}', memberExpiryDays: 365, tags: {team: [shop, web]},
  annotations: {adminUsers: acme/admins, org: acme/org, description: acme/about},
  groups: {devs: {members: [user.ada]}, empty: {}}, maxPruned: 1,
  roles: {
    viewers: {members: [user.ada, 'acme.org:group.sre'], description: who looks, memberExpiryDays: 1, selfServe: true, reviewEnabled: true},
    oncall: {trust: {domain: acme, role: sre, policy: true}}}}`;

/** A plan with something of everything. */
export function busyProvisionPlan(): ProvisionPlan {
  const complete = { admin: ['user.lead'], viewers: ['user.bo'], oncall: [] };
  const trusts = { oncall: 'acme' };
  const groups = { devs: [], empty: [] };
  const documents = [
    documentOf('acme', {
      roles: { admin: [], sre: [] },
      assumes: [{ role: 'acme:role.sre', resource: 'eks.d*:role.oncall' }],
    }),
    documentOf('eks.done', { roles: complete, groups, trusts, settings: { tags: ours, description: 'old', org: 'x' } }),
    documentOf('eks.off', { enabled: false }),
    documentOf('eks.theirs', { roles: { admin: [] }, settings: { tags: {} } }),
    ...['gone', 'later'].map((it) => documentOf(`eks.${it}`)),
    documentOf('eks.kept', { services: ['api'] }),
  ];
  const wishes = { 'acme/admins': 'user.eve user.ada', 'acme/org': 'shop', 'acme/about': 'Says "who"' };
  return planFrom({
    provision,
    roles: ['oncall', 'viewers'],
    clusters: { prod: 'eks.{namespace}', stage: 'no.{namespace}' },
    inventory: [
      cluster('prod', ['done', 'new', 'off', 'theirs', 'unread', { name: 'wishes', annotations: wishes }]),
      cluster('stage', ['web', { name: 'odd', annotations: { 'acme/admins': 'Nobody' } }], {
        problems: [{ code: 'INVENTORY_NO_MATCH', message: 'no file matches stage/*.yaml', next: 'commit the files' }],
      }),
    ],
    athenz: athenzOf(documents, { listed: ['eks'], unknown: ['eks.unread'] }),
    update: true,
    prune: 'delete',
  });
}

export function resultOf(plan: ProvisionPlan, more: Partial<ProvisionResult> = {}): ProvisionResult {
  return {
    format: 'athenz-gitops provision 1',
    exitCode: 3,
    mode: 'plan',
    polledAt: '2026-11-21T02:57:12.000Z',
    requests: 70,
    plan,
    room: [{ top: 'eks', limit: 10, used: 9, wanted: 2 }],
    steps: [],
    ...more,
  };
}

/** Carried out, with an outcome for each step. */
export function appliedOf(plan: ProvisionPlan, outcomeOf: (step: Step) => StepOutcome): ProvisionResult {
  const steps = plan.domains.flatMap(({ cluster, namespace, domain, steps }) =>
    steps.map((step) => ({ cluster, namespace, domain, step, outcome: outcomeOf(step) })),
  );
  return resultOf(plan, { mode: 'apply', steps });
}
