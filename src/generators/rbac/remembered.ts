import type { Notes } from '../../core/change.ts';
import type { Desired, Recalled } from '../../core/decision.ts';
import type { UnitId } from '../../core/unit.ts';
import type { RoleAccess } from '../../model/grant.ts';
import { withFormerHeader } from '../../model/manifest.ts';
import { blobId, type ObjectFormat } from '../../model/tree.ts';
import type { Surroundings } from './documents.ts';
import { soon } from './notes.ts';

/** A namespace as it was resolved and rendered, and while it stays so. As JSON, in the files of the memo. */
export interface Remembered extends Conditions, Content {}

/** While a namespace stays as it was. */
export interface Conditions {
  /** Every domain it was resolved from, with its stamp; null for one that the list did not have. */
  readonly needs: readonly (readonly [domain: string, modified: string | null])[];
  /** Milliseconds since the epoch: from when, and until when. */
  readonly since: number;
  readonly until?: number;
}

/** What was made of a namespace. */
export interface Content {
  readonly files: Recalled['files'];
  readonly weight: number;
  readonly notes?: Notes;
  readonly unconfirmed?: readonly string[];
  readonly expires?: number;
}

/** What a run compares with what is remembered. */
export interface Now {
  /** The stamp of a domain in this run's list. */
  stampOf(domain: string): string | undefined;
  /** The instant that is planned for, milliseconds since the epoch. */
  readonly at: number;
}

/**
 * What may be remembered of a namespace; undefined where a part of it could not be read, or is newer than the list: what is unknown is
 * never remembered.
 *
 * @param roles what it was made from
 * @param surroundings the domains that those were resolved from
 */
export function toRemembered(
  desired: Desired,
  roles: readonly RoleAccess[],
  { names, lookup }: Surroundings,
  { stampOf, at }: Now,
  format: ObjectFormat,
): Remembered | undefined {
  if (!names.every((name) => isExact(lookup(name), stampOf(name)))) return undefined;
  const files = desired.files.flatMap(({ path, rendered }) => {
    if (rendered === undefined) return [];
    return [{ path, oids: [rendered.oid, blobId(withFormerHeader(rendered.text), format)] }];
  });
  if (files.length < desired.files.length) return undefined;
  const until = nextChange(roles, at);
  const { weight, notes, unconfirmed, expires } = desired;
  return {
    needs: names.map((name) => [name, stampOf(name) ?? null] as const),
    since: at,
    ...(until === undefined ? {} : { until }),
    files,
    weight,
    ...(notes === undefined || Object.values(notes).every(({ length }) => length === 0) ? {} : { notes }),
    ...(unconfirmed === undefined ? {} : { unconfirmed }),
    ...(expires === undefined ? {} : { expires }),
  };
}

/**
 * Whether a read is what a stamp says. A document may be newer than the list, which a replica that lags behind has given; and one
 * that could not be read counts too where nothing hangs on it now: a remark may, once it is read.
 */
function isExact(read: ReturnType<Surroundings['lookup']>, stamp: string | undefined): boolean {
  if (read.kind === 'value') return read.value.document.modified === stamp;
  return read.kind === 'absent' && stamp === undefined;
}

/** Whether nothing that a namespace depends on has changed. */
export function holds({ needs, since, until }: Conditions, { stampOf, at }: Now): boolean {
  if (at < since || (until !== undefined && at >= until)) return false;
  return needs.every(([domain, modified]) => (stampOf(domain) ?? null) === modified);
}

export function toRecalled(unit: UnitId, { files, weight, notes, unconfirmed, expires }: Content): Recalled {
  return {
    recalled: true,
    unit,
    files,
    weight,
    ...(notes === undefined ? {} : { notes }),
    ...(unconfirmed === undefined ? {} : { unconfirmed }),
    ...(expires === undefined ? {} : { expires }),
  };
}

/** When time alone changes something next: a way into a role ends, or a grant ends soon enough for a remark. */
function nextChange(roles: readonly RoleAccess[], at: number): number | undefined {
  const times = roles.flatMap(({ outcome }) => {
    if (outcome.kind !== 'value') return [];
    const ends = [...outcome.grants.flatMap(({ paths }) => paths), ...outcome.dropped.map(({ path }) => path)];
    return [
      ...ends.flatMap(({ expires }) => (expires === undefined ? [] : [Date.parse(expires)])),
      ...outcome.grants.flatMap(({ expires }) => (expires === undefined ? [] : [Date.parse(expires) - soon])),
    ];
  });
  return times.filter((time) => time > at).sort((a, b) => a - b)[0];
}
