import leven from 'leven';
import { type Document, isMap, isScalar, isSeq, type LineCounter, type Node, type Pair, type YAMLMap } from 'yaml';
import type { z } from 'zod';
import type { Config } from './types.ts';
import { issueWords } from './words.ts';

export type IssuePath = readonly (string | number)[];

/** One thing that is wrong with the config: where, and what. */
export interface ConfigIssue {
  readonly unknownKey: boolean;
  /** Of an unknown key: the known one that it seems to stand for. */
  readonly meant?: string | undefined;
  readonly path: IssuePath;
  readonly message: string;
}

/** zod's findings, one per wrong key or value; `known` gives the keys that may stand at a path. */
export function toIssues(error: z.ZodError, known: (path: IssuePath) => readonly string[]): readonly ConfigIssue[] {
  return error.issues.flatMap((issue): ConfigIssue[] => {
    const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        unknownKey: true,
        meant: nearest(key, known(path)),
        path: [...path, key],
        message: `unknown key${suggest(key, known(path))}`,
      }));
    }
    return [{ unknownKey: false, path, message: issueWords(issue) }];
  });
}

/** Without what only follows from a misspelt key: that the key it stands for is missing. */
export function withoutConsequences(issues: readonly ConfigIssue[]): readonly ConfigIssue[] {
  const misspelt = issues.filter(({ meant }) => meant !== undefined);
  return issues.filter((it) => it.unknownKey || !misspelt.some((key) => followsFrom(it, key)));
}

function followsFrom({ path, message }: ConfigIssue, { path: key, meant = '' }: ConfigIssue): boolean {
  const around = key.slice(0, -1);
  const place = formatPath(path);
  return (
    (message === 'is required' && place === formatPath([...around, meant])) ||
    (message.startsWith('needs ') && message.includes(`"${meant}"`) && place === formatPath(around))
  );
}

/** ` (did you mean "clusters"?)`, or nothing when no known name is near. */
export function suggest(word: string, known: readonly string[]): string {
  const best = nearest(word, known);
  if (best !== undefined) return ` (did you mean "${best}"?)`;
  return known.length > 0 && known.length <= 12 ? ` (known: ${known.join(', ')})` : '';
}

function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let distance = Math.max(3, Math.ceil(word.length / 3)) + 1;
  for (const candidate of known.slice(0, 1000)) {
    const next = leven(word.toLowerCase(), candidate.toLowerCase());
    if (next < distance) [best, distance] = [candidate, next];
  }
  return best;
}

/** More would be no help. */
const maxShown = 100;

/** `athenz-gitops.yaml:12:3: clusters[0].domian: unknown key …`, in the order of the file; of very many the first ones. */
export function describeIssues(
  issues: readonly ConfigIssue[],
  file: Config['file'],
  document: Document,
  lines: LineCounter,
): string {
  const offsetOf = finder(document);
  const located = issues.map((issue) => ({ issue, offset: offsetOf(issue.path) }));
  located.sort((a, b) => a.offset - b.offset);
  const shown = located
    .slice(0, maxShown)
    .map(({ issue, offset }) =>
      `${file}${placeOf(offset, lines)}: ${pathPrefix(issue.path)}${issue.message}`.replaceAll('\n', '\\n'),
    );
  const more = located.length - shown.length;
  return [...shown, ...(more > 0 ? [`${file}: and ${more} more`] : [])].join('\n');
}

/** `:12:3`, line and column; nothing for no offset. */
function placeOf(offset: number | undefined, lines: LineCounter): string {
  if (offset === undefined) return '';
  const { line, col } = lines.linePos(offset);
  return line > 0 ? `:${line}:${col}` : '';
}

function pathPrefix(path: IssuePath): string {
  return path.length === 0 ? '' : `${formatPath(path)}: `;
}

/** `clusters[0].domain`. */
export function formatPath(path: IssuePath): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return text.replace(/^\./, '');
}

/** Tells where a path stands in the file; where it is missing, the nearest thing around it. Each map is indexed once. */
function finder(document: Document): (path: IssuePath) => number {
  const indexes = new Map<unknown, ReadonlyMap<unknown, Pair>>();
  const indexOf = (map: YAMLMap) => {
    const index =
      indexes.get(map) ?? new Map(map.items.map((item) => [isScalar(item.key) ? item.key.value : item.key, item]));
    indexes.set(map, index);
    return index;
  };
  return (path) => {
    let offset = 0;
    let node: unknown = document.contents;
    for (const part of path) {
      if (isMap(node)) {
        const pair = indexOf(node).get(part);
        if (pair === undefined) break;
        offset = (pair.key as Node).range?.[0] ?? offset;
        node = pair.value;
      } else if (isSeq(node) && typeof part === 'number') {
        node = node.items[part];
        offset = (node as Node | undefined)?.range?.[0] ?? offset;
      } else {
        break;
      }
    }
    return offset;
  };
}
