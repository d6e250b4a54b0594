import pLimit from 'p-limit';
import type { ZmsWrites } from '../athenz/writes.ts';
import type { Clock } from '../model/clock.ts';
import { type DetailedDocument, parentOf, roleName } from '../model/domain.ts';
import type { Problem } from '../model/error.ts';
import { isOutage, patience } from '../model/transient.ts';
import { attempt } from './attempt.ts';
import type { DomainPlan, ProvisionPlan, Step, StepOutcome, StepResult } from './result.ts';
import { depthOf } from './room.ts';
import { createSteps, type Ground } from './steps.ts';

export interface ApplyOptions {
  readonly plan: ProvisionPlan;
  readonly writes: ZmsWrites;
  /** Reads a document that is at least as new as this stamp. */
  readonly readDocument: (domain: string, modified: string) => Promise<DetailedDocument>;
  /** Domains that are not created, and why. */
  readonly beyond: ReadonlyMap<string, Problem>;
  readonly clock: Clock;
  /** Domains that are worked on at the same time. */
  readonly concurrency: number;
  /** Told of each step as it ends. */
  readonly progress?: (result: StepResult) => void;
}

/**
 * Carries out a plan: parents before what lies below them, domains side by side, the steps of one domain one after the
 * other. A step that fails stops what builds on it and nothing else.
 *
 * @returns every step of the plan with how it ended, in the plan's order
 */
export async function applyPlan(options: ApplyOptions): Promise<readonly StepResult[]> {
  const { plan, clock, beyond, progress } = options;
  const limit = pLimit(options.concurrency);
  const steps = createSteps(options);
  const results = new Map<Step, StepResult>();
  /** Domains and roles, by full name, that were to be created and are not there. */
  const absent = new Map<string, Problem>();
  const created = new Set<string>();
  let failures = 0;

  async function carryOut(place: DomainPlan, step: Step, ground: Ground): Promise<StepOutcome> {
    const barred = failures >= patience ? notTried : whyNot(place, step);
    const outcome = barred === undefined ? await attempt(steps.of(place.domain, step, ground), clock) : skip(barred);
    if (outcome.kind === 'failed') failures = isOutage(outcome.problem.code) ? failures + 1 : 0;
    if (outcome.kind === 'done') failures = 0;
    const { cluster, namespace, domain } = place;
    const result = { cluster, namespace, domain, step, outcome };
    results.set(step, result);
    progress?.(result);
    return outcome;
  }

  function whyNot({ domain }: DomainPlan, step: Step): Problem | undefined {
    if (step.kind === 'create-domain') return beyond.get(domain) ?? absent.get(parentOf(domain) ?? '');
    return absent.get(domain) ?? (step.kind === 'create-policy' ? absent.get(step.asserts.resource) : undefined);
  }

  async function workOn(place: DomainPlan): Promise<void> {
    let ground: Ground = { kind: 'as planned' };
    for (const step of place.steps.filter(({ kind }) => !isLate(kind))) {
      const below = step.kind === 'create-domain' && created.has(parentOf(place.domain) ?? '');
      const outcome = await carryOut(place, step, below ? { kind: 'fresh' } : ground);
      if (step.kind === 'create-role' && 'problem' in outcome) {
        absent.set(roleName(place.domain, step.role), outcome.problem);
      }
      // Others may have written meanwhile: the next object is read first.
      if (ground.kind === 'fresh' && outcome.kind !== 'done') ground = { kind: 'as planned' };
      if (step.kind !== 'create-domain') continue;
      if (outcome.kind === 'done') {
        created.add(place.domain);
        ground = { kind: 'fresh' };
      } else if (outcome.kind === 'there') ground = await steps.lookAround(place.domain);
      else absent.set(place.domain, outcome.problem);
      if (ground.kind === 'unknown') absent.set(place.domain, ground.problem);
    }
  }

  for (const depth of [...new Set(plan.domains.map(depthOf))].sort((a, b) => a - b)) {
    const wave = plan.domains.filter((it) => depthOf(it) === depth);
    await Promise.all(wave.map((it) => limit(workOn, it)));
  }
  // The policies of one domain one after the other: a write touches the whole domain.
  const late = plan.domains.flatMap((place) =>
    place.steps.filter(({ kind }) => isLate(kind)).map((step) => ({ place, step })),
  );
  const targets = Map.groupBy(late, ({ place, step }) => (step.kind === 'create-policy' ? step.target : place.domain));
  await Promise.all(
    [...targets.values()].map((parts) =>
      limit(async () => {
        for (const { place, step } of parts) await carryOut(place, step, { kind: 'as planned' });
      }),
    ),
  );
  return plan.domains.flatMap((place) => place.steps.flatMap((step) => results.get(step) ?? []));
}

/** Once every domain and role is there. */
function isLate(kind: Step['kind']): boolean {
  return kind === 'create-policy' || kind === 'delete-domain';
}

function skip(problem: Problem): StepOutcome {
  return { kind: 'skipped', problem };
}

const notTried: Problem = {
  code: 'ZMS_UNAVAILABLE',
  message: `the last ${patience} writes failed`,
  next: 'run again when ZMS is available; it continues where this run stopped',
};
