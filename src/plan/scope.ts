import { createHash } from 'node:crypto';
import type { GroupBy } from '../config/types.ts';
import type { Plan, Scope } from '../model/change.ts';
import { compareText } from '../model/grant.ts';

interface Located {
  readonly cluster: string;
  readonly namespace?: string;
}

/**
 * Splits a plan into what is proposed together. Every configured cluster has its scope, with or without changes, so that
 * a proposal that is not wanted any more is seen; namespaces have one when something is said of them.
 */
export function splitScopes(plan: Plan, groupBy: GroupBy): readonly Scope[] {
  const keys = new Set<string>(groupBy === 'all' ? ['all'] : []);
  if (groupBy === 'cluster') for (const { cluster } of plan.totals) keys.add(cluster);
  if (groupBy === 'namespace') {
    for (const located of [...plan.files, ...plan.held, ...plan.kept]) keys.add(scopeKey(groupBy, located));
  }
  const parts = {
    files: groupByScope(groupBy, plan.files),
    changes: groupByScope(groupBy, plan.changes),
    kept: groupByScope(groupBy, plan.kept),
    held: groupByScope(groupBy, plan.held),
    dropped: groupByScope(groupBy, plan.dropped),
    expiring: groupByScope(groupBy, plan.expiring),
  };
  return [...keys].sort(compareText).map((key): Scope => {
    const files = parts.files.get(key) ?? [];
    const changes = parts.changes.get(key) ?? [];
    return {
      key,
      slug: key.replace('/', '.'),
      files,
      changes,
      kept: parts.kept.get(key) ?? [],
      held: parts.held.get(key) ?? [],
      dropped: parts.dropped.get(key) ?? [],
      expiring: parts.expiring.get(key) ?? [],
      totals: plan.totals.filter(
        ({ cluster }) => groupBy === 'all' || key === cluster || key.startsWith(`${cluster}/`),
      ),
      digest: digestOf(files, changes),
    };
  });
}

function groupByScope<T extends Located>(groupBy: GroupBy, items: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = scopeKey(groupBy, item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
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
function digestOf(files: Scope['files'], changes: Scope['changes']): string {
  const hash = createHash('sha256');
  for (const { path, before, after } of files) hash.update(`${path}\0${before ?? 'new'}\0${after?.oid ?? 'deleted'}\n`);
  for (const change of changes) {
    const who = 'subject' in change ? `${change.subject.kind} ${change.subject.name}` : '';
    hash.update(`${change.kind}\0${change.cluster}\0${change.namespace}\0${change.role}\0${JSON.stringify(who)}\n`);
  }
  return `sha256:${hash.digest('hex')}`;
}
