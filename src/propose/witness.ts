import {
  type Doubt,
  type EntryReader,
  type Evidence,
  latestProofs,
  noEvidence,
  type Witness,
} from '../core/evidence.ts';
import type { Generator } from '../core/generator.ts';
import type { Git } from '../git/git.ts';
import type { GitWorkspace, Workspace } from '../run/workspace.ts';
import { rememberedProofs } from './memory.ts';
import { readOrigins } from './origins.ts';
import type { Tips } from './tips.ts';

/** Whose files and memories are asked about. */
interface Asking {
  readonly generator: Pick<Generator, 'entries' | 'parseProof'>;
  readonly territory: { readonly roots: readonly string[] };
}

/** The commit that files are compared with, and what runs have left. */
interface Known extends Pick<Tips, 'memories'> {
  readonly base: { readonly commit: string };
}

/** Asks what earlier runs have left, and the history of the base. */
export function baseWitness({ repository }: GitWorkspace, state: Known, { generator, territory }: Asking): Witness {
  const { entries } = generator;
  if (entries === undefined) return async () => noEvidence;
  return (doubts, polled) =>
    ask(repository.git, state, { doubts, polled, reader: entries, generator, roots: territory.roots });
}

interface Question {
  readonly doubts: readonly Doubt[];
  /** RFC 3339 UTC. */
  readonly polled: string;
  readonly reader: EntryReader;
  readonly generator: Pick<Generator, 'parseProof'>;
  readonly roots: readonly string[];
}

async function ask(git: Git, state: Known, { doubts, polled, reader, generator, roots }: Question): Promise<Evidence> {
  const proofs = rememberedProofs(state, generator, polled);
  const latest = latestProofs(proofs);
  const questions = doubts.map((doubt) => {
    const proven = latest.get(doubt.key);
    return proven === undefined ? doubt : { ...doubt, proven: proven.polled };
  });
  const origins = await readOrigins(git, state.base.commit, roots, reader, questions);
  if (proofs.length === 0) return { proofs, origins };
  const baseAt = await git.run('reading the base commit', 'show', '--no-patch', '--format=%cI', state.base.commit);
  return { proofs, origins, baseAt: baseAt.trim() };
}

/** Asks the history of what is checked out; a file that was changed since has none. */
export function headWitness({ repository, ...rest }: Workspace, asking: Asking): Witness {
  if (repository?.head === undefined) return async () => noEvidence;
  return baseWitness({ ...rest, repository }, { base: { commit: repository.head }, memories: new Map() }, asking);
}
