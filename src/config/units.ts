import { z } from 'zod';
import { durationPattern, longestDuration, parseDuration } from '../model/duration.ts';

/** A duration as text, `500ms`, `10s`, `5m` or `1h`; comes out in milliseconds. */
export const duration = z
  .string()
  .regex(durationPattern, 'must be a duration such as 500ms, 10s or 5m')
  .transform((text) => parseDuration(text) ?? Number.NaN)
  .refine((it) => it <= longestDuration, { error: 'must be at most 24h' });

/** A share, `25` or `25%`; comes out as the number. */
export const percentage = z
  .union([z.number().min(0).max(100), z.string().regex(/^(\d{1,2}(\.\d+)?|100)%$/, 'must be a percentage such as 25%')])
  .transform((share) => (typeof share === 'number' ? share : Number(share.slice(0, -1))));
