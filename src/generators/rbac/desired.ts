import type { Desired, DesiredFile } from '../../core/decision.ts';
import type { RoleAccess, Subject } from '../../model/grant.ts';
import { compareText } from '../../model/text.ts';
import { blobId, type ObjectFormat } from '../../model/tree.ts';
import type { PlanContext } from './context.ts';
import { notesOn } from './notes.ts';
import { joined, type RoleToRender, renderPieces } from './render.ts';

/** The roles of one file of a namespace, in their order. */
export interface Draft extends DesiredFile {
  readonly roles: readonly RoleAccess[];
}

/** A namespace as Athenz alone says it is to be. */
export type DesiredNamespace = Desired<readonly Draft[]>;

/**
 * Groups the resolved roles of one namespace into its files, and renders those that are known.
 *
 * @param roles at least one, all of the same namespace
 * @param at milliseconds since the epoch: expiring grants are reported as of then
 */
export function desiredNamespace(context: PlanContext, roles: readonly RoleAccess[], at: number): DesiredNamespace {
  const [first] = roles;
  if (first === undefined) throw new TypeError('a namespace without roles has no files');
  const sorted = [...roles].sort((a, b) => compareText(a.role, b.role));
  const files = [...Map.groupBy(sorted, (role) => context.layout.pathOf(role))]
    .sort(([a], [b]) => compareText(a, b))
    .map(([path, own]): Draft => ({ path, roles: own, ...renderKnown(context, own) }));
  const unconfirmed = new Set(roles.flatMap(({ outcome }) => (outcome.kind === 'unknown' ? [] : outcome.unconfirmed)));
  return {
    unit: { cluster: first.cluster, namespace: first.namespace },
    files,
    ...(unconfirmed.size === 0 ? {} : { unconfirmed: [...unconfirmed] }),
    weight: roles.reduce((sum, { outcome }) => sum + (outcome.kind === 'value' ? outcome.grants.length : 0), 0),
    ...nextExpiry(roles, at),
    notes: notesOn(sorted, at),
    state: files,
  };
}

/** When the first of these grants ends: another way into the role may outlast one. */
function nextExpiry(roles: readonly RoleAccess[], at: number): { readonly expires?: number } {
  let next = Number.POSITIVE_INFINITY;
  for (const { outcome } of roles) {
    for (const { expires } of outcome.kind === 'value' ? outcome.grants : []) {
      const time = expires === undefined ? Number.NaN : Date.parse(expires);
      if (time > at && time < next) next = time;
    }
  }
  return Number.isFinite(next) ? { expires: next } : {};
}

function renderKnown(context: PlanContext, roles: readonly RoleAccess[]): Pick<Draft, 'rendered'> {
  if (roles.some((role) => role.outcome.kind === 'unknown')) return {};
  const pieces = renderPieces(
    context.render,
    roles.map((access): RoleToRender => {
      const config = context.roleConfig(access.cluster, access.role);
      if (config === undefined) throw new TypeError(`role ${access.role} of ${access.cluster} is not configured`);
      const { cluster, namespace, domain } = access;
      return { cluster, namespace, domain, config, subjects: subjectsOf(access) };
    }),
  );
  return { rendered: new RenderedText(pieces, context.objectFormat) };
}

/** A text that is put together again when it is asked for: few are, once their id is known. */
class RenderedText {
  readonly #pieces: readonly string[];
  readonly oid: string;

  constructor(pieces: readonly string[], format: ObjectFormat) {
    this.#pieces = pieces;
    this.oid = blobId(this.text, format);
  }

  get text(): string {
    return joined(this.#pieces);
  }
}

/** Whom a role gives access, by Athenz alone; nobody when it is absent or unknown. */
export function subjectsOf({ outcome }: RoleAccess): readonly Subject[] {
  return outcome.kind === 'value' ? outcome.grants.map((grant) => grant.subject) : [];
}
