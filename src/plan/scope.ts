import { createHash } from 'node:crypto';
import type { ForgeConfig, GroupBy } from '../config/types.ts';
import type { Plan, Scope, StaleKustomization } from '../model/change.ts';
import { compareText } from '../model/grant.ts';
import { encodePath } from '../model/path.ts';

interface Located {
  readonly cluster: string;
  readonly namespace?: string;
}

/**
 * Splits a plan into what is proposed together. Every configured cluster has its scope, with or without changes, so that
 * a proposal that is no longer needed is seen; namespaces have one when something is said of them.
 *
 * @param maxFiles a scope with more is split further, into parts of its namespaces
 */
export function splitScopes(plan: Plan, groupBy: GroupBy, maxFiles = Number.POSITIVE_INFINITY): readonly Scope[] {
  const wholeOf = (located: Located) => scopeKey(groupBy, located);
  const keyOf = partitioned(plan.files, wholeOf, maxFiles);
  const keys = new Set<string>(groupBy === 'all' ? ['all'] : []);
  if (groupBy === 'cluster') for (const { cluster } of plan.totals) keys.add(cluster);
  for (const located of plan.files) keys.add(keyOf(located));
  if (groupBy === 'namespace') for (const located of plan.staleKustomizations) keys.add(wholeOf(located));
  // A proof alone makes none: where nobody has looked, that would be a scope in which nothing is left to do.
  for (const located of [...plan.held, ...plan.kept]) {
    if (groupBy === 'namespace' || keyOf(located) !== wholeOf(located)) keys.add(keyOf(located));
  }
  const parts = {
    files: Map.groupBy(plan.files, keyOf),
    changes: Map.groupBy(plan.changes, keyOf),
    kept: Map.groupBy(plan.kept, keyOf),
    held: Map.groupBy(plan.held, keyOf),
    dropped: Map.groupBy(plan.dropped, keyOf),
    skippedMembers: Map.groupBy(plan.skippedMembers, keyOf),
    expiring: Map.groupBy(plan.expiring, keyOf),
    letThrough: Map.groupBy(plan.letThrough, keyOf),
    emptied: Map.groupBy(plan.emptied, keyOf),
    proofs: Map.groupBy(plan.proofs, keyOf),
  };
  return [...keys].sort(compareText).map((key): Scope => {
    const files = parts.files.get(key) ?? [];
    const changes = parts.changes.get(key) ?? [];
    const letThrough = parts.letThrough.get(key) ?? [];
    return {
      key,
      files,
      changes,
      kept: parts.kept.get(key) ?? [],
      held: parts.held.get(key) ?? [],
      dropped: parts.dropped.get(key) ?? [],
      skippedMembers: parts.skippedMembers.get(key) ?? [],
      expiring: parts.expiring.get(key) ?? [],
      totals: plan.totals.filter(
        ({ cluster }) => groupBy === 'all' || key === cluster || key.startsWith(`${cluster}/`),
      ),
      letThrough,
      staleKustomizations: plan.staleKustomizations.filter((it) => wholeOf(it) === key || concerns(it, files)),
      emptied: parts.emptied.get(key) ?? [],
      proofs: parts.proofs.get(key) ?? [],
      digest: digestOf(files, changes, letThrough),
    };
  });
}

/** Whether a kustomization has to be changed with some files. */
function concerns({ missing, unlisted }: StaleKustomization, files: Scope['files']): boolean {
  const names = [...missing, ...unlisted];
  return files.some(({ path }) => names.some((name) => path === name || path.startsWith(`${name}/`)));
}

/** What is proposed together: `plan` shows what `sync` proposes. Only a pull request has a size. */
export function proposedScopes(
  plan: Plan,
  { kind, groupBy, maxFilesPerPullRequest }: Pick<ForgeConfig, 'kind' | 'groupBy' | 'maxFilesPerPullRequest'>,
): readonly Scope[] {
  return splitScopes(plan, groupBy, kind === 'github' ? maxFilesPerPullRequest : undefined);
}

type KeyOf = (located: Located) => string;

/**
 * Divides what is too much for one scope by the first digits of a hash of the namespace: a namespace stays in its part
 * whatever else changes, as long as there is as much to divide.
 */
function partitioned(files: readonly Located[], keyOf: KeyOf, maxFiles: number): KeyOf {
  const digits = new Map<string, number>();
  for (const [key, own] of Map.groupBy(files, keyOf)) {
    if (own.length <= maxFiles) continue;
    const largest = (length: number) =>
      Math.max(...[...Map.groupBy(own, (it) => hashOf(it).slice(0, length)).values()].map((part) => part.length));
    digits.set(key, [1, 2, 3].find((length) => largest(length) <= maxFiles) ?? 4);
  }
  return (located) => {
    const key = keyOf(located);
    const length = digits.get(key);
    const whole = length === undefined || located.namespace === undefined;
    return whole ? key : `${key}/part-${hashOf(located).slice(0, length)}`;
  };
}

function hashOf({ cluster, namespace = '' }: Located): string {
  return createHash('sha256').update(`${cluster}/${namespace}`).digest('hex');
}

function scopeKey(groupBy: GroupBy, { cluster, namespace }: Located): string {
  switch (groupBy) {
    case 'all':
      return 'all';
    case 'cluster':
      return cluster;
    case 'namespace':
      // What is said of a whole cluster belongs to none of its namespaces.
      return namespace === undefined ? cluster : `${cluster}/${namespace}`;
  }
}

/** Names a proposal by its contents: another base file or another change gives another digest; time does not. */
function digestOf(files: Scope['files'], changes: Scope['changes'], letThrough: Scope['letThrough']): string {
  const hash = createHash('sha256');
  for (const { path, before, after } of files)
    hash.update(encodePath(`${path}\0${before ?? 'new'}\0${after?.formerOid ?? 'deleted'}\n`));
  for (const change of changes) {
    const who = 'subject' in change ? `${change.subject.kind} ${change.subject.name}` : '';
    hash.update(`${change.kind}\0${change.cluster}\0${change.namespace}\0${change.role}\0${JSON.stringify(who)}\n`);
  }
  for (const { digest } of letThrough) hash.update(`let through\0${digest}\n`);
  return `sha256:${hash.digest('hex')}`;
}
