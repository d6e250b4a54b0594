import { outputFolders } from '../model/layout.ts';
import { latestProofs } from '../model/proof.ts';
import { noEvidence, type Witness } from '../plan/evidence.ts';
import type { GitWorkspace, Workspace } from '../run/workspace.ts';
import { rememberedProofs } from './memory.ts';
import { readOrigins } from './origins.ts';
import type { Tips } from './tips.ts';

/** The commit that files are compared with, and what runs have left. */
interface Known extends Pick<Tips, 'memories'> {
  readonly base: { readonly commit: string };
}

/** Asks what earlier runs have left, and the history of the base. */
export function baseWitness({ config, layout, repository }: GitWorkspace, state: Known): Witness {
  const { git } = repository;
  return async (doubts, polled) => {
    const proofs = rememberedProofs(state, polled);
    const latest = latestProofs(proofs);
    const questions = doubts.map((doubt) => {
      const proven = latest.get(doubt.key);
      return proven === undefined ? doubt : { ...doubt, proven: proven.polled };
    });
    const origins = await readOrigins(git, state.base.commit, outputFolders({ config, layout }), questions);
    if (proofs.length === 0) return { proofs, origins };
    const baseAt = await git.run('reading the base commit', 'show', '--no-patch', '--format=%cI', state.base.commit);
    return { proofs, origins, baseAt: baseAt.trim() };
  };
}

/** Asks the history of what is checked out; a file that was changed since has none. */
export function headWitness({ repository, ...rest }: Workspace): Witness {
  if (repository?.head === undefined) return async () => noEvidence;
  return baseWitness({ ...rest, repository }, { base: { commit: repository.head }, memories: new Map() });
}
