import type { TreeChange } from './bare.ts';
import type { App, Permissions, Token } from './caller.ts';
import type { BranchRule, StatusChecks, WorkflowRun } from './world.ts';

export interface GitHubOptions {
  /** Default `acme`. */
  readonly owner?: string;
  /** Default `gitops`. */
  readonly repository?: string;
  /** Default `main`. */
  readonly base?: string;
  /** Of the first commit. Default: a README. */
  readonly files?: TreeChange;
  /** Text of a token → what stands behind it. Default: `everyToken`. */
  readonly tokens?: Readonly<Record<string, Token>>;
  /** Default: none is installed. */
  readonly app?: App;
  /** Default `octocat` and `hubot`. */
  readonly collaborators?: readonly string[];
  readonly workflowRuns?: readonly WorkflowRun[];
  /** Default: no. */
  readonly archived?: boolean;
  /** What rulesets ask for merges into the base. Default: nothing. */
  readonly rules?: readonly BranchRule[];
  /** What the protection of the base asks for. Default: it is not protected. */
  readonly statusChecks?: StatusChecks;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /**
   * Told about each violation as it happens. Default: written to stderr, since a test that fails for it hides what the end
   * of the stand-in throws.
   */
  readonly onViolation?: (what: string) => void;
}

/** May do everything; the token of a person. */
export const everyToken = 'ghp_everything';

export const everyPermission: Permissions = {
  metadata: 'read',
  contents: 'write',
  pull_requests: 'write',
  issues: 'write',
  members: 'read',
  actions: 'read',
};
