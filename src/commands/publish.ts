import { type BranchState, type Decision, decideBranch } from '../forge/decide.ts';
import { type BotBranch, branchName, noteRef, trailerKeys } from '../git/branches.ts';
import { writeCommit } from '../git/commit.ts';
import { type RefUpdate, updateRefs } from '../git/refs.ts';
import { fetchBase } from '../git/repository.ts';
import type { Scope } from '../model/change.ts';
import { AppError, reasonOf } from '../model/error.ts';
import type { Proposal } from '../model/result.ts';
import { renderBody } from '../report/markdown.ts';
import { renderMessage } from '../report/message.ts';
import { titleOf } from '../report/words.ts';
import type { Assessment } from './assess.ts';
import { type BaseState, readTips, type Tips } from './base.ts';
import type { Io } from './io.ts';
import type { GitWorkspace } from './workspace.ts';

export interface PublishOptions {
  readonly io: Io;
  readonly workspace: GitWorkspace;
  readonly state: BaseState;
  readonly assessment: Assessment;
  readonly dryRun: boolean;
}

/** Carries out what is decided for the branches of one run. */
export interface Publisher {
  /** Brings the branch of a scope to what the plan says. Never throws: one scope must not stop the others. */
  propose(scope: Scope): Promise<Proposal>;
  /** Takes away our branches of scopes that there are no more. */
  withdrawOthers(scopes: readonly Scope[]): Promise<readonly Proposal[]>;
}

/** Prepares the proposals of one run. */
export function createPublisher(options: PublishOptions): Publisher {
  const { workspace, state, assessment } = options;
  const { base } = state;

  async function bring(key: string, branch: string, scope: Scope | undefined): Promise<Proposal> {
    const subject = { scope: key, branch };
    const wanted = scope !== undefined && scope.files.length > 0 ? scope : undefined;
    const decide = (found: BotBranch | undefined): Decision =>
      decideBranch(
        {
          ...(wanted === undefined ? {} : { digest: wanted.digest }),
          polledAt: assessment.snapshot.takenAt,
          uncertain: scope === undefined ? assessment.plan.kept.length > 0 : scope.kept.length > 0,
        },
        found === undefined ? undefined : toState(found),
      );
    const titled = wanted === undefined ? subject : { ...subject, title: titleOf(wanted), digest: wanted.digest };
    try {
      return { ...titled, ...(await carryOut(options, decide(state.branches.get(branch)), branch, state, wanted)) };
    } catch (error) {
      if (!isLeaseLost(error)) return { ...titled, action: 'failed', reason: reasonOf(error) };
    }
    // Somebody was faster. One more look decides whether that was a later run, a person, or nothing that matters.
    let moved = false;
    try {
      const again = await readAgain(workspace, state);
      moved = positionOf(branch, again) !== positionOf(branch, state);
      return { ...titled, ...(await carryOut(options, decide(again.branches.get(branch)), branch, again, wanted)) };
    } catch (error) {
      if (!isLeaseLost(error)) return { ...titled, action: 'failed', reason: reasonOf(error) };
      if (moved) return { ...titled, action: 'superseded', reason: reasonOf(error) };
      // Refused twice while nothing moved is no race: a lock file that was left behind, or a branch in the name's way.
      return { ...titled, action: 'failed', reason: reasonOf(error.cause) };
    }
  }

  return {
    propose: (scope) => bring(scope.key, branchName(base.branch, scope.slug), scope),
    async withdrawOthers(scopes) {
      const wanted = new Set(scopes.map((scope) => branchName(base.branch, scope.slug)));
      const proposals: Proposal[] = [];
      for (const branch of [...state.branches.keys()].sort()) {
        if (!wanted.has(branch))
          proposals.push(await bring(branch.slice(branchName(base.branch, '').length), branch, undefined));
      }
      return proposals;
    },
  };
}

function isLeaseLost(error: unknown): error is AppError {
  return error instanceof AppError && error.code === 'GIT_LEASE';
}

function toState({ tip, owner, digest, polledAt, checkedOutAt }: BotBranch): BranchState {
  return {
    tip,
    owner,
    ...(digest === undefined ? {} : { digest }),
    ...(polledAt === undefined ? {} : { polledAt }),
    ...(checkedOutAt === undefined ? {} : { checkedOutAt }),
  };
}

/** The branches as they are now, compared with the base this run started from. */
async function readAgain(workspace: GitWorkspace, { base }: BaseState): Promise<Tips> {
  await fetchBase(workspace.repository.git, base.branch, workspace.config.forge.remote);
  return readTips(workspace, base);
}

/** Of a branch and its note; another one once either has moved. */
function positionOf(branch: string, { branches, notes }: Tips): string {
  return `${branches.get(branch)?.tip} ${notes.get(noteRef(branch))}`;
}

async function carryOut(
  options: PublishOptions,
  decision: Decision,
  branch: string,
  tips: Tips,
  scope: Scope | undefined,
): Promise<Pick<Proposal, 'action' | 'reason' | 'commit'>> {
  const { git } = options.workspace.repository;
  const { remote } = options.workspace.config.forge;
  switch (decision.action) {
    case 'create':
    case 'update': {
      if (options.dryRun || scope === undefined) return decision;
      const written = await write(options, scope);
      await updateRefs(git, remote, moves(branch, tips, written.commit, written.note ?? null));
      return { ...decision, commit: written.commit };
    }
    case 'delete':
      if (!options.dryRun) await updateRefs(git, remote, moves(branch, tips, null, null));
      return decision;
    default:
      return decision;
  }
}

/**
 * The branch and its note move together, the branch last: as long as it is where it was, the next run does both again. A note
 * that is neither there nor wanted is left out.
 */
function moves(
  branch: string,
  { branches, notes }: Tips,
  to: string | null,
  note: string | null,
): readonly RefUpdate[] {
  const moved: RefUpdate = { ref: `refs/heads/${branch}`, from: branches.get(branch)?.tip ?? null, to };
  const noted: RefUpdate = { ref: noteRef(branch), from: notes.get(noteRef(branch)) ?? null, to: note };
  return noted.from === null && noted.to === null ? [moved] : [noted, moved];
}

function write({ io, workspace, state, assessment }: PublishOptions, scope: Scope) {
  const { forge } = workspace.config;
  const { snapshot, plan } = assessment;
  const { heldRemovals } = plan;
  const facts = {
    base: state.base.branch,
    polledAt: snapshot.takenAt,
    domains: [...snapshot.domains.values()].filter((read) => read.kind === 'value').length,
    ...(heldRemovals === undefined ? {} : { heldRemovals }),
  };
  const trailers = [
    [trailerKeys.scope, scope.key],
    [trailerKeys.digest, scope.digest],
    [trailerKeys.polled, snapshot.takenAt],
    [trailerKeys.base, state.base.commit],
  ] as const;
  return writeCommit(workspace.repository.git, {
    base: state.base.commit,
    files: scope.files.map(({ path, after }) => ({ path, ...(after === undefined ? {} : { text: after.text }) })),
    message: renderMessage(scope, trailers),
    author: forge.commit,
    when: io.clock.now(),
    ...(forge.kind === 'local' ? { note: `${titleOf(scope)}\n\n${renderBody(scope, facts)}` } : {}),
  });
}
