import { commitOf } from '../git/commit-of.ts';
import { isShallow } from '../git/shallow.ts';
import { readClaim } from '../guard/claim.ts';
import { readFacts } from '../guard/facts.ts';
import { ownedBy } from '../guard/owned.ts';
import { describeVerdict } from '../guard/text.ts';
import { judge } from '../guard/verdict.ts';
import { exitCode } from '../model/error.ts';
import { configuredGenerators } from '../run/generators.ts';
import type { CommonFlags, Io } from '../run/io.ts';
import { printText } from '../run/terminal.ts';
import { openGitWorkspace } from '../run/workspace.ts';

export interface GuardFlags extends Pick<CommonFlags, 'config' | 'quiet'> {
  readonly base: string;
  readonly head: string;
  readonly headRef?: string;
  readonly mergeGroup?: boolean;
}

/**
 * `guard`: a check of pull requests and merge queues. What lies in the output folders is changed by this program alone: on
 * its own branch, in its own commit. Reads the config of the work tree, which has to be that of the base, and nothing of the
 * head but git's objects.
 *
 * @returns the exit code
 */
export async function runGuard(io: Io, flags: GuardFlags): Promise<number> {
  const workspace = await openGitWorkspace(io, { ...flags, logLevel: 'info' });
  const { git } = workspace.repository;
  const base = await commitOf(git, flags.base, '--base');
  const head = await commitOf(git, flags.head, '--head');
  const territories = (await configuredGenerators(io, workspace)).map(({ territory }) => territory);
  const facts = await readFacts(git, base, head, ownedBy(territories), flags);
  const claim = await readClaim(workspace, base, head, flags, facts);
  const verdict = judge(facts, claim.proposals);
  const text = describeVerdict(verdict, { ...claim, shallow: verdict.kind === 'refused' && (await isShallow(git)) });
  if (verdict.kind === 'refused' || !flags.quiet) printText(io, text);
  return verdict.kind === 'refused' ? exitCode.held : exitCode.done;
}
