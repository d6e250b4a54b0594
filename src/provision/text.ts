import { count, shortTime } from '../model/text.ts';
import { isTransient } from '../model/transient.ts';
import { type Paint, painter } from '../report/paint.ts';
import { visible } from '../report/visible.ts';
import { nextWords } from '../report/words.ts';
import type { DomainPlan, Drift, ProvisionResult, Step, StepOutcome, StepResult } from './result.ts';
import { driftWords, isDisabled, stepWords } from './words.ts';

const show = (text: string) => visible(text, 300);
/** Names are shown to the last: who is named decides whether a plan is good. */
const showAll = (text: string) => visible(text, Number.POSITIVE_INFINITY);

/** What `provision` found and did, for a person at a terminal: per cluster and namespace. */
export function renderProvision(result: ProvisionResult, { color }: { readonly color: boolean }): string {
  const paint = painter(color);
  const { plan, room } = result;
  const outcomes = new Map(result.steps.map(({ step, outcome }) => [step, outcome]));
  const lines: string[] = [];
  for (const [cluster, plans] of Map.groupBy(plan.domains, (it) => it.cluster)) {
    lines.push(paint('bold', cluster), '');
    for (const it of plans) lines.push(...domainLines(it, outcomes, paint), '');
  }
  for (const { domain, kept } of plan.departed) {
    if (kept !== undefined)
      lines.push(`${paint('yellow', 'kept')}: ${show(domain)}, whose namespace left git: ${show(kept)}`);
    else if (!deletes(plan.domains, domain))
      lines.push(`${paint('yellow', 'left over')}: ${show(domain)}, whose namespace left git`);
  }
  for (const it of plan.warnings) {
    lines.push(`${paint('yellow', 'warning')}: ${it.code}: ${show(it.message)}${nextWords(it, show)}`);
  }
  for (const { cluster, namespace, problem } of plan.problems) {
    const place = namespace === undefined ? cluster : `${cluster}/${namespace}`;
    lines.push(
      `${paint('yellow', 'skipped')}: ${show(place)}: ${problem.code}: ${show(problem.message)}${nextWords(problem, show)}`,
    );
  }
  for (const { top, limit, used, wanted } of room) {
    if (used + wanted <= limit) continue;
    const fit = Math.max(0, limit - used);
    lines.push(
      `${paint('yellow', 'quota')}: only ${fit} of ${count(wanted, 'new domain')} can be created below ${show(top)} (${used}/${limit} used)`,
    );
  }
  if (lines.length > 0 && lines.at(-1) !== '') lines.push('');
  lines.push(`${conclusion(result)}`, '', paint('dim', footer(result)));
  return `${lines.join('\n')}\n`;
}

/** The same for the summary of a step on GitHub Actions, in Markdown. @param room bytes that are left */
export function renderProvisionSummary(result: ProvisionResult, room: number): string {
  // In a fence nothing acts; no line of the text begins with what is not ours.
  const text = renderProvision(result, { color: false }).replaceAll('```', "'''");
  const whole = `## athenz-gitops provision\n\n\`\`\`text\n${text}\`\`\`\n`;
  if (Buffer.byteLength(whole) <= room) return whole;
  return `## athenz-gitops provision\n\n${conclusion(result)} The list is too long to show here.\n`;
}

function conclusion({ plan, steps, mode }: ProvisionResult): string {
  if (mode === 'apply' && steps.length > 0) return `${applied(steps)}.`;
  const all = plan.domains.flatMap((it) => it.steps);
  if (all.length === 0) {
    if (mode === 'offline') return 'No changes. Git requests nothing new.';
    const skipped = plan.domains.filter(({ drift }) => drift.some(isDisabled)).length;
    const blocked = plan.needed - plan.ready - skipped;
    const left = [
      ...(blocked === 0 ? [] : [`${count(blocked, 'domain')} could not be read or created`]),
      ...(skipped === 0 ? [] : [`${count(skipped, 'disabled domain')} skipped`]),
    ];
    return left.length === 0
      ? `No changes. ${count(plan.needed, 'domain')} ${plan.needed === 1 ? 'is' : 'are'} complete.`
      : `No changes now: ${left.join(', ')}; ${plan.ready} of ${count(plan.needed, 'domain')} complete.`;
  }
  const kinds = Map.groupBy(all, ({ kind }) => kind);
  const parts = (Object.entries(nouns) as [Step['kind'], string][]).flatMap(([kind, noun]) => {
    const amount = kinds.get(kind)?.length ?? 0;
    const [verb] = kind.split('-', 1);
    return amount === 0 ? [] : [`${count(amount, noun, noun === 'policy' ? 'policies' : `${noun}s`)} to ${verb}`];
  });
  const ready =
    mode === 'offline'
      ? ''
      : `; ${plan.ready} of ${count(plan.needed, 'domain')} ${plan.ready === 1 ? 'is' : 'are'} complete`;
  return `${parts.join(', ')}${ready}.`;
}

/** What passes by itself is separated from what recurs until someone acts. */
function applied(steps: readonly StepResult[]): string {
  const problems = steps.flatMap(({ outcome }) => ('problem' in outcome ? [outcome.problem] : []));
  const done = `Completed ${steps.length - problems.length} of ${count(steps.length, 'step')}`;
  const lasting = problems.filter(({ code }) => !isTransient(code) && code !== 'ZMS_NOT_FOUND').length;
  if (problems.length === 0) return done;
  if (lasting === 0) return `${done}; the next run retries the rest`;
  if (lasting === problems.length) return `${done}. The rest needs a fix: retrying does not help`;
  return `${done}; the next run retries ${problems.length - lasting}. The other ${lasting} need a fix`;
}

const nouns: Readonly<Record<Step['kind'], string>> = {
  'create-domain': 'domain',
  'create-role': 'role',
  'create-group': 'group',
  'create-policy': 'policy',
  'update-domain': 'domain',
  'update-role': 'role',
  'delete-domain': 'domain',
};

function footer({ mode, polledAt, base, requests }: ProvisionResult): string {
  if (mode === 'offline' || polledAt === undefined) return 'planned from git alone, without reading Athenz';
  const of = base === undefined ? '' : `, compared with ${visible(base.branch)} at ${base.commit.slice(0, 12)}`;
  return `${count(requests, 'request')}, as of ${shortTime(polledAt)}${of}`;
}

function deletes(plans: readonly DomainPlan[], domain: string): boolean {
  return plans.some((it) => it.domain === domain && it.steps.some(({ kind }) => kind === 'delete-domain'));
}

function domainLines(
  { namespace, domain, steps, drift }: DomainPlan,
  outcomes: ReadonlyMap<Step, StepOutcome>,
  paint: Paint,
): readonly string[] {
  // Why a domain could not be created is said once, and not of each of its roles.
  const told = new Set<string>();
  return [
    `  ${show(namespace)}  ${paint('dim', show(domain))}`,
    ...steps.map((step) => {
      const sign = step.kind.startsWith('create') ? '+' : step.kind.startsWith('delete') ? '-' : '~';
      const style = ({ '+': 'green', '-': 'red', '~': 'yellow' } as const)[sign];
      return `    ${paint(style, `${sign} ${showAll(stepWords(step))}`)}${outcomeWords(outcomes.get(step), told, paint)}`;
    }),
    ...drift
      .filter((it) => !written(it, steps))
      .map((it) => `    ${paint('yellow', isDisabled(it) ? 'skipped' : 'differs')}: ${show(driftWords(it))}`),
  ];
}

/** Whether a step of this plan brings it to what the config says. */
function written({ role, left }: Drift, steps: readonly Step[]): boolean {
  if (left !== undefined) return false;
  return steps.some((it) =>
    role === undefined ? it.kind === 'update-domain' : it.kind === 'update-role' && it.role === role,
  );
}

/** @param told reasons that stand above already */
function outcomeWords(outcome: StepOutcome | undefined, told: Set<string>, paint: Paint): string {
  switch (outcome?.kind) {
    case undefined:
      return '';
    case 'done':
      return paint('dim', '  done');
    case 'there':
      return paint('dim', '  already exists');
    case 'failed':
    case 'skipped': {
      const { problem } = outcome;
      const { code, message } = problem;
      if (outcome.kind === 'skipped' && told.has(message)) return paint('red', '  skipped');
      told.add(message);
      const what = outcome.kind === 'failed' ? 'FAILED' : 'skipped';
      return `\n      ${paint('red', what)}: ${code}: ${show(message)}${nextWords(problem, show)}`;
    }
  }
}
