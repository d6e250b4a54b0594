import { describeSubject } from '../generators/rbac/words/access.ts';
import { count, shortTime } from '../model/text.ts';
import { escapeMarkdown as show, showCode } from '../report/escape.ts';
import { type DriftedBinding, type DriftResult, driftStates } from './result.ts';
import {
  contextWords,
  disagreementWords,
  driftAdvice,
  driftHeadline,
  permissionDifference,
  probeHeadline,
  signOf,
  stateWords,
  subjectWords,
  unreadWords,
} from './words.ts';

/** GitHub refuses the body of an issue over 65,536 characters. */
const issueLimit = 60_000;

/** How much is shown: rows of the table, and subjects of one row. */
interface Level {
  readonly rows: number;
  readonly subjects: number;
}

const levels: readonly Level[] = [
  { rows: 2000, subjects: 50 },
  { rows: 400, subjects: 10 },
  { rows: 100, subjects: 3 },
  { rows: 20, subjects: 0 },
  { rows: 0, subjects: 0 },
];

/**
 * What `drift` found, as Markdown for an issue or for the summary of a scheduled workflow. The most urgent come first; what is
 * too long is counted.
 *
 * @param room characters at most
 */
export function renderDriftMarkdown(result: DriftResult, room = issueLimit): string {
  for (const level of levels) {
    const text = write(result, level);
    if (text.length <= room) return text;
  }
  return '';
}

function write(result: DriftResult, level: Level): string {
  const { clusters, bindings, unread, probe, polledAt, base } = result;
  const parts = [
    '## athenz-gitops drift',
    bindings.length === 0 && unread.length === 0 && (probe?.disagreements.length ?? 0) === 0
      ? `✅ Athenz, git and the cluster match: ${driftHeadline(result)}.`
      : `⚠️ ${driftHeadline(result)}.`,
    table(bindings, clusters.length > 1, level),
    list(
      unread.map((it) => `- ${unreadWords(it, show)}`),
      '❔ Unknown (excluded from this report)',
      level.rows,
    ),
    probe === undefined ? '' : `🔎 ${probeHeadline(probe)}.`,
    list(
      (probe?.disagreements ?? []).map((it) => `- ${disagreementWords(it, show)}`),
      'Disagreements',
      level.rows,
    ),
    driftAdvice(result).join('\n'),
    `Athenz as of ${shortTime(polledAt)}, ${showCode(base.branch)} at ${showCode(base.commit.slice(0, 12))}.`,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function table(bindings: readonly DriftedBinding[], several: boolean, level: Level): string {
  if (bindings.length === 0) return '';
  const shown = [...bindings].sort((a, b) => urgency(a) - urgency(b)).slice(0, level.rows);
  const rest = bindings.length - shown.length;
  const head = [...(several ? ['Cluster'] : []), 'Namespace', 'Binding', 'State', 'Access'];
  const rows = shown.map((it) => {
    const place = [...(several ? [show(it.cluster)] : []), show(it.namespace), showCode(it.name)];
    const state = [it.states.map((state) => `**${stateWords(state)}**`).join(', '), ...contextWords(it, show)];
    return `| ${[...place, state.join('<br>'), effects(it, level).join('<br>')].join(' | ')} |`;
  });
  const more = rest > 0 ? [`\n… and ${count(rest, 'more binding')}: run \`athenz-gitops drift\` to see them.`] : [];
  return [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...rows, ...more].join('\n');
}

function effects(binding: DriftedBinding, { subjects: most }: Level): readonly string[] {
  const { subjects } = binding;
  const shown = subjects.slice(0, most).map((it) => {
    const sign = { '+': '➕', '-': '➖', '~': '✎' }[signOf(it)];
    return `${sign} ${describeSubject(it.subject, show)} ${subjectWords(it, binding, show)}`;
  });
  const rest = subjects.length - shown.length;
  const more =
    rest > 0
      ? [`${shown.length === 0 ? '' : '… and '}${count(rest, shown.length === 0 ? 'subject' : 'more subject')}`]
      : [];
  return [...permissionDifference(binding, show).map((words) => `✎ ${words}`), ...shown, ...more];
}

function urgency({ states }: DriftedBinding): number {
  const [state = 'waiting-for-merge'] = states;
  return driftStates.indexOf(state);
}

function list(lines: readonly string[], title: string, most: number): string {
  if (lines.length === 0) return '';
  const rest = lines.length - most;
  const shown = rest > 0 ? [...lines.slice(0, most), `- … and ${rest} more`] : lines;
  return `**${title}**\n\n${shown.join('\n')}`;
}
