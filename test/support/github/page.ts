import { type Answer, ok } from './answer.ts';
import type { Json } from './json.ts';
import type { Call } from './route.ts';

/** The asked-for page of a list, with links to the others. */
export function page<T>(call: Call, all: readonly T[], render: (item: T) => Json): Answer {
  const { items, headers } = cut(call, all);
  return ok(items.map(render), headers);
}

/** As `page`, for lists that are part of something. */
export function cut<T>(
  { url, query }: Call,
  all: readonly T[],
): { readonly items: readonly T[]; readonly headers: Readonly<Record<string, string>> } {
  const size = Math.min(Math.max(Number(query.get('per_page') ?? 30), 1), 100);
  const number = Math.max(Number(query.get('page') ?? 1), 1);
  const last = Math.max(Math.ceil(all.length / size), 1);
  const link = (to: number, rel: string): string => {
    const target = new URL(url);
    target.searchParams.set('page', String(to));
    return `<${target}>; rel="${rel}"`;
  };
  const links = [
    ...(number > 1 ? [link(number - 1, 'prev')] : []),
    ...(number < last ? [link(number + 1, 'next'), link(last, 'last')] : []),
    ...(number > 1 ? [link(1, 'first')] : []),
  ];
  const items = all.slice((number - 1) * size, number * size);
  return { items, headers: links.length > 0 ? { Link: links.join(', ') } : {} };
}
