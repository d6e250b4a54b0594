import { branchFolder } from '../git/base-refs.ts';
import type { Forge } from './forge.ts';
import { approvedBefore, type OwnState } from './tips.ts';

/** What people have approved. The pull requests are asked for only where there is something that was approved. */
export async function consentOf(state: OwnState, forge: Forge | undefined): Promise<ReadonlySet<string>> {
  const noted = approvedBefore(state);
  if (noted.size === 0 || forge === undefined) return noted;
  const { branch } = state.base;
  const open = await forge.openPulls(branchFolder(branch), branch);
  return approvedBefore(state, new Set(open.keys()));
}
