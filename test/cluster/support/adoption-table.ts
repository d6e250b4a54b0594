import type { AdoptionResult } from '../../../src/adopt/result.ts';
import { describePermissionChange, describeSubject, whyLose } from '../../../src/generators/rbac/words/access.ts';
import type { Question } from './access.ts';
import { type RbacObject, subjectNames } from './objects.ts';

/** What became of one binding. */
export interface Adopted {
  readonly before: RbacObject;
  /** Asked about again and again while the proposal was applied. */
  readonly asked: readonly Question[];
  readonly after: RbacObject;
}

const plain = (text: string) => text;

/** Each binding's subjects before, during and after an apply, as Markdown. */
export function adoptionTable(all: readonly Adopted[], denied: readonly Question[], { bindings }: AdoptionResult) {
  const rows = all.map(({ before, asked, after }) => {
    const { namespace, name } = before.metadata;
    const foreseen = bindings.find((it) => it.namespace === namespace && it.name === name);
    const losses = (foreseen?.losses ?? []).map(
      (loss) => `${describeSubject(loss.subject, plain)}: ${whyLose(loss, plain)}`,
    );
    const permission = foreseen?.permission === undefined ? [] : [describePermissionChange(foreseen.permission, plain)];
    const orphan = foreseen === undefined ? ['not in git: orphaned until deleted'] : [];
    const users = [...new Set(asked.map(({ user }) => user))].sort();
    const during = users.map((user) => {
      const times = denied.filter((no) => no.user === user && asked.includes(no)).length;
      return `${user}: ${times === 0 ? 'never denied' : `denied ${times} times`}`;
    });
    const why = [...losses, ...permission, ...orphan];
    return [`\`${name}\``, names(before), list(during), names(after), list(why)];
  });
  const lines = [['Binding', 'Before', 'While it is applied', 'After', 'Why'], Array(5).fill('---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

function names(binding: RbacObject): string {
  return list(subjectNames(binding).toSorted());
}

function list(items: readonly string[]): string {
  return items.length === 0 ? '–' : items.join('<br>');
}
