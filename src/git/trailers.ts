import { z } from 'zod';
import { ownerPattern } from '../model/owner.ts';

/** The trailers that make a commit ours, and say what it was made from. */
export const trailerKeys = {
  owner: 'Athenz-Gitops-Owner',
  scope: 'Athenz-Gitops-Scope',
  digest: 'Athenz-Gitops-Digest',
  polled: 'Athenz-Gitops-Polled',
  base: 'Athenz-Gitops-Base',
  letThrough: 'Athenz-Gitops-Let-Through',
} as const;

/**
 * Whether this program made a commit, whatever it stands on.
 *
 * @param author and `committer`: e-mail addresses in `<>`
 * @param trailers `Key: text` lines
 */
export function isOwnCommit(author: string, committer: string, trailers: string, botEmail: string): boolean {
  const email = `<${botEmail}>`;
  return author === email && committer === email && readTrailers(trailers).scope !== undefined;
}

/** Who may push a branch may write anything: what cannot be ours counts as absent. */
const trailersSchema = z.object({
  owner: z.string().regex(ownerPattern).optional().catch(undefined),
  scope: z.string().min(1).optional().catch(undefined),
  digest: z
    .string()
    .regex(/^sha256:[0-9a-f]+$/)
    .optional()
    .catch(undefined),
  polled: z.iso.datetime().optional().catch(undefined),
  base: z
    .string()
    .regex(/^[0-9a-f]+$/)
    .optional()
    .catch(undefined),
  letThrough: z
    .string()
    .regex(/^[\w:]+( [\w:]+)*$/)
    .optional()
    .catch(undefined),
} satisfies Record<keyof typeof trailerKeys, z.ZodType>);

/** Ours, of a commit's `Key: text` lines. */
export function readTrailers(text: string): z.output<typeof trailersSchema> {
  const lines = text.split('\n').map((line) => line.split(': ', 2));
  const found = new Map(lines.map(([key = '', value = '']) => [key, value]));
  const entries = Object.entries(trailerKeys).map(([name, key]) => [name, found.get(key)]);
  return trailersSchema.parse(Object.fromEntries(entries));
}
