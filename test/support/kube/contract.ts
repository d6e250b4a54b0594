import { type ContractCall, type ContractUser, contractCalls, pagedLists } from './contract-calls.ts';

export interface RawAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Sends one request as one user to the server that is described. */
export type ContractClient = (call: ContractCall) => Promise<RawAnswer>;

/** What a server says to each call of the script, without what differs between two servers that hold the same objects. */
export async function describeServer(client: ContractClient): Promise<Readonly<Record<string, unknown>>> {
  const described: Record<string, unknown> = {};
  for (const call of contractCalls) {
    const { status, contentType, body } = await client(call);
    const name = [call.user, call.method, call.path, call.body].filter((part) => part !== undefined).join(' ');
    described[name] = { status, contentType, body: normalised(contentType, body) };
  }
  for (const list of pagedLists) {
    for (const limit of [1, 2, 500]) described[`${limit} a page ${list}`] = await pagesOf(client, list, limit);
  }
  return described;
}

/** More than any list of the contract has. */
const mostPages = 50;

interface Page {
  readonly metadata: { readonly continue?: string; readonly remainingItemCount?: number };
  readonly items: readonly { readonly metadata: { readonly namespace?: string; readonly name: string } }[];
}

/** The names on each page, and how many were left. */
async function pagesOf(client: ContractClient, list: string, limit: number): Promise<readonly unknown[]> {
  const user: ContractUser = 'reader';
  const pages: unknown[] = [];
  let token: string | undefined = '';
  while (token !== undefined) {
    const query: string = `limit=${limit}&continue=${encodeURIComponent(token)}`;
    const { body } = await client({ user, method: 'GET', path: `${list}${list.includes('?') ? '&' : '?'}${query}` });
    const { metadata, items } = JSON.parse(body) as Page;
    const names = items.map((item) => `${item.metadata.namespace ?? ''}/${item.metadata.name}`);
    pages.push({ names, left: metadata.remainingItemCount ?? 'untold' });
    token = metadata.continue;
    if (pages.length > mostPages) throw new Error(`${list} does not end`);
  }
  return pages;
}

const changing: readonly string[] = ['uid', 'resourceVersion', 'creationTimestamp', 'time'];

function normalised(contentType: string, body: string): unknown {
  if (!contentType.startsWith('application/json')) return body;
  return JSON.parse(body, function (this: { kind?: unknown }, key, value: unknown) {
    if (changing.includes(key)) return undefined;
    if (key === 'continue') return '…';
    // Of a review the server says who sent it.
    if (key === 'metadata' && this.kind === 'SubjectAccessReview') return {};
    return value;
  });
}
