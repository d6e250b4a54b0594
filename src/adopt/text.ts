import { toChange } from '../generators/rbac/change.ts';
import { describeRules } from '../generators/rbac/words/rules.ts';
import { rbacWords } from '../generators/rbac/words/words.ts';
import type { Problem } from '../model/error.ts';
import { subjectKey } from '../model/grant.ts';
import { count, type Show, shortTime, someOf } from '../model/text.ts';
import { type Paint, painter } from '../report/paint.ts';
import { type Row, toRows } from '../report/rows.ts';
import { alignRows } from '../report/terminal.ts';
import { visible } from '../report/visible.ts';
import type { AdoptionResult, BindingAdoption } from './result.ts';
import {
  adoptionSentence,
  groupLeftOut,
  isChanging,
  lookalikeWords,
  orphanWords,
  roleRefWords,
  unproposedWords,
} from './words.ts';

const show: Show = (text) => visible(text, 300);

/** What `import` found, proposes and foresees, for the terminal: what needs attention comes first. */
export function renderAdoption(result: AdoptionResult, { color }: { readonly color: boolean }): string {
  const paint = painter(color);
  const { cluster, requests, polledAt } = result;
  const sent = `${count(requests.cluster, 'request')} to the cluster, ${requests.athenz} to Athenz`;
  const sections = [
    section(paint('bold', `${show(cluster.cluster)}`), [`${show(cluster.server)} (context ${show(cluster.context)})`]),
    section(paint('red', 'Orphaned access (no Athenz role)'), orphans(result)),
    section(paint('red', 'Domains that operators mistake for the domain of a namespace'), lookalikes(result)),
    section(paint('yellow', 'Not covered by the config'), leftOut(result)),
    section(paint('yellow', 'Read failed'), unread(result)),
    section(
      paint('yellow', 'Held'),
      result.held.map(({ message, next }) => `${show(message)}; ${show(next)}`),
    ),
    section('Proposed', proposed(result)),
    section('What the first apply changes', changes(result, paint)),
  ].filter((it) => it !== '');
  const end = `${adoptionSentence(result)}\n${paint('dim', `${sent}, as of ${shortTime(polledAt)}`)}`;
  return `${[...sections, end].join('\n\n')}\n`;
}

/** The same for the summary of a step on GitHub Actions, in Markdown. @param room bytes that are left */
export function renderAdoptionSummary(result: AdoptionResult, room: number): string {
  // In a fence nothing acts; no line of the text begins with what is not ours.
  const text = renderAdoption(result, { color: false }).replaceAll('```', "'''");
  const whole = `## athenz-gitops import\n\n\`\`\`text\n${text}\`\`\`\n`;
  if (Buffer.byteLength(whole) <= room) return whole;
  return `## athenz-gitops import\n\n${adoptionSentence(result)} The list is too long to show here.\n`;
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : [title, ...lines.map((line) => `  ${line}`)].join('\n');
}

function orphans({ bindings }: AdoptionResult): readonly string[] {
  return bindings.filter(({ orphan }) => orphan !== undefined).map((it) => orphanWords(it, show));
}

function lookalikes(result: AdoptionResult): readonly string[] {
  return result.lookalikes.map((it) => lookalikeWords(it, show));
}

function leftOut({ left, unproposed }: AdoptionResult): readonly string[] {
  const groups = groupLeftOut(left, show).flatMap(({ words, objects }) => [
    words,
    ...objects.slice(0, 10).map((object) => `  ${object}`),
    ...(objects.length > 10 ? [`  … and ${objects.length - 10} more`] : []),
  ]);
  return [...unproposed.map((it) => unproposedWords(it, show)), ...groups];
}

/** One line per reason: a domain that cannot be read may concern hundreds of namespaces. */
function unread({ bindings, problems }: AdoptionResult): readonly string[] {
  const inCluster = Map.groupBy(problems, ({ problem }) => problemWords(problem));
  const inAthenz = Map.groupBy(
    bindings.flatMap(({ namespace, role, unknown }) => (unknown === undefined ? [] : [{ namespace, role, unknown }])),
    ({ unknown }) => problemWords(unknown),
  );
  return [
    ...[...inCluster].map(([words, all]) => {
      const places = all.flatMap(({ namespace }) => (namespace === undefined ? [] : [show(namespace)]));
      return places.length === 0 ? words : `${someOf(places)}: not proposed (${words})`;
    }),
    ...[...inAthenz].map(([words, all]) => {
      const places = all.map(({ namespace, role }) => `${show(namespace)} ${show(role)}`);
      return `${someOf(places)}: rendered as the cluster has it (${words})`;
    }),
  ];
}

function problemWords({ code, message }: Problem): string {
  return `${code}: ${show(message)}`;
}

function proposed({ proposal: { domain, userDomain, namespaces, roles } }: AdoptionResult): readonly string[] {
  return [
    `names: operator; domain: ${show(domain)}; people are members of the domain ${show(userDomain)}`,
    `${count(namespaces.length, 'namespace')}: ${someOf(namespaces.map(show), 20)}`,
    ...roles.map(({ athenzRole, rules, namespaces: found }) => {
      const where = found === namespaces.length ? '' : ` (in ${found} of them so far)`;
      return `role ${show(athenzRole)}: ${describeRules(rules, show)}${where}`;
    }),
  ];
}

function changes(result: AdoptionResult, paint: Paint): readonly string[] {
  const strangers = new Set(
    result.left.flatMap(({ namespace, name, reason }) =>
      reason.kind === 'subject' ? [`${namespace}/${name}/${subjectKey(reason.subject)}`] : [],
    ),
  );
  return result.bindings.filter(isChanging).flatMap((it) => {
    const rows = rowsOf(it, (key) => strangers.has(`${it.namespace}/${it.name}/${key}`));
    const counts = it.before === undefined ? 'new' : `${it.before.length} → ${it.after?.length ?? it.before.length}`;
    return [
      `${show(it.namespace)}  ${show(it.name)}  ${paint('dim', `(${counts})`)}`,
      ...failure(it).map((line) => `  ${paint('red', `! ${line}`)}`),
      ...alignRows(rows, paint).map((line) => line.replace('  ', '')),
    ];
  });
}

function rowsOf({ gains, losses, permission }: BindingAdoption, isStranger: (key: string) => boolean): readonly Row[] {
  const changes = [...gains, ...losses, ...(permission === undefined ? [] : [permission])];
  const rows = [...toRows(changes.map(toChange), rbacWords, show).rows];
  return rows.map((row, index) => {
    const change = changes[index];
    const stranger = change?.kind === 'lose' && isStranger(subjectKey(change.subject));
    return { ...row, part: '', why: stranger ? 'no Athenz member maps to this subject' : row.why };
  });
}

function failure({ roleRef }: BindingAdoption): readonly string[] {
  if (roleRef === undefined) return [];
  const from = roleRefWords(roleRef.before, show);
  return [`roleRef is immutable (currently ${from}): delete the binding before applying`];
}
