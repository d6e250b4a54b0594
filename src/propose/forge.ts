import type { PullRequest } from '../model/pull.ts';

/** Title and body of a pull request. */
export interface PullText {
  readonly title: string;
  readonly body: string;
}

/** A place where pull requests live. Everything throws AppError `FORGE_…`. */
export interface Forge {
  /** Those that are open for branches below a prefix, by branch: one into `base`, else one whose target was changed. */
  openPulls(branchPrefix: string, base: string): Promise<ReadonlyMap<string, PullRequest>>;
  /** The closed ones of a branch, the newest first. */
  pastPulls(branch: string): Promise<readonly PullRequest[]>;
  /** Opens one, or finds the one that another run has opened meanwhile. */
  open(branch: string, base: string, text: PullText): Promise<PullRequest>;
  /** As it is now. */
  read(number: number): Promise<PullRequest>;
  /** @returns as it is then: it may have been closed */
  edit(number: number, text: PullText): Promise<PullRequest>;
  /** Closes one. @param body says that it was us */
  close(number: number, body: string): Promise<void>;
  comment(number: number, text: string): Promise<void>;
  label(number: number, labels: readonly string[]): Promise<void>;
  unlabel(number: number, label: string): Promise<void>;
  /** Asks for reviews. @param names users, or `team/<slug>` */
  requestReview(number: number, names: readonly string[]): Promise<void>;
}
