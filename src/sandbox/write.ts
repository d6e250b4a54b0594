import type { z } from 'zod';
import { isAllowed } from './allowed.ts';
import { type Answer, containerError, zmsError } from './answer.ts';
import type { Call, Handle } from './call.ts';
import { badName, type NameType } from './names.ts';
import type { DomainStore } from './store.ts';

/** Where writes are carried out. */
export interface Desk {
  readonly store: DomainStore;
  readonly now: () => number;
}

/** What the caller must be allowed to do. */
type Need = readonly [action: string, resource: string];

/** A write of ZMS' API. */
export interface Write<T> {
  /** The types of the names in the path. */
  readonly names: readonly NameType[];
  /** What is read of the body; a write without one has none. */
  readonly body?: z.ZodType<T>;
  /** Left out where the write itself decides who may. */
  readonly needs?: (...names: readonly string[]) => Need;
  /** Names come in lower case. */
  readonly carryOut: (desk: Desk, call: Call, body: T, ...names: readonly string[]) => Answer;
}

/** Puts ZMS' own order around a write: what is no JSON, then no such domain, then who may, then wrong names. */
export function write<T>(desk: Desk, { names: types, body: shape, needs, carryOut }: Write<T>): Handle {
  return (call, ...given) => {
    const body = shape === undefined ? { data: undefined as T } : readBody(shape, call.body);
    if (body === undefined) return notAnObject;
    const names = given.map((name) => name.toLowerCase());
    const refused = needs && unmet(desk, call, needs(...names));
    return refused ?? badName(types, given) ?? carryOut(desk, call, body.data, ...names);
  };
}

/** The refusal of a caller that may not do this; the container answers where there is no domain to ask. */
function unmet({ store, now }: Desk, call: Call, [action, resource]: Need): Answer | undefined {
  const entry = store.get(resource.split(':', 1)[0] ?? '');
  if (entry === undefined) return containerError(404, call);
  if (!entry.domain.enabled) return containerError(403, call);
  return mayDo({ store, now }, call, action, resource) ? undefined : zmsError(403, 'Forbidden');
}

export function mayDo({ store, now }: Desk, { principal }: Call, action: string, resource: string): boolean {
  return isAllowed(store.get, { principal, now: now() }, action, resource);
}

/**
 * The refusal of a write without `Y-Audit-Ref` in a domain that wants one.
 *
 * @param write as ZMS' messages call it: `putrole`
 */
export function unaudited({ store }: Desk, { auditRef }: Call, write: string, domain: string): Answer | undefined {
  const needed = store.get(domain)?.domain.auditEnabled === true && (auditRef ?? '') === '';
  return needed ? zmsError(400, `${write}: Audit reference required for domain: ${domain}`) : undefined;
}

const rdl = 'https://github.com/AthenZ/athenz/tree/master/core/zms/src/main/rdl';
const notAnObject = zmsError(400, `Invalid Object: checkout ${rdl} for object definitions`);

function readBody<T>(shape: z.ZodType<T>, text: string): { readonly data: T } | undefined {
  try {
    const read = shape.safeParse(JSON.parse(text));
    return read.success ? { data: read.data } : undefined;
  } catch {
    return undefined;
  }
}
