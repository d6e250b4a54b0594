import { count, someOf } from '../model/text.ts';
import type { Applied, AppliedFolder } from './applied.ts';
import { describeApplier } from './applier.ts';
import { error, type Finding, ok, warning } from './finding.ts';

/** What is known of the repository that appliers read. */
export interface Base {
  /** The branch that changes are merged into. */
  readonly branch: string;
  /** The branch that HEAD of the remote is; not set: not known. */
  readonly head?: string;
  /** The cluster that a rendered file is for. */
  clusterOf(path: string): string | undefined;
}

/** The findings about one applier. */
export interface AppliedNotes {
  warn(message: string, fix: string): void;
  fail(message: string, fix: string): void;
  /** All of them; one that says what is applied where there are none. @param more behind that */
  findings(more?: string): readonly Finding[];
}

/** @param check as findings call it */
export function notesOf(check: string, { applier, folders }: Applied): AppliedNotes {
  const found: Finding[] = [];
  const say = (message: string) => `${describeApplier(applier)}: ${message}`;
  const [first] = folders;
  const others = folders.length > 1 ? ` and ${count(folders.length - 1, 'other folder')}` : '';
  return {
    warn: (message, fix) => void found.push(warning(check, say(message), fix)),
    fail: (message, fix) => void found.push(error(check, say(message), fix)),
    findings: (more = '') =>
      found.length > 0 ? found : [ok(check, say(`applies ${nameOf(first?.path ?? '')}${others}${more}`))],
  };
}

/** `''` is the repository itself. */
export function nameOf(folder: string): string {
  return folder === '' ? 'the whole repository' : folder;
}

/** What is wrong with any applier, whoever runs it. */
export function checkApplied({ applier, folders }: Applied, base: Base, notes: AppliedNotes): void {
  const { revision } = applier;
  const branch = revision === 'HEAD' ? base.head : revision?.replace(/^refs\/heads\//, '');
  if (branch !== undefined && branch !== base.branch) {
    const field =
      applier.kind === 'Kustomization' ? 'spec.ref of its GitRepository' : `${applier.at}.source.targetRevision`;
    const message = `follows ${branch}, not ${base.branch}: what is merged is not applied until it gets there`;
    notes.warn(message, `set ${field} to ${base.branch}, or forge.base to ${branch}`);
  }
  for (const folder of folders) {
    const clusters = clustersOf(folder, base);
    if (clusters.length < 2) continue;
    const message = `${nameOf(folder.path)} holds the files of ${someOf(clusters, 5)}: all of them are applied to one cluster`;
    notes.fail(message, 'use one for the folder of each cluster');
    break;
  }
}

/** Sorted. */
function clustersOf({ taken }: AppliedFolder, { clusterOf }: Base): readonly string[] {
  return [...new Set(taken.flatMap(({ path }) => clusterOf(path) ?? []))].sort();
}

/** The folders that hold no manifest at all. */
export function emptyFolders({ folders }: Applied): readonly AppliedFolder[] {
  return folders.filter(
    (it) => it.source === 'directory' && it.taken.length + it.deeper.length + it.hidden.length === 0,
  );
}
