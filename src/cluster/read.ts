import pLimit from 'p-limit';
import type { LiveBinding, LiveCluster, LiveNamespace, LiveObjects, LiveRole } from '../model/cluster.ts';
import { AppError, type Problem, toProblem } from '../model/error.ts';
import type { Outcome } from '../model/outcome.ts';
import { compareText } from '../model/text.ts';
import { type Listing, readList, tryList } from './list.ts';
import type { ClusterSession } from './session.ts';
import { bindings, type Kind, namespaces, roles } from './wire.ts';

type Objects = Pick<LiveCluster, 'namespaces'>['namespaces'];

/**
 * Reads the Roles and RoleBindings of a cluster: in a list of each where the identity may list them all, else namespace by
 * namespace. What could not be read is `unknown` and never taken for empty.
 *
 * @param wanted namespaces to tell of in any case
 * @param selector of labels that a RoleBinding must have to count
 * @throws AppError `CLUSTER_…` when the cluster could not be read at all
 */
export async function readRbacObjects(
  session: ClusterSession,
  wanted: readonly string[],
  selector?: string,
): Promise<Objects> {
  const names = await readNamespaceNames(session);
  const all = await unlessForbidden(() => readEverywhere(session, selector));
  if (all !== undefined) return sorted(wanted, names, all);
  const limit = pLimit(16);
  const read = await Promise.all(
    wanted.map((name) => limit(async () => [name, await readNamespace(session, name, names, selector)] as const)),
  );
  throwIfNothing(read.map(([, outcome]) => outcome));
  return new Map(read);
}

/** Where not one namespace could be read, the cluster was not. */
function throwIfNothing(read: readonly Outcome<LiveObjects>[]): void {
  const [first] = read;
  if (first?.kind !== 'unknown' || read.some(({ kind }) => kind !== 'unknown')) return;
  const { code, message, next } = first.problem;
  throw new AppError(code, message, next === undefined ? {} : { next });
}

/** The namespaces there are. @throws AppError `CLUSTER_…` */
export function listNamespaces(session: ClusterSession, selector: string | null): Promise<readonly LiveNamespace[]> {
  return readList(session, { ...allNamespaces(session), ...(selector === null ? {} : { labelSelector: selector }) });
}

function allNamespaces({ cluster }: ClusterSession): Listing<LiveNamespace> {
  return { what: `the namespaces of cluster ${cluster}`, path: '/api/v1/namespaces', kind: namespaces };
}

/** @param within empty: all namespaces; else `/namespaces/<name>` */
function rbacListing<T>(kind: Kind<T>, resource: 'roles' | 'rolebindings', within: string, where: string): Listing<T> {
  const what = `the ${resource === 'roles' ? 'Roles' : 'RoleBindings'}${where}`;
  return { what, path: `/apis/rbac.authorization.k8s.io/v1${within}/${resource}`, kind };
}

/**
 * Whether all that is ever read of a cluster may be read.
 *
 * @returns what may not, or could not; empty when all of it may
 */
export async function tryLists(session: ClusterSession): Promise<readonly Problem[]> {
  const where = ` of cluster ${session.cluster}`;
  const tries = [
    tryList(session, allNamespaces(session)),
    tryList(session, rbacListing(roles, 'roles', '', where)),
    tryList(session, rbacListing(bindings(), 'rolebindings', '', where)),
  ];
  const ended = await Promise.allSettled(tries);
  return ended.flatMap((it) => (it.status === 'rejected' ? [toProblem(it.reason)] : []));
}

/** Undefined where they may not be listed: then it is not known which are absent. */
async function readNamespaceNames(session: ClusterSession): Promise<ReadonlySet<string> | undefined> {
  const list = await unlessForbidden(() => listNamespaces(session, null));
  return list && new Set(list.map(({ name }) => name));
}

async function readEverywhere(
  session: ClusterSession,
  selector: string | undefined,
): Promise<ReadonlyMap<string, LiveObjects>> {
  const objects = await readBoth(session, '', ` of cluster ${session.cluster}`, selector);
  const found = new Map<string, { bindings: LiveBinding[]; roles: LiveRole[] }>();
  const at = (namespace: string) => {
    const known = found.get(namespace) ?? { bindings: [], roles: [] };
    found.set(namespace, known);
    return known;
  };
  for (const it of objects.bindings) at(it.namespace).bindings.push(it);
  for (const it of objects.roles) at(it.namespace).roles.push(it);
  return found;
}

async function readNamespace(
  session: ClusterSession,
  name: string,
  names: ReadonlySet<string> | undefined,
  selector: string | undefined,
): Promise<Outcome<LiveObjects>> {
  if (names?.has(name) === false) return { kind: 'absent' };
  try {
    const within = `/namespaces/${encodeURIComponent(name)}`;
    const where = ` in ${name} of cluster ${session.cluster}`;
    return { kind: 'value', value: await readBoth(session, within, where, selector) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { kind: 'unknown', problem: toProblem(error) };
  }
}

/** Bindings first: a Role that is made in between is there for its binding, not the other way around. */
async function readBoth(
  session: ClusterSession,
  within: string,
  where: string,
  selector: string | undefined,
): Promise<LiveObjects> {
  const labels = selector === undefined ? {} : { labelSelector: selector };
  const found = {
    bindings: await readList(session, { ...rbacListing(bindings(), 'rolebindings', within, where), ...labels }),
    roles: await readList(session, rbacListing(roles, 'roles', within, where)),
  };
  return { bindings: byName(found.bindings), roles: byName(found.roles) };
}

function byName<T extends { readonly name: string }>(items: readonly T[]): readonly T[] {
  return items.toSorted((a, b) => compareText(a.name, b.name));
}

function sorted(
  wanted: readonly string[],
  names: ReadonlySet<string> | undefined,
  found: ReadonlyMap<string, LiveObjects>,
): Objects {
  const all = [...new Set([...wanted, ...found.keys()])].sort(compareText);
  return new Map(
    all.map((name): readonly [string, Outcome<LiveObjects>] => {
      const value = found.get(name);
      if (value !== undefined) return [name, { kind: 'value', value }];
      return [
        name,
        names?.has(name) === false ? { kind: 'absent' } : { kind: 'value', value: { bindings: [], roles: [] } },
      ];
    }),
  );
}

async function unlessForbidden<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof AppError && error.code === 'CLUSTER_FORBIDDEN') return undefined;
    throw error;
  }
}
