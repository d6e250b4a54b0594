import { actionOn } from '../core/change.ts';
import type { SourceState } from '../core/generator.ts';
import type { Plan } from '../core/plan.ts';
import { unitOf } from '../core/unit.ts';
import type { Problem } from '../model/error.ts';
import type { Proposal } from '../model/proposal.ts';
import type { GeneratorReport, RunReport } from './run-report.ts';

/** What a run tells of one generator. @template P its plan */
export interface GeneratorResult<P = object> {
  readonly generator: string;
  readonly asOf: string;
  readonly sources: readonly Omit<SourceState, 'traffic' | 'concerns'>[];
  readonly plan: P;
}

/**
 * The JSON of `--json`. `generator`, `asOf`, `sources` and `plan` are those of the first generator.
 *
 * @template P a plan as that generator tells it
 */
export interface RunResult<P = object> extends GeneratorResult<P> {
  readonly format: 'athenz-gitops run 2';
  readonly command: RunReport['command'];
  readonly exitCode: number;
  readonly dryRun: boolean;
  /** Further generators, where they are configured. */
  readonly others?: readonly (GeneratorResult | { readonly generator: string; readonly problem: Problem })[];
  readonly base?: NonNullable<RunReport['base']>;
  readonly pullRequest?: NonNullable<RunReport['pullRequest']>;
  readonly proposals: readonly Proposal[];
  readonly alerts: RunReport['alerts'];
}

export function toRunResult(report: RunReport): RunResult {
  const { command, exitCode, dryRun, base, pullRequest, proposals, alerts, failed, skippedNamespaces } = report;
  const [first, ...rest] = report.generators;
  const others = [...rest.map(resultOf), ...failed];
  const { plan, ...told } = resultOf(first);
  return {
    format: 'athenz-gitops run 2',
    command,
    exitCode,
    dryRun,
    ...told,
    ...(base === undefined ? {} : { base }),
    ...(pullRequest === undefined ? {} : { pullRequest }),
    plan: { ...plan, skippedNamespaces },
    ...(others.length === 0 ? {} : { others }),
    proposals,
    alerts,
  };
}

function resultOf({ generator, asOf, sources, plan }: GeneratorReport): GeneratorResult {
  const told = generator.toResult?.(plan) ?? withoutTexts(plan);
  return {
    generator: generator.name,
    asOf,
    sources: sources.map(({ traffic: _, concerns: __, ...it }) => it),
    plan: told,
  };
}

/** What only later runs need is left out as well. */
function withoutTexts({ files, proofs: _, generator: __, ...plan }: Plan): object {
  return { ...plan, files: files.map((file) => ({ ...unitOf(file), path: file.path, action: actionOn(file) })) };
}
