import { createHash } from 'node:crypto';
import { encodePath, isAtOrBelow } from '../model/path.ts';
import type { GroupBy } from '../model/proposal.ts';
import { compareText } from '../model/text.ts';
import type { Change, Notes } from './change.ts';
import { type Generator, isPrimary } from './generator.ts';
import type { Plan } from './plan.ts';
import type { StaleKustomization } from './stale.ts';
import type { UnitId } from './unit.ts';

/** What one proposed change covers: a part of a plan that is reviewed and merged as a whole. */
export interface Scope<D = unknown>
  extends Pick<
    Plan<D>,
    'files' | 'changes' | 'kept' | 'held' | 'notes' | 'totals' | 'approved' | 'staleKustomizations' | 'proofs'
  > {
  /** `all`, a cluster, or `cluster/namespace`. */
  readonly key: string;
  /** What texts call it: the key, after the generator's name unless that is the primary one. */
  readonly label: string;
  /** `sha256:…` of the files actual and desired, the changes, and what was approved; the same plan gives the same. */
  readonly digest: string;
}

/** How a plan is split. */
export interface SplitOptions {
  readonly groupBy: GroupBy;
  /** A scope with more is split further, into parts of its namespaces. */
  readonly maxFiles?: number;
}

/** What is proposed together: `plan` shows what `sync` proposes. Only a pull request has a size. */
export function proposedScopes<D>(
  plan: Plan<D>,
  generator: Splits<D>,
  { kind, groupBy, maxFilesPerPullRequest: maxFiles }: ForgeLike,
): readonly Scope<D>[] {
  return splitScopes(plan, generator, kind === 'github' ? { groupBy, maxFiles } : { groupBy });
}

interface ForgeLike {
  readonly kind: string;
  readonly groupBy: GroupBy;
  readonly maxFilesPerPullRequest: number;
}

type Splits<D> = Pick<Generator<unknown, unknown, unknown, D>, 'name' | 'schema' | 'digestOf'>;

/**
 * Splits a plan into what is proposed together. Every configured cluster has its scope, with or without changes, so that
 * a proposal that is no longer needed is seen; a namespace has one when the plan has an entry for it.
 */
export function splitScopes<D>(
  plan: Plan<D>,
  generator: Splits<D>,
  { groupBy, maxFiles = Number.POSITIVE_INFINITY }: SplitOptions,
): readonly Scope<D>[] {
  const wholeOf = (unit: UnitId) => scopeKey(groupBy, unit);
  const keyOf = partitioned(plan.files, wholeOf, maxFiles);
  const keys = new Set<string>(groupBy === 'all' ? ['all'] : []);
  if (groupBy === 'cluster') for (const { cluster } of plan.totals) keys.add(cluster);
  for (const unit of plan.files) keys.add(keyOf(unit));
  if (groupBy === 'namespace') for (const unit of plan.staleKustomizations) keys.add(wholeOf(unit));
  // A proof alone makes none: where a cluster was not read, that would be a scope with nothing to do.
  for (const unit of [...plan.held, ...plan.kept]) {
    if (groupBy === 'namespace' || keyOf(unit) !== wholeOf(unit)) keys.add(keyOf(unit));
  }
  const parts = {
    files: Map.groupBy(plan.files, keyOf),
    changes: Map.groupBy(plan.changes, keyOf),
    kept: Map.groupBy(plan.kept, keyOf),
    held: Map.groupBy(plan.held, keyOf),
    approved: Map.groupBy(plan.approved, keyOf),
    proofs: Map.groupBy(plan.proofs, keyOf),
  };
  const notes = Object.entries(plan.notes).map(([name, list]) => [name, Map.groupBy(list, keyOf)] as const);
  return [...keys].sort(compareText).map((key): Scope<D> => {
    const files = parts.files.get(key) ?? [];
    const changes = parts.changes.get(key) ?? [];
    const approved = parts.approved.get(key) ?? [];
    const own: Notes = Object.fromEntries(notes.map(([name, lists]) => [name, lists.get(key) ?? []]));
    let digest: string | undefined;
    return {
      key,
      label: isPrimary(generator) ? key : `${generator.name} ${key}`,
      files,
      changes,
      kept: parts.kept.get(key) ?? [],
      held: parts.held.get(key) ?? [],
      notes: own,
      totals: plan.totals.filter(
        ({ cluster }) => groupBy === 'all' || key === cluster || key.startsWith(`${cluster}/`),
      ),
      approved,
      staleKustomizations: plan.staleKustomizations.filter((it) => wholeOf(it) === key || concerns(it, files)),
      proofs: parts.proofs.get(key) ?? [],
      // Only a proposal has to be named.
      get digest() {
        digest ??= digestLines(files, changes, (it) => generator.digestOf?.(it) ?? `${it.effect}\0${it.id}`, approved);
        return digest;
      },
    };
  });
}

/** Whether a kustomization has to be changed with some files. */
function concerns({ missing, unlisted }: StaleKustomization, files: Scope['files']): boolean {
  const names = [...missing, ...unlisted];
  return files.some(({ path }) => names.some((name) => isAtOrBelow(name, path)));
}

type KeyOf = (unit: UnitId) => string;

/**
 * Divides what is too much for one scope by the first digits of a hash of the namespace: a namespace stays in its part
 * whatever else changes, as long as there is as much to divide.
 */
function partitioned(files: readonly UnitId[], keyOf: KeyOf, maxFiles: number): KeyOf {
  const digits = new Map<string, number>();
  for (const [key, own] of Map.groupBy(files, keyOf)) {
    if (own.length <= maxFiles) continue;
    const largest = (length: number) =>
      Math.max(...[...Map.groupBy(own, (it) => hashOf(it).slice(0, length)).values()].map((part) => part.length));
    digits.set(key, [1, 2, 3].find((length) => largest(length) <= maxFiles) ?? 4);
  }
  return (unit) => {
    const key = keyOf(unit);
    const length = digits.get(key);
    const whole = length === undefined || unit.namespace === undefined;
    return whole ? key : `${key}/part-${hashOf(unit).slice(0, length)}`;
  };
}

function hashOf({ cluster, namespace = '' }: UnitId): string {
  return createHash('sha256').update(`${cluster}/${namespace}`).digest('hex');
}

function scopeKey(groupBy: GroupBy, { cluster, namespace }: UnitId): string {
  switch (groupBy) {
    case 'all':
      return 'all';
    case 'cluster':
      return cluster;
    case 'namespace':
      // What concerns a whole cluster belongs to none of its namespaces.
      return namespace === undefined ? cluster : `${cluster}/${namespace}`;
  }
}

/** Names a proposal by its contents: another base file or another change gives another digest; time does not. */
function digestLines<D>(
  files: Scope['files'],
  changes: readonly Change<D>[],
  lineOf: (change: Change<D>) => string,
  approved: Scope['approved'],
): string {
  const hash = createHash('sha256');
  for (const { path, before, after } of files)
    hash.update(encodePath(`${path}\0${before ?? 'new'}\0${after?.formerOid ?? 'deleted'}\n`));
  for (const change of changes) hash.update(`${lineOf(change)}\n`);
  for (const { digest } of approved) hash.update(`let through\0${digest}\n`);
  return `sha256:${hash.digest('hex')}`;
}
