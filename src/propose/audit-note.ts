import { z } from 'zod';
import type { OwnNote } from './own-note.ts';

/** How far the webhook has been sent what happens. */
export interface Audited {
  /** The commit of the base branch whose changes were sent last. */
  readonly base: string;
  /** The digest of what stood then: it is sent again only when it differs. */
  readonly told: string;
}

export const auditNote: OwnNote = { slug: '@audit', file: 'audit.json' };

const format = 'athenz-gitops audit 1';

const auditSchema = z.object({
  format: z.literal(format),
  base: z.string().regex(/^[0-9a-f]{40,64}$/),
  told: z.string(),
});

export function auditText({ base, told }: Audited): string {
  return `${JSON.stringify({ format, base, told })}\n`;
}

/** Reads what `auditText` wrote; undefined for anything else. */
export function parseAudit(text: string | undefined): Audited | undefined {
  try {
    const { base, told } = auditSchema.parse(JSON.parse(text ?? ''));
    return { base, told };
  } catch {
    return undefined;
  }
}
