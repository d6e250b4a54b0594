import { z } from 'zod';

const milliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A duration as text, `500ms`, `10s`, `5m` or `1h`; comes out in milliseconds. */
export const duration = z
  .string()
  .regex(/^[1-9]\d{0,6}(ms|s|m|h)$/, 'must be a duration such as 500ms, 10s or 5m')
  .transform((text) => {
    const [, amount = '', unit = ''] = /^(\d+)([a-z]+)$/.exec(text) ?? [];
    return Number(amount) * (milliseconds[unit] ?? Number.NaN);
  })
  // A timer counts to 24 days at most and goes off at once beyond that.
  .refine((it) => it <= 24 * 3_600_000, { error: 'must be at most 24h' });

/** A share, `25` or `25%`; comes out as the number. */
export const percentage = z
  .union([z.number().min(0).max(100), z.string().regex(/^(\d{1,2}(\.\d+)?|100)%$/, 'must be a percentage such as 25%')])
  .transform((share) => (typeof share === 'number' ? share : Number(share.slice(0, -1))));
