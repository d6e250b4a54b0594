import { count } from '../model/text.ts';
import type { Applied, AppliedFolder } from './applied.ts';
import { type AppliedNotes, type Base, checkApplied, emptyFolders, nameOf, notesOf } from './applied-checks.ts';
import type { ArgoApplier } from './applier.ts';
import type { Finding } from './finding.ts';
import { annotationLimit, type LargeObject } from './large-objects.ts';

/**
 * What Argo CD makes of rendered files, by an Application that applies them: what is not applied at all, and what is not removed.
 *
 * @param large objects of rendered files that are near the limit of client-side apply
 */
export function checkArgo(
  applied: Applied<ArgoApplier>,
  base: Base,
  large: readonly LargeObject[],
): readonly Finding[] {
  const { applier } = applied;
  const notes = notesOf('argocd', applied);
  if (applier.patched) return notes.findings('; what spec.templatePatch changes is not checked');
  checkSync(applier, notes);
  checkApplied(applied, base, notes);
  for (const { path } of emptyFolders(applied).slice(0, 1)) {
    const fix = 'merge a first proposal, or correct the path';
    notes.warn(`${nameOf(path)} holds no manifest in ${base.branch}`, fix);
  }
  checkReached(applied, notes);
  checkSize(applied.folders, notes);
  checkLarge(applied, large, notes);
  return notes.findings();
}

function checkSync({ at, sync, prune, allowEmpty, syncOptions }: ArgoApplier, notes: AppliedNotes): void {
  const policy = `${at}.syncPolicy`;
  const kept = syncOptions.find((option) => /^Prune=(false|confirm)$/i.test(option));
  const stays = 'removed namespaces and roles keep their access';
  if (sync === 'manual') {
    const message = 'is synced by hand: revoked access stays in the cluster until someone syncs';
    notes.warn(message, `set ${policy}.automated: {prune: true}`);
  } else if (!prune) {
    notes.warn(`does not prune: ${stays}`, `set ${policy}.automated.prune: true`);
  }
  if (kept !== undefined) {
    const until = /confirm/i.test(kept) ? ' until someone confirms' : '';
    notes.warn(`has the sync option ${kept}: ${stays}${until}`, `remove it from ${policy}.syncOptions`);
  }
  if (allowEmpty) {
    const message = 'allows an empty application: a folder without manifests removes every object';
    notes.warn(message, `remove ${policy}.automated.allowEmpty`);
  }
}

function checkReached({ applier, folders }: Applied<ArgoApplier>, notes: AppliedNotes): void {
  const directory = `${applier.at}.source.directory`;
  const deeper = folders.flatMap((it) => it.deeper);
  const hidden = folders.flatMap((it) => it.hidden);
  const [below] = deeper;
  if (below !== undefined) {
    const message = `${count(deeper.length, 'rendered file')} in folders below, such as ${below.path}, are not applied`;
    notes.fail(message, `set ${directory}.recurse: true`);
  }
  const [first] = hidden;
  if (first === undefined) return;
  const by = (['include', 'exclude'] as const).flatMap((name) =>
    applier[name] === undefined ? [] : [`directory.${name}`],
  );
  const files = `${count(hidden.length, 'rendered file')}, such as ${first.path}`;
  const message = `${by.join(' and ')} leaves out ${files}: not applied, and pruned if it was`;
  notes.fail(message, `correct ${applier.at}.source.${by.join(` and ${applier.at}.source.`)}`);
}

/** `reposerver.max.combined.directory.manifests.size`, `10M` as Kubernetes counts. */
const mostBytes = 10_000_000;

function checkSize(folders: readonly AppliedFolder[], notes: AppliedNotes): void {
  const sizes = folders.map(({ path, taken }) => ({ path, bytes: taken.reduce((sum, { size }) => sum + size, 0) }));
  const [largest] = sizes.sort((a, b) => b.bytes - a.bytes);
  if (largest === undefined || largest.bytes < 0.8 * mostBytes) return;
  const holds = `${nameOf(largest.path)} holds ${(largest.bytes / 1_000_000).toFixed(1)} MB of manifests`;
  const fix =
    'make an Application of each of several folders ({shard} in output.path), or raise reposerver.max.combined.directory.manifests.size';
  notes.warn(`${holds}: Argo CD fails above 10 MB by default`, fix);
}

function checkLarge(
  { applier, folders }: Applied<ArgoApplier>,
  large: readonly LargeObject[],
  notes: AppliedNotes,
): void {
  if (isServerSide(applier)) return;
  const taken = new Set(folders.flatMap((it) => it.taken.map(({ path }) => path)));
  const found = large.filter((it) => taken.has(it.path) && it.apply === 'default');
  const [largest] = [...found].sort((a, b) => b.bytes - a.bytes);
  if (largest === undefined) return;
  const more = found.length > 1 ? ` (and ${found.length - 1} more)` : '';
  const message = `${largest.name} in ${largest.path} has ${largest.bytes} bytes${more}: client-side apply fails above ${annotationLimit}`;
  const fix = `add ServerSideApply=true to ${applier.at}.syncPolicy.syncOptions`;
  if (largest.bytes > annotationLimit) notes.fail(message, fix);
  else notes.warn(message, fix);
}

/** Whether it applies without the annotation that client-side apply needs. */
export function isServerSide({ syncOptions }: ArgoApplier): boolean {
  return syncOptions.includes('ServerSideApply=true');
}
