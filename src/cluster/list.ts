import { AppError } from '../model/error.ts';
import type { ClusterSession } from './session.ts';
import { type Kind, type Page, parsePage } from './wire.ts';

/** As many as kubectl asks for: about 2 MB of RoleBindings. */
const pageSize = 500;

/** A million objects: beyond that a server does not end its list. */
const maxPages = 2000;

/** Times a list is started over when it takes longer than the server keeps its state (five minutes by default). */
const restarts = 3;

/** Reads the first entry of a list: whether it may be read at all. @throws AppError `CLUSTER_…` */
export async function tryList<T>(session: ClusterSession, { what, path, kind }: Listing<T>): Promise<void> {
  const doing = `listing ${what}`;
  await session.ask(doing, { path: `${path}?limit=1` }, (body) => parsePage(body, kind, doing));
}

/** What is listed: `/api/v1/namespaces`, or a kind of the RBAC group in one namespace or in all. */
export interface Listing<T> {
  /** For messages: `the RoleBindings of cluster prod`. */
  readonly what: string;
  readonly path: string;
  readonly kind: Kind<T>;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/**
 * Reads a whole list, page by page. What it gives is complete: a page that fails fails the list, and where the server has
 * dropped the list's state (410) it starts over.
 *
 * @throws AppError `CLUSTER_…`
 */
export async function readList<T extends Named>(session: ClusterSession, listing: Listing<T>): Promise<readonly T[]> {
  for (let begun = 1; ; begun++) {
    const items = await readPages(session, listing);
    if (items !== undefined) return items;
    if (begun > restarts) {
      throw new AppError('CLUSTER_UNAVAILABLE', `listing ${listing.what}: list expired (410 Gone)`, {
        next: 'try again when the API server is less busy',
      });
    }
  }
}

/** Undefined when the server has dropped the list. */
async function readPages<T extends Named>(
  session: ClusterSession,
  listing: Listing<T>,
): Promise<readonly T[] | undefined> {
  const doing = `listing ${listing.what}`;
  const items: T[] = [];
  const tokens = new Set<string>();
  const names = new Set<string>();
  for (let token = '', pages = 1; pages <= maxPages; pages++) {
    const page = await readPage(session, listing, token, doing);
    if (page === 'expired') return undefined;
    const before = names.size;
    for (const { namespace = '', name } of page.items) names.add(`${namespace}/${name}`);
    items.push(...page.items);
    if (page.next === '') return items;
    // A page may be empty, where everything in it is filtered out.
    if (tokens.has(page.next) || (page.items.length > 0 && names.size === before)) {
      throw endless(`${doing}: the server returned the same page twice`);
    }
    tokens.add(page.next);
    token = page.next;
  }
  throw endless(`${doing}: the server returned more than ${maxPages} pages`);
}

function endless(message: string): AppError {
  return new AppError('CLUSTER_BAD_RESPONSE', message, { next: 'check the server of the kubeconfig' });
}

/** What is listed has a name, in a namespace or not. */
interface Named {
  readonly namespace?: string;
  readonly name: string;
}

async function readPage<T>(
  session: ClusterSession,
  { path, kind, labelSelector, fieldSelector }: Listing<T>,
  token: string,
  doing: string,
): Promise<Page<T> | 'expired'> {
  const query = new URLSearchParams({ limit: String(pageSize) });
  if (labelSelector !== undefined) query.set('labelSelector', labelSelector);
  if (fieldSelector !== undefined) query.set('fieldSelector', fieldSelector);
  if (token !== '') query.set('continue', token);
  try {
    return await session.ask(doing, { path: `${path}?${query}` }, (body) => parsePage(body, kind, doing));
  } catch (error) {
    if (error instanceof AppError && error.code === 'CLUSTER_EXPIRED' && token !== '') return 'expired';
    throw error;
  }
}
