import { createHash } from 'node:crypto';
import type { Permission } from '../model/access.ts';
import { type Subject, subjectKey } from '../model/grant.ts';
import { isDrifted } from './classify.ts';
import type { ComparedBinding } from './sides.ts';

/** One question to the API server, and what it has to answer when RBAC is as git and Athenz say. */
export interface ProbeQuestion {
  readonly cluster: string;
  readonly namespace: string;
  readonly subject: Subject;
  readonly verb: string;
  /** API group; empty: the core group. */
  readonly group: string;
  readonly resource: string;
  readonly name?: string;
  readonly expected: boolean;
}

export interface ProbePlan {
  readonly questions: readonly ProbeQuestion[];
  /** Grants that were drawn and whose ClusterRole's rules are not known. */
  readonly skipped: number;
}

/** One subject of a binding that is the same in all three places. */
interface Bound {
  readonly cluster: string;
  readonly namespace: string;
  readonly permission: Permission;
  readonly subject: Subject;
}

/**
 * Draws grants and non-grants: whom a binding that is the same in all three places lets do something, and who is bound
 * elsewhere in the cluster but by nothing of ours in a namespace.
 *
 * @param amount of each, at most
 * @param salt decides which: the same one draws the same
 */
export function drawProbes(bindings: readonly ComparedBinding[], amount: number, salt: string): ProbePlan {
  const bound = bindings.flatMap((it): readonly Bound[] => {
    if (isDrifted(it) || it.live.kind !== 'value') return [];
    const { cluster, namespace } = it;
    const { permission, subjects } = it.live.value;
    return subjects.map((subject) => ({ cluster, namespace, permission, subject }));
  });
  const drawn = draw(bound.length, amount, `${salt} grants`).flatMap((index) => bound[index] ?? []);
  const grants = drawn.flatMap((it) => question(it, it.subject, true));
  return {
    questions: [...grants, ...drawStrangers(bindings, bound, amount, salt)],
    skipped: drawn.length - grants.length,
  };
}

function drawStrangers(
  bindings: readonly ComparedBinding[],
  bound: readonly Bound[],
  amount: number,
  salt: string,
): readonly ProbeQuestion[] {
  const known = subjectsByPlace(bindings);
  const found = new Map<string, ProbeQuestion>();
  // Most pairs are strangers; where few are, a share of them is as good.
  const tries = Math.min(bound.length ** 2, amount * 20);
  for (let at = 0; at < tries && found.size < amount; at++) {
    const place = bound[pick(bound.length, `${salt} place ${at}`)];
    const other = bound[pick(bound.length, `${salt} subject ${at}`)];
    if (place === undefined || other === undefined || place.cluster !== other.cluster) continue;
    const here = known.get(`${place.cluster}\0${place.namespace}`);
    const key = subjectKey(other.subject);
    if (here === undefined || here.has(key)) continue;
    for (const asked of question(place, other.subject, false)) {
      found.set(`${place.cluster}\0${place.namespace}\0${key}`, asked);
    }
  }
  return [...found.values()];
}

/** Whom anything of ours binds in a namespace, in any place; not set where one of them could not be read. */
function subjectsByPlace(bindings: readonly ComparedBinding[]): ReadonlyMap<string, ReadonlySet<string>> {
  const byPlace = Map.groupBy(bindings, ({ cluster, namespace }) => `${cluster}\0${namespace}`);
  return new Map(
    [...byPlace].flatMap(([place, group]) => {
      const sides = group.flatMap(({ athenz, git, live }) => [athenz, git, live]);
      if (sides.some((side) => side.kind === 'unknown')) return [];
      const subjects = sides.flatMap((side) => (side.kind === 'value' ? side.value.subjects : []));
      return [[place, new Set(subjects.map(subjectKey))] as const];
    }),
  );
}

/** Asks for one thing that the role allows; nothing where its rules are not known. A wildcard takes anything. */
function question({ cluster, namespace, permission }: Bound, subject: Subject, expected: boolean): ProbeQuestion[] {
  const who = { cluster, namespace, subject, expected };
  const { roleRef, rules } = permission;
  if (roleRef.kind === 'ClusterRole') {
    // What Kubernetes' own have in common; of others the rules are not read.
    const isKnown = ['view', 'edit', 'admin', 'cluster-admin'].includes(roleRef.name);
    return isKnown ? [{ ...who, verb: 'get', group: '', resource: 'pods' }] : [];
  }
  const [rule] = rules ?? [];
  if (rule === undefined) return [];
  const [verb = '', group = '', resource = ''] = [rule.verbs[0], rule.apiGroups[0], rule.resources[0]];
  const [name] = rule.resourceNames ?? [];
  return [
    {
      ...who,
      verb: verb === '*' ? 'get' : verb,
      group: group === '*' ? '' : group,
      resource: resource === '*' ? 'pods' : resource,
      ...(name === undefined ? {} : { name }),
    },
  ];
}

/** `amount` different indexes below `size`, or all of them. */
function draw(size: number, amount: number, salt: string): readonly number[] {
  if (size <= amount) return Array.from({ length: size }, (_, index) => index);
  const drawn = new Set<number>();
  for (let at = 0; drawn.size < amount; at++) drawn.add(pick(size, `${salt} ${at}`));
  return [...drawn];
}

function pick(size: number, salt: string): number {
  return createHash('sha256').update(salt).digest().readUIntBE(0, 6) % Math.max(1, size);
}
