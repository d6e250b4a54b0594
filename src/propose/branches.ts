import { decideBranch } from './decide.ts';
import { hasToWait, waitsForPushes } from './move-refs.ts';
import { rememberProofs } from './proofs.ts';
import { branchStateOf, desiredBranchOf, heldReason, removeBranch, writeBranch } from './proposal.ts';
import type { Attempt } from './publish.ts';
import type { Run } from './run.ts';

/** Proposes as branches alone: `forge.kind` local and none. */
export function proposeBranches(run: Run): Attempt {
  const { kind } = run.workspace.config.forge;
  return async (scopeBranch, tips) => {
    const { branch, wanted } = scopeBranch;
    const decision = decideBranch(desiredBranchOf(run, scopeBranch), branchStateOf(tips.branches.get(branch)));
    switch (decision.action) {
      case 'create':
      case 'update': {
        if (run.dryRun || wanted === undefined) return decision;
        if (hasToWait(run)) return waitsForPushes;
        const commit = await writeBranch(run, branch, tips, wanted);
        if (kind !== 'local') await rememberProofs(run, scopeBranch, tips, true);
        return { ...decision, commit };
      }
      case 'delete':
        if (!run.dryRun) {
          await removeBranch(run, scopeBranch, tips);
          if (kind !== 'local') await rememberProofs(run, scopeBranch, tips, true);
        }
        return { ...decision, ...heldReason(scopeBranch) };
      case 'superseded':
        return decision;
      case 'none':
      case 'up-to-date':
      case 'leave':
      case 'blocked':
        if (!run.dryRun) await rememberProofs(run, scopeBranch, tips);
        return decision;
    }
  };
}
