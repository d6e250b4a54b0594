import { expired, readToken, writeToken } from './continue-token.ts';
import type { Kind, KubeObject } from './object.ts';
import { parseSelector } from './selector.ts';
import { type Answer, badRequest, json, Refusal } from './status.ts';
import type { State, Store } from './store.ts';

/** A list, or one page of it. @param namespace empty: of the whole cluster */
export function list(store: Store, kind: Kind, namespace: string, query: URLSearchParams): Answer {
  const limit = limitOf(query);
  const labels = query.get('labelSelector') ?? '';
  const fields = query.get('fieldSelector') ?? '';
  const selects = parseSelector(labels);
  const selectsToo = parseFields(kind, fields);
  const { state, start } = beginning(store, query);
  const prefix = namespace === '' ? '' : Buffer.from(`${namespace}/`).toString('latin1');
  const candidates = state.shelf(kind.kind).filter(([key]) => key.startsWith(prefix) && key >= prefix + start);
  const found = candidates.filter(([, object]) => selects(object.metadata.labels ?? {}) && selectsToo(object));
  const page = limit > 0 ? found.slice(0, limit) : found;
  // A full page has a next one where anything is left, matching or not: that one may turn out to be empty.
  const lastOf = page.at(-1);
  const isFull = limit > 0 && page.length === limit && lastOf !== undefined;
  const rest = isFull ? candidates.length - candidates.indexOf(lastOf) - 1 : 0;
  const last = lastOf?.[0].slice(prefix.length) ?? '';
  if (rest > 0 && state === store.current()) store.keep();
  const next = Buffer.from(`${last}\0`, 'latin1').toString('utf8');
  return json(200, {
    kind: `${kind.kind}List`,
    apiVersion: kind.apiVersion,
    metadata: {
      resourceVersion: String(state.revision),
      ...(rest > 0 ? { continue: writeToken({ revision: state.revision, start: next }) } : {}),
      // How many match is not counted.
      ...(rest > 0 && labels === '' && fields === '' ? { remainingItemCount: rest } : {}),
    },
    items: page.map(([, { apiVersion: _, kind: __, ...object }]) => object),
  });
}

function limitOf(query: URLSearchParams): number {
  const text = query.get('limit') ?? '';
  if (text === '') return 0;
  const wrong = (what: string) => badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${what}`);
  if (!/^[+-]?\d+$/.test(text)) throw wrong('invalid syntax');
  if (BigInt(text) > 2n ** 63n - 1n) throw wrong('value out of range');
  return Number(text);
}

export function parseFields(kind: Kind, text: string): (object: KubeObject) => boolean {
  const wanted = text
    .split(',')
    .filter((term) => term !== '')
    .map((term) => term.split(/==?/));
  for (const [field = ''] of wanted) {
    if (field === 'metadata.name' || (field === 'metadata.namespace' && kind.namespaced)) continue;
    const only = ': only "metadata.name", "metadata.namespace"';
    throw badRequest(
      kind.namespaced
        ? `${JSON.stringify(field)} is not a known field selector${only}`
        : `field label not supported: ${field}`,
    );
  }
  return ({ metadata }) =>
    wanted.every(([field, value]) => value === (field === 'metadata.name' ? metadata.name : metadata.namespace));
}

/** What is listed, and from which key on. */
function beginning(store: Store, query: URLSearchParams): { readonly state: State; readonly start: string } {
  const version = query.get('resourceVersion') ?? '';
  const token = query.get('continue') ?? '';
  if (token !== '') {
    if (version !== '' && version !== '0')
      throw badRequest('specifying resource version is not allowed when using continue');
    const read = readToken(token);
    const state = read.revision === -1 ? store.current() : store.at(read.revision);
    if (state === undefined) throw expired(read);
    return { state, start: Buffer.from(read.start.replace(/^\/+/, '')).toString('latin1') };
  }
  if (!/^\d*$/.test(version)) {
    const told = `Invalid value: ${JSON.stringify(version)}: strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`;
    throw badRequest(`invalid resource version: resourceVersion: ${told}`);
  }
  const state = store.current();
  if (Number(version) > state.revision) {
    const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
    const message = `Timeout: Too large resource version: ${version}, current: ${state.revision}`;
    throw new Refusal({ code: 504, reason: 'Timeout', message, details: { causes } });
  }
  return { state, start: '' };
}
