import type { Change } from '../../../core/change.ts';
import type { ChangeWords, Medium, NamePlace, Section, Warning, Words } from '../../../core/words.ts';
import type { AccessChange, Loss } from '../../../model/access.ts';
import { unreachable } from '../../../model/outcome.ts';
import { compareText, count, counts, type Show, shortTime, someOf } from '../../../model/text.ts';
import { type RbacNotes, rbacNotes } from '../notes.ts';
import {
  describePermission,
  describePermissionChange,
  describeSubject,
  dropWords,
  whyGain,
  whyLose,
} from './access.ts';
import { skippedMembersSentence } from './skipped.ts';

/** Grants of Athenz roles, in words. */
export const rbacWords: Words<AccessChange> = {
  nouns: {
    source: 'Athenz',
    unit: 'namespace',
    part: 'role',
    weight: 'grant',
    subject: 'subject',
    modified: 'permission change',
    caused: 'losses',
  },
  headings: { who: 'Who', why: 'Why', tally: 'Access' },
  nothing: "nobody's access",
  about: 'who may do what',
  tally({ added, removed, modified }) {
    const grants = counts('grant', [
      [added, 'to add'],
      [removed, 'to remove'],
    ]);
    return modified === 0 ? grants : [...grants, count(modified, 'permission change')];
  },
  describe,
  mayShare: ({ effect }) => effect === 'remove',
  emptied(places, { protected: isProtected, most }) {
    if (!isProtected) return `would leave without anyone: ${someOf(places, most)}`;
    const their = places.length === 1 ? 'its' : 'their';
    return `also held by limits.neverEmpty: ${someOf(places, most)} would lose ${their} last member`;
  },
  warnings(notes, place, { show }): readonly Warning[] {
    const places = rbacNotes(notes).emptied.map((it) => `${show(it.role)} in ${show(place(it))}`);
    return places.length === 0 ? [] : [{ noun: 'role', label: 'left without anyone', places }];
  },
  sections(notes, place, medium) {
    const all = rbacNotes(notes);
    return [expiring(all, place, medium), dropped(all, place, medium)];
  },
  skipped: (notes, show) => skippedMembersSentence(rbacNotes(notes).skippedMembers, show),
};

function describe({ detail: change }: Change<AccessChange>, show: Show): ChangeWords {
  const part = change.role;
  switch (change.kind) {
    case 'gain': {
      const what = describePermission(change.permission, show);
      return { part, what, who: describeSubject(change.subject, show), why: whyGain(change, show) };
    }
    case 'lose': {
      const what = describePermission(change.permission, show);
      const why = whyLose(change, show);
      const shared = isShared(change) ? { cause: why } : {};
      return { part, what, who: describeSubject(change.subject, show), why, ...shared };
    }
    case 'permission': {
      const who = `everyone who stays in it (${change.subjects})`;
      return { part, who, why: describePermissionChange(change, show) };
    }
    case 'mapping': {
      const why = `comes from domain ${show(change.after)} instead of ${show(change.before)}`;
      return { part, who: 'everyone in it', why };
    }
    default:
      return unreachable(change);
  }
}

/** Reasons that speak of one thing, wherever they stand; a membership that ended is one for each person. */
function isShared({ reason, group }: Loss): boolean {
  switch (reason) {
    case 'renamed':
    case 'domain-disabled':
    case 'added-by-hand':
    case 'domain-absent':
    case 'role-absent':
    case 'role-unconfigured':
    case 'namespace-left':
    case 'namespace-excluded':
    case 'namespace-system':
    case 'namespace-deleted':
    case 'cluster-left':
      return true;
    case 'not-a-member':
    case 'origin-unknown':
      return group !== undefined;
    default:
      return false;
  }
}

function expiring({ expiring: list }: RbacNotes, place: NamePlace, { show, code }: Medium): Section {
  const lines = [...list]
    .sort((a, b) => compareText(a.grant.expires ?? '', b.grant.expires ?? ''))
    .map((it) => {
      const { role, grant } = it;
      const when = grant.expires === undefined ? '' : shortTime(grant.expires);
      return `${when}: ${show(grant.subject.name)} in ${show(place(it))}, ${code(role)}`;
    });
  const expire = lines.length === 1 ? 'expires' : 'expire';
  return { icon: '⏳', title: `${count(lines.length, 'grant')} ${expire} within 30 days`, lines };
}

function dropped({ dropped: list }: RbacNotes, place: NamePlace, { show, code }: Medium): Section {
  const lines = list.map((it) => {
    const { member, reason } = it.dropped;
    return `${show(member)} in ${show(place(it))}, ${code(it.role)}: ${dropWords(reason)}`;
  });
  return { icon: '🚫', title: `${count(lines.length, 'member')} skipped (not bindable)`, label: 'not bindable', lines };
}
