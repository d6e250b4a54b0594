import { samePermission } from '../generators/rbac/permission.ts';
import type { Permission } from '../model/access.ts';
import type { LiveWrite } from '../model/cluster.ts';
import { compareSubjects, type Subject, subjectKey } from '../model/grant.ts';
import type { Outcome } from '../model/outcome.ts';
import type { BindingSides, BoundAccess, SubjectDifference } from './result.ts';
import type { ComparedBinding } from './sides.ts';

const sides = ['athenz', 'git', 'live'] as const;

/** Whether two places, where both could be read, have the same; an absent binding is not one that binds nobody. */
export function sameSide(a: Outcome<BoundAccess>, b: Outcome<BoundAccess>): boolean {
  if (a === b || a.kind === 'unknown' || b.kind === 'unknown') return true;
  if (a.kind === 'absent' || b.kind === 'absent') return a.kind === b.kind;
  return sameAccess(a.value, b.value);
}

/** Whether the same people are let do the same by the same roleRef. */
export function sameAccess(a: BoundAccess, b: BoundAccess): boolean {
  return sameBound(a.permission, b.permission) && sameSubjects(a.subjects, b.subjects);
}

/** With the roleRef's name, unlike `samePermission`: an apply cannot change it (kube-apiserver: "cannot change roleRef"). */
function sameBound(a: Permission, b: Permission): boolean {
  return a.roleRef.name === b.roleRef.name && samePermission(a, b);
}

function sameSubjects(a: readonly Subject[], b: readonly Subject[]): boolean {
  return a.length === b.length && a.every((subject, index) => subjectKey(subject) === keyAt(b, index));
}

function keyAt(subjects: readonly Subject[], index: number): string | undefined {
  const subject = subjects[index];
  return subject && subjectKey(subject);
}

/** The subjects that are not bound in all the places that could be read, sorted. */
export function differentSubjects(binding: BindingSides): readonly SubjectDifference[] {
  const bound = sides.map((side) => {
    const outcome = binding[side];
    if (outcome.kind === 'unknown') return null;
    return new Map((outcome.kind === 'value' ? outcome.value.subjects : []).map((it) => [subjectKey(it), it]));
  });
  const all = new Map(bound.flatMap((subjects) => [...(subjects ?? [])]));
  return [...all]
    .flatMap(([key, subject]): SubjectDifference[] => {
      const [athenz = null, git = null, live = null] = bound.map((subjects) => subjects?.has(key) ?? null);
      const known = [athenz, git, live].filter((it) => it !== null);
      return known.every((it) => it) ? [] : [{ subject, athenz, git, live }];
    })
    .sort((a, b) => compareSubjects(a.subject, b.subject));
}

/** What the binding lets its subjects do, in the places that have it. */
export function permissionsOf(binding: BindingSides): { readonly [side in (typeof sides)[number]]?: Permission } {
  return Object.fromEntries(
    sides.flatMap((side) => {
      const outcome = binding[side];
      return outcome.kind === 'value' ? [[side, outcome.value.permission]] : [];
    }),
  );
}

/** Whether the rules or the roleRef are not the same in all places that have the binding. */
export function permissionDiffers(binding: BindingSides): boolean {
  const [first, ...others] = Object.values(permissionsOf(binding));
  return first !== undefined && others.some((other) => !sameBound(first, other));
}

/** Who made the cluster another than git, or than Athenz where git cannot be read: of the parts that differ, the last one. */
export function writerOf({ athenz, git, live, written, roleWritten }: ComparedBinding): LiveWrite | undefined {
  const wanted = git.kind === 'unknown' ? athenz : git;
  if (sameSide(wanted, live)) return undefined;
  if (wanted.kind !== 'value' || live.kind !== 'value') return written;
  const { permission, subjects } = live.value;
  const sameRef = wanted.value.permission.roleRef.name === permission.roleRef.name;
  const ofSubjects = sameRef && sameSubjects(wanted.value.subjects, subjects) ? undefined : written;
  const ofRules = sameRef && !samePermission(wanted.value.permission, permission) ? roleWritten : undefined;
  if (ofSubjects === undefined || ofRules === undefined) return ofSubjects ?? ofRules;
  return ofRules.at > ofSubjects.at ? ofRules : ofSubjects;
}
