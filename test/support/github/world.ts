import type { Bare } from './bare.ts';
import type { App, Token } from './caller.ts';

/** Everything the stand-in knows that git does not. */
export interface World {
  readonly owner: string;
  readonly repository: string;
  readonly base: string;
  readonly git: Bare;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly now: () => Date;
  readonly tokens: Map<string, Token>;
  readonly app: App | undefined;
  /** Logins that a review may be requested from. */
  readonly collaborators: readonly string[];
  readonly workflowRuns: readonly WorkflowRun[];
  readonly archived: boolean;
  /** Of the base, from rulesets. */
  readonly rules: readonly BranchRule[];
  /** Of the base, from its branch protection; undefined: it has none. */
  readonly statusChecks: StatusChecks | undefined;
  /** Pull requests and issues share their numbers. */
  readonly threads: Map<number, Thread>;
  readonly labels: Map<string, Label>;
  readonly comments: Map<number, Comment>;
  /** The branches as the pull requests were last brought in line with. */
  seen: ReadonlyMap<string, string>;
  /** The id of whatever is made next. */
  nextId: number;
}

/** What an issue and a pull request have in common. */
interface Conversation {
  readonly number: number;
  readonly author: string;
  readonly createdAt: string;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  updatedAt: string;
  closedAt?: string | undefined;
  closedBy?: string | undefined;
  /** In lower case, as keys of `World.labels`. */
  labels: readonly string[];
}

export interface Issue extends Conversation {
  readonly kind: 'issue';
}

export interface Pull extends Conversation {
  readonly kind: 'pull';
  readonly head: string;
  base: string;
  /** Follow their branches while the pull request is open. */
  headSha: string;
  baseSha: string;
  draft: boolean;
  readonly maintainerCanModify: boolean;
  reviewers: readonly string[];
  teamReviewers: readonly string[];
  merged?: { readonly commit: string; readonly at: string; readonly by: string } | undefined;
  /** How many more lists do not show it yet. */
  hiddenFromLists: number;
}

export type Thread = Issue | Pull;

export interface Label {
  readonly id: number;
  readonly name: string;
  readonly color: string;
  readonly description: string | null;
}

export interface Comment {
  readonly id: number;
  readonly number: number;
  readonly author: string;
  readonly createdAt: string;
  body: string;
  updatedAt: string;
}

/** Which checks have to pass before a merge, and whether the branch has to be up to date then. */
export interface StatusChecks {
  readonly strict: boolean;
  readonly contexts: readonly string[];
}

export type BranchRule =
  | ({ readonly type: 'required_status_checks' } & StatusChecks)
  | { readonly type: 'merge_queue' }
  | { readonly type: 'deletion' };

/** A run of a workflow, as `startGitHub` is told about it. */
export interface WorkflowRun {
  /** The workflow's file name, as in `sync.yml`. */
  readonly workflow: string;
  readonly status: 'queued' | 'in_progress' | 'completed';
  readonly conclusion: 'success' | 'failure' | 'cancelled' | null;
  /** RFC 3339 UTC */
  readonly at: string;
  readonly event?: string;
}

export function pullOf(world: World, number: number): Pull | undefined {
  const thread = world.threads.get(number);
  return thread?.kind === 'pull' ? thread : undefined;
}

export function pullsOf(world: World): readonly Pull[] {
  return [...world.threads.values()].filter((thread) => thread.kind === 'pull');
}

/** Now, as GitHub writes it. */
export function stampOf(world: World): string {
  return world
    .now()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z');
}

export function takeId(world: World): number {
  world.nextId += 1;
  return world.nextId;
}

/** Adds labels that the repository has not got, as GitHub does when one is put on a pull request; gives their keys. */
export function ensureLabels(world: World, names: readonly string[]): readonly string[] {
  return names.map((name) => {
    const key = name.toLowerCase();
    if (!world.labels.has(key)) world.labels.set(key, { id: takeId(world), name, color: 'ededed', description: null });
    return key;
  });
}
