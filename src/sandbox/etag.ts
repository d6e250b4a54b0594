/** The time an `If-None-Match` stands for; one that ZMS cannot read (`W/"…"`, `*`, a list) counts as not sent. */
export function since(ifNoneMatch: string | undefined): number {
  const text = ifNoneMatch?.replace(/^"(.*)"$/, '$1') ?? '';
  const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
  const time = rfc3339.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time;
}

/** A stamp as an ETag. */
export function quote(stamp: string): string {
  return `"${stamp}"`;
}
