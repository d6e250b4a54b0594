import type { Generator, SourceState } from '../core/generator.ts';
import type { Plan } from '../core/plan.ts';
import type { Scope } from '../core/scope.ts';
import type { Problem } from '../model/error.ts';
import type { SkippedNamespaces } from '../model/inventory.ts';
import type { Proposal } from '../model/proposal.ts';

/** What a run came to for one generator. */
export interface GeneratorReport {
  readonly generator: Pick<Generator, 'name' | 'words' | 'toResult'>;
  /** As of when its sources were read, RFC 3339 UTC. */
  readonly asOf: string;
  readonly sources: readonly SourceState[];
  readonly plan: Plan;
  readonly scopes: readonly Scope[];
}

/** Something that needs a person because of its age. */
export interface Alert {
  /** `unread`: something could not be read; `removal`: one waits in a proposal that is not merged. */
  readonly kind: 'unread' | 'removal';
  readonly generator: string;
  /** The scope of the proposal. */
  readonly scope?: string;
  /** Parts that could not be read for so long. */
  readonly parts?: number;
  /** Of the oldest, RFC 3339 UTC. */
  readonly since: string;
}

/** Everything one run found and did: what texts, outputs and the JSON of `--json` are made from. */
export interface RunReport {
  readonly command: 'render' | 'plan' | 'sync';
  readonly exitCode: number;
  readonly dryRun: boolean;
  /** In the order of the program's generators; the first is always there. */
  readonly generators: readonly [GeneratorReport, ...GeneratorReport[]];
  /** Generators that could not be planned; the others went on. */
  readonly failed: readonly { readonly generator: string; readonly problem: Problem }[];
  readonly skippedNamespaces: readonly SkippedNamespaces[];
  /** The commit everything was compared with; not set for the work tree. */
  readonly base?: { readonly branch: string; readonly commit: string };
  /** The commit of a pull request that gave the namespaces and templates; else the base did. */
  readonly pullRequest?: { readonly commit: string };
  readonly proposals: readonly Proposal[];
  /** What has lasted too long. */
  readonly alerts: readonly Alert[];
}

/** The plans of a run. */
export function plansOf({ generators }: Pick<RunReport, 'generators'>): readonly Plan[] {
  return generators.map(({ plan }) => plan);
}

/** The sources of a run. */
export function sourcesOf({ generators }: Pick<RunReport, 'generators'>): readonly SourceState[] {
  return generators.flatMap(({ sources }) => sources);
}
