import { describeSubject } from '../generators/rbac/words/access.ts';
import { count, type Show, shortTime } from '../model/text.ts';
import { type Color, type Paint, painter } from '../report/paint.ts';
import { visible } from '../report/visible.ts';
import type { DriftedBinding, DriftResult } from './result.ts';
import {
  contextWords,
  disagreementWords,
  driftAdvice,
  driftHeadline,
  permissionDifference,
  probeHeadline,
  type Sign,
  signOf,
  stateWords,
  subjectWords,
  unreadWords,
} from './words.ts';

const show: Show = (text) => visible(text, 300);

/** Subjects of one binding that are named; the rest is counted. */
const mostSubjects = 30;

/** What `drift` found, for a person at a terminal: by cluster, namespace and binding, down to the subject. */
export function renderDrift(result: DriftResult, { color }: { readonly color: boolean }): string {
  const paint = painter(color);
  const lines: string[] = [];
  for (const cluster of result.clusters) {
    const bindings = result.bindings.filter((it) => it.cluster === cluster.cluster);
    lines.push(`${paint('bold', cluster.cluster)}  ${driftHeadline({ clusters: [cluster], bindings })}`, '');
    for (const [namespace, group] of Map.groupBy(bindings, (it) => it.namespace)) {
      lines.push(`  ${show(namespace)}`, ...group.flatMap((it) => bindingLines(it, paint)), '');
    }
  }
  for (const it of result.unread) lines.push(`${paint('yellow', 'unknown')}: ${unreadWords(it, show)}`);
  if (result.unread.length > 0) lines.push('');
  if (result.probe !== undefined) {
    lines.push(`${probeHeadline(result.probe)}.`);
    for (const it of result.probe.disagreements) lines.push(`  ${paint('red', '!')} ${disagreementWords(it, show)}`);
    lines.push('');
  }
  lines.push(...driftAdvice(result));
  if (result.bindings.length > 0) lines.push('');
  return `${lines.join('\n')}\n${paint('dim', footer(result))}\n`;
}

function bindingLines(binding: DriftedBinding, paint: Paint): readonly string[] {
  const about = [...binding.states.map(stateWords), ...contextWords(binding, show)].join('; ');
  const shown = binding.subjects.slice(0, mostSubjects);
  const width = Math.min(40, Math.max(0, ...shown.map(({ subject }) => describeSubject(subject, show).length)));
  const rest = binding.subjects.length - shown.length;
  return [
    `    ${show(binding.name)}  ${paint('yellow', about)}`,
    ...permissionDifference(binding, show).map((words) => `      ${paint('yellow', '~')} ${words}`),
    ...shown.map((it) => {
      const sign = signOf(it);
      const who = describeSubject(it.subject, show).padEnd(width);
      return `      ${paint(colors[sign], `${sign} ${who}  ${subjectWords(it, binding, show)}`)}`;
    }),
    ...(rest > 0 ? [`      … and ${count(rest, 'more subject')}`] : []),
  ];
}

/** More access than Athenz gives is what a reader has to see first. */
const colors: Readonly<Record<Sign, Color>> = { '+': 'red', '-': 'yellow', '~': 'dim' };

function footer({ polledAt, base, requests }: DriftResult): string {
  const asked = `${count(requests.zms, 'request')} to Athenz and ${requests.cluster} to the API server`;
  return `Athenz as of ${shortTime(polledAt)}, ${visible(base.branch)} at ${base.commit.slice(0, 10)}; ${asked}`;
}
