import { unreachable } from '../model/outcome.ts';
import { count } from '../model/text.ts';
import { visible } from '../report/visible.ts';
import type { Foreign, Verdict } from './verdict.ts';

/** What is said besides the verdict, when it is a refusal. */
export interface GuardHints {
  /** The head is a proposal of this program, and its branch was not given. */
  readonly unclaimed: boolean;
  readonly mergeGroup: boolean;
  /** The clone's history ends early: what is older looks like a change. */
  readonly shallow: boolean;
}

/** The verdict for a person, with what to do about it. */
export function describeVerdict(verdict: Verdict, hints: GuardHints): string {
  switch (verdict.kind) {
    case 'passed':
      return verdict.files === 0
        ? 'No rendered file is changed.\n'
        : `${count(verdict.files, 'rendered file')} changed, by athenz-gitops itself.\n`;
    case 'refused':
      return [...describeRefusal(verdict), ...adviceOf(verdict, hints)].map((line) => `${line}\n`).join('');
    default:
      return unreachable(verdict);
  }
}

type Refusal = Extract<Verdict, { kind: 'refused' }>;

function describeRefusal({ conflicts, paths, commits, rebased }: Refusal): readonly string[] {
  const lines: string[] = [];
  const files = (some: readonly string[]) => count(some.length, 'file');
  if (conflicts.length > 0) lines.push(`The merge conflicts in ${files(conflicts)}:`, ...listOf(conflicts.map(show)));
  if (paths.length > 0) {
    const belong = paths.length === 1 ? 'belongs' : 'belong';
    lines.push(`The merge changes ${files(paths)} that ${belong} to athenz-gitops:`, ...listOf(paths.map(show)));
  }
  if (commits.length > 0) {
    const change = commits.length === 1 ? 'changes' : 'change';
    lines.push(
      `${count(commits.length, 'commit')} ${change} files that belong to athenz-gitops:`,
      ...listOf(commits.map(nameOf)),
    );
  }
  if (rebased.length > 0) {
    lines.push(
      `Merged by rebase, ${count(rebased.length, 'commit')} would change files that belong to athenz-gitops:`,
      ...listOf(rebased.map(nameOf)),
      'Where the base has deleted a file and has a similar new one, git applies changes of the old one to the new one.',
    );
  }
  return lines;
}

function nameOf({ commit, paths: [first = '', ...rest] }: Foreign): string {
  return `${commit.slice(0, 12)} ${show(first)}${rest.length > 0 ? ` and ${rest.length} more` : ''}`;
}

function adviceOf({ conflicts, paths, commits, rebased, stale }: Refusal, hints: GuardHints): readonly string[] {
  const lines: string[] = [];
  const unclaimed = hints.unclaimed
    ? ['Its commits look like a proposal of athenz-gitops: pass its branch with --head-ref, unless it is from a fork.']
    : [];
  if (conflicts.length > 0) {
    lines.push('Merge the base into the branch and resolve them; sync rebuilds a branch of its own at its next run.');
  }
  if (stale)
    lines.push(
      'The base has changed these files since athenz-gitops proposed them: the next sync rebuilds the branch.',
    );
  else if (unclaimed.length === 0 && paths.length + commits.length + rebased.length > 0) {
    lines.push(
      'Drop these changes, and the commits that made them (git rebase -i): a commit that reverts them is not enough.',
      'Change the source (the Athenz role, the ObjectSync) or the config instead, and sync proposes the rest.',
    );
  }
  if (hints.mergeGroup) lines.push('Only fetched branches are searched for proposals of athenz-gitops.');
  if (hints.shallow) lines.push('This clone is shallow: fetch its whole history (fetch-depth: 0) and run guard again.');
  return [...lines, ...unclaimed];
}

const most = 50;

function listOf(texts: readonly string[]): readonly string[] {
  const rest = texts.length > most ? [`  … and ${texts.length - most} more`] : [];
  return [...texts.slice(0, most).map((text) => `  ${text}`), ...rest];
}

function show(path: string): string {
  return visible(path, 500);
}
