import type { Outcome } from '../model/outcome.ts';
import { differentSubjects, permissionDiffers, permissionsOf, sameAccess, sameSide, writerOf } from './differences.ts';
import { type BoundAccess, type DriftedBinding, type DriftState, driftStates } from './result.ts';
import type { ComparedBinding } from './sides.ts';
import type { History, PastVersion } from './versions.ts';

/**
 * How long a GitOps controller may take to apply what was merged: longer than Argo CD (three minutes) and Flux (up to ten) take by
 * default. What the cluster was given later than this is a manual change, not a delay.
 */
const enginePatience = 15 * 60_000;

/** Whether something about a binding has to be said: it differs between two places that could both be read. */
export function isDrifted({ athenz, git, live }: Pick<ComparedBinding, 'athenz' | 'git' | 'live'>): boolean {
  // Whether anything asks for it is not known.
  if (git.kind === 'absent' && athenz.kind === 'unknown') return false;
  return !sameSide(athenz, git) || !sameSide(git, live) || (git.kind === 'unknown' && !sameSide(athenz, live));
}

/**
 * Says what is behind a difference.
 *
 * Athenz and git: git's last change was made by this program, and Athenz has moved on since; or someone else made it.
 * Git and the cluster: the cluster is as git was until shortly before, and the GitOps controller will sync; or it was changed.
 *
 * @param history of the files that differ
 * @param now milliseconds since the epoch
 */
export function classify(binding: ComparedBinding, history: History, now: number): DriftedBinding {
  const versions = history.get(binding.path) ?? [];
  const { athenz, git, live, cluster, namespace, name } = binding;
  const written = writerOf(binding);
  const found: { state: DriftState; note?: string }[] = [];
  if (!sameSide(athenz, git))
    found.push({ state: versions[0]?.ours === false ? 'changed-in-git' : 'waiting-for-merge' });
  if (!sameSide(git, live)) found.push(...liveStates(binding, versions, now));
  // With a file of git that cannot be read, Athenz is what the cluster is held against.
  if (found.length === 0) found.push({ state: live.kind === 'absent' ? 'missing' : 'changed-in-cluster' });
  const states = driftStates.filter((state) => found.some((it) => it.state === state));
  const notes = found.flatMap(({ note }) => note ?? []);
  const [commit] = versions;
  return {
    cluster,
    namespace,
    name,
    states,
    subjects: differentSubjects(binding),
    permissions: permissionsOf(binding),
    ...permissionParts(binding),
    ...(notes.length === 0 ? {} : { note: notes.join('; ') }),
    ...(written === undefined ? {} : { written }),
    ...(commit === undefined ? {} : { commit: commitOf(commit) }),
  };
}

function liveStates(
  binding: ComparedBinding,
  versions: readonly PastVersion[],
  now: number,
): readonly { state: DriftState; note?: string }[] {
  const { athenz, git, live, namespaceAbsent } = binding;
  const past = pastMatch(binding, versions);
  if (live.kind === 'absent') {
    if (past !== undefined && now - past.until <= enginePatience) return [{ state: 'waiting-for-engine' }];
    const since = past === undefined ? undefined : `in git since ${past.replacedBy.at.slice(0, 10)}`;
    const note = namespaceAbsent ? 'the cluster has no such namespace' : since;
    return [{ state: 'missing', ...(note === undefined ? {} : { note }) }];
  }
  if (git.kind === 'absent') {
    // Before it is adopted, what an operator wrote is there and git has yet to ask for it.
    if (athenz.kind !== 'absent') return live.kind === 'value' && !sameSide(athenz, live) ? adopted(binding) : [];
    if (past === undefined) {
      const other = binding.elsewhere ? '; its namespace is not in this config, another config may manage it' : '';
      return [{ state: 'orphan', note: `${ownerWords(binding)}${other}` }];
    }
    if (now - past.until <= enginePatience) return [{ state: 'waiting-for-engine' }];
    const { at, commit } = past.replacedBy;
    const note = `removed from git on ${at.slice(0, 10)} (${commit.slice(0, 10)}), not pruned by the GitOps controller`;
    return [{ state: 'orphan', note }];
  }
  const changed = Date.parse(writerOf(binding)?.at ?? '');
  // An operator may have run until it was stopped.
  if (past === undefined && binding.owner === 'operator' && !(changed > firstAsked(binding, versions) + enginePatience))
    return [{ state: 'waiting-for-engine', note: adoptionNote(binding) }];
  const late = changed > (past?.until ?? 0) + enginePatience;
  return [{ state: past !== undefined && !late ? 'waiting-for-engine' : 'changed-in-cluster' }];
}

/** What is there already and would be adopted: the merge and the apply after it change it. */
function adopted(binding: ComparedBinding): readonly { state: DriftState; note?: string }[] {
  return [{ state: 'waiting-for-merge', note: adoptionNote(binding) }];
}

function adoptionNote({ owner }: ComparedBinding): string {
  const whose = owner === 'operator' ? 'an operator' : 'another tool';
  return `written by ${whose}; the first apply adopts it`;
}

/** When git asked for the binding first, in milliseconds since the epoch, as far back as is known. */
function firstAsked({ name }: ComparedBinding, [newest, ...older]: readonly PastVersion[]): number {
  const without = older.findIndex(({ bindings }) => bindings !== undefined && !bindings.has(name));
  const first = [newest, ...older.slice(0, without === -1 ? undefined : without)].at(-1);
  return Date.parse(first?.at ?? '');
}

function ownerWords({ owner }: ComparedBinding): string {
  if (owner === 'athenz-gitops') return 'labelled as written by athenz-gitops, but matches no checked version of git';
  return owner === 'operator' ? 'left behind by an operator' : "named as an operator's";
}

interface PastMatch {
  /** The version that came after the one the cluster has. */
  readonly replacedBy: PastVersion;
  /** When it came, in milliseconds since the epoch. */
  readonly until: number;
}

/** The newest earlier version of the file that says what the cluster has. */
function pastMatch({ name, live }: ComparedBinding, versions: readonly PastVersion[]): PastMatch | undefined {
  for (const [index, version] of versions.entries()) {
    const replacedBy = versions[index - 1];
    if (replacedBy === undefined || version.bindings === undefined) continue;
    if (isAs(version.bindings.get(name), live)) return { replacedBy, until: Date.parse(replacedBy.at) };
  }
  return undefined;
}

function isAs(past: BoundAccess | undefined, live: Outcome<BoundAccess>): boolean {
  if (live.kind === 'unknown') return false;
  if (past === undefined || live.kind === 'absent') return past === undefined && live.kind === 'absent';
  return sameAccess(past, live.value);
}

function permissionParts(binding: ComparedBinding): Pick<DriftedBinding, 'permissionDiffers' | 'affected'> {
  if (!permissionDiffers(binding)) return { permissionDiffers: false };
  const { live, git } = binding;
  const side = live.kind === 'value' ? live : git;
  return { permissionDiffers: true, affected: side.kind === 'value' ? side.value.subjects : [] };
}

function commitOf({ commit, at, author, ours }: PastVersion) {
  return { commit, at, author, ours };
}
