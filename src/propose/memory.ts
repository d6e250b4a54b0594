import { z } from 'zod';
import type { Proof } from '../core/evidence.ts';
import type { Generator } from '../core/generator.ts';
import { memoryFile } from '../git/notes.ts';
import type { Tips } from './tips.ts';

const format = 'athenz-gitops proofs 1';
const memorySchema = z.object({ format: z.literal(format), proofs: z.array(z.unknown()) });

/** What is left beside a note for the runs that follow; nothing where there is nothing to know. */
export function besideOf(proofs: readonly Proof[]): { readonly beside?: Readonly<Record<string, string>> } {
  return proofs.length === 0 ? {} : { beside: { [memoryFile]: memoryText(proofs) } };
}

/** One proof a line, so that a difference can be read. @param proofs sorted */
export function memoryText(proofs: readonly Proof[]): string {
  const lines = proofs.map(({ record }) => JSON.stringify(record));
  return `{"format":"${format}","proofs":[\n${lines.join(',\n')}\n]}\n`;
}

type Parses = Pick<Generator, 'parseProof'>;

/**
 * The proofs in a memory. It is input: what is not one counts as absent, and so does one of a poll that has not been.
 *
 * @param until RFC 3339 UTC
 */
export function parseMemory(memory: string, { parseProof }: Parses, until: string): readonly Proof[] {
  try {
    const { proofs } = memorySchema.parse(JSON.parse(memory));
    return proofs.flatMap((it) => {
      const proof = parseProof?.(it);
      return proof !== undefined && Date.parse(proof.polled) <= Date.parse(until) ? [proof] : [];
    });
  } catch {
    return [];
  }
}

/** All proofs that are remembered, in whatever scope. @param until RFC 3339 UTC */
export function rememberedProofs(
  { memories }: Pick<Tips, 'memories'>,
  generator: Parses,
  until: string,
): readonly Proof[] {
  return [...memories.values()].flatMap((memory) => parseMemory(memory.text, generator, until));
}

/**
 * What the note of a scope that no longer exists has to keep: proofs that still count and that no other note has. The run that
 * follows finds them in the note of the scope they are in now.
 *
 * @param alive proofs that are to be kept
 */
export function orphanedProofs(
  { memories }: Pick<Tips, 'memories'>,
  ref: string,
  alive: readonly Proof[],
  generator: Parses,
  until: string,
): readonly Proof[] {
  const keysIn = (refs: readonly string[]) =>
    new Set(refs.flatMap((it) => parseMemory(memories.get(it)?.text ?? '', generator, until).map(({ key }) => key)));
  const own = keysIn([ref]);
  const others = keysIn([...memories.keys()].filter((it) => it !== ref));
  return alive.filter((proof) => own.has(proof.key) && !others.has(proof.key));
}
