import { decideBranch } from './decide.ts';
import { rememberProofs } from './proofs.ts';
import { branchStateOf, desiredOf, heldReason, removeBranch, writeBranch } from './proposal.ts';
import type { Attempt } from './publish.ts';
import type { Run } from './run.ts';

/** Proposes as branches alone: `forge.kind` local and none. */
export function proposeBranches(run: Run): Attempt {
  const { kind } = run.workspace.config.forge;
  return async (subject, tips) => {
    const { branch, wanted } = subject;
    const decision = decideBranch(desiredOf(run, subject), branchStateOf(tips.branches.get(branch)));
    switch (decision.action) {
      case 'create':
      case 'update': {
        if (run.dryRun || wanted === undefined) return decision;
        const commit = await writeBranch(run, branch, tips, wanted);
        if (kind !== 'local') await rememberProofs(run, subject, tips, true);
        return { ...decision, commit };
      }
      case 'delete':
        if (!run.dryRun) {
          await removeBranch(run, subject, tips);
          if (kind !== 'local') await rememberProofs(run, subject, tips, true);
        }
        return { ...decision, ...heldReason(subject) };
      case 'superseded':
        return decision;
      case 'none':
      case 'up-to-date':
      case 'leave':
      case 'blocked':
        if (!run.dryRun) await rememberProofs(run, subject, tips);
        return decision;
    }
  };
}
