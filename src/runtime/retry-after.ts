/**
 * How long a server asks to wait, in milliseconds: seconds, or a date (RFC 9110, 10.2.3). A date is of the server's clock, which
 * its `Date` tells; without one, this machine's has to do.
 *
 * @param now milliseconds since the epoch
 * @returns undefined for no header, and for one that is neither
 */
export function retryAfter(headers: Readonly<Record<string, unknown>>, now: number): number | undefined {
  const text = first(headers['retry-after']);
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const until = dateOf(text);
  if (until === undefined) return undefined;
  return Math.max(0, until - (dateOf(first(headers['date'])) ?? now));
}

function first(header: unknown): string {
  const [text] = [header].flat();
  return typeof text === 'string' ? text.trim() : '';
}

/** An IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT`, the one form that is sent today. */
function dateOf(text: string): number | undefined {
  const isDate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(text);
  const time = isDate ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
