import { z } from 'zod';
import { understand } from './wire.ts';

/** What one line of a watch says (kubernetes.io/docs/reference/using-api/api-concepts, "Efficient detection of changes"). */
export type WatchEvent =
  /** `version`: where a watch goes on from. A bookmark has nothing else. */
  | { readonly kind: 'changed' | 'bookmark'; readonly version: string }
  /** 410: the server no longer knows what happened since. */
  | { readonly kind: 'expired' }
  /** In the server's own words. */
  | { readonly kind: 'failed'; readonly words: string };

const versioned = z.object({ metadata: z.object({ resourceVersion: z.string().min(1) }) });
const event = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['ADDED', 'MODIFIED', 'DELETED']), object: versioned }),
  z.object({ type: z.literal('BOOKMARK'), object: versioned }),
  z.object({
    type: z.literal('ERROR'),
    object: z.object({ code: z.int().nullish(), reason: z.string().nullish(), message: z.string().nullish() }),
  }),
]);

/** Reads a line of a watch. @throws AppError `CLUSTER_BAD_RESPONSE` */
export function parseWatchEvent(line: string, doing: string): WatchEvent {
  return understand(line, doing, (data): WatchEvent => {
    const read = event.parse(data);
    if (read.type !== 'ERROR') {
      const { resourceVersion: version } = read.object.metadata;
      return { kind: read.type === 'BOOKMARK' ? 'bookmark' : 'changed', version };
    }
    const { code, reason, message } = read.object;
    if (code === 410 || reason === 'Expired' || reason === 'Gone') return { kind: 'expired' };
    return { kind: 'failed', words: `${code ?? 'an error'}: ${message ?? reason ?? 'without a reason'}` };
  });
}

const listed = z.object({ metadata: z.object({ resourceVersion: z.string().min(1) }) });

/** The version of a list: a watch that begins there misses nothing. @throws AppError `CLUSTER_BAD_RESPONSE` */
export function parseListVersion(body: string, doing: string): string {
  return understand(body, doing, (data) => listed.parse(data).metadata.resourceVersion);
}
