const milliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** What a duration looks like: `500ms`, `10s`, `5m` or `1h`. */
export const durationPattern = /^[1-9]\d{0,6}(ms|s|m|h)$/;

/** A timer counts to 24 days at most and goes off at once beyond that; nothing here takes longer than a day. */
export const longestDuration = 24 * 3_600_000;

/** Milliseconds of a duration; undefined for anything else, and for more than 24 h. */
export function parseDuration(text: string): number | undefined {
  const [, unit = ''] = durationPattern.exec(text) ?? [];
  const time = Number.parseInt(text, 10) * (milliseconds[unit] ?? Number.NaN);
  return time <= longestDuration ? time : undefined;
}
