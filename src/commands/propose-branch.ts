import { decideBranch } from '../forge/decide.ts';
import { branchStateOf, desiredOf, type Run, removeBranch, writeBranch } from './proposal.ts';
import type { Attempt } from './publish.ts';

/** Proposes as branches alone: `forge.kind` local and none. */
export function proposeBranches(run: Run): Attempt {
  return async (subject, tips) => {
    const { branch, wanted } = subject;
    const decision = decideBranch(desiredOf(run, subject), branchStateOf(tips.branches.get(branch)));
    switch (decision.action) {
      case 'create':
      case 'update':
        if (run.dryRun || wanted === undefined) return decision;
        return { ...decision, commit: await writeBranch(run, branch, tips, wanted) };
      case 'delete':
        if (!run.dryRun) await removeBranch(run, branch, tips);
        return decision;
      default:
        return decision;
    }
  };
}
