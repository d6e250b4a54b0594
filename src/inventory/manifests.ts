import { AppError, reasonOf } from '../model/error.ts';
import { textsOf } from '../model/inventory.ts';
import { label } from '../model/label.ts';
import { maxYamlBytes, parseYamlStream, sizeProblem, YamlError } from '../model/yaml.ts';

/** A namespace as a file declares it. */
export interface Declared {
  readonly name: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** As read, before anything is checked. */
interface Found {
  readonly name?: unknown;
  readonly annotations?: unknown;
  readonly labels?: unknown;
}

/**
 * All namespaces that a file declares: `Namespace` documents, also inside `List`s, and plain lists of names
 * (a YAML list, or one name a line in any other file). Other kinds are ignored.
 *
 * @param file path, for messages and to tell YAML from plain text
 * @throws AppError `INVENTORY_UNREADABLE` when the file does not parse, `INVENTORY_BAD_NAME` when one of its namespaces
 *   has a name Kubernetes would refuse; a file is taken whole or not at all
 */
export function parseNamespaces(file: string, content: Uint8Array): readonly Declared[] {
  const text = decode(file, content);
  const found: Iterable<Found> = /\.(ya?ml|json)$/.test(file) ? fromYaml(file, text) : fromLines(text);
  return Array.from(found, ({ name, ...it }) => {
    if (typeof name === 'string' && label.test(name)) {
      const [annotations, labels] = [textsOf(it.annotations), textsOf(it.labels)];
      return {
        name,
        ...(annotations === undefined ? {} : { annotations }),
        ...(labels === undefined ? {} : { labels }),
      };
    }
    throw new AppError(
      'INVENTORY_BAD_NAME',
      `reading the namespaces in ${file}: ${describe(name)} cannot name a namespace`,
      { next: 'use at most 63 lower case letters, digits and "-", quoted if it reads as a number' },
    );
  });
}

/** A list or a map is not written out: it may hold itself, or more than anybody wants to read. */
function describe(name: unknown): string {
  if (Array.isArray(name)) return 'a list';
  if (typeof name === 'object' && name !== null) return 'a map';
  return (JSON.stringify(name) ?? 'nothing').slice(0, 100);
}

function decode(file: string, content: Uint8Array): string {
  const tooLarge = sizeProblem(content.byteLength, maxYamlBytes.manifests);
  if (tooLarge !== undefined) throw unreadable(file, tooLarge);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (error) {
    throw unreadable(file, 'it is not UTF-8', error);
  }
}

function fromYaml(file: string, text: string): readonly Found[] {
  try {
    const names: Found[] = [];
    for (const { value } of parseYamlStream(text, { maxBytes: maxYamlBytes.manifests, mergeKeys: 'read' })) {
      for (const name of namesIn(value)) names.push(name);
    }
    return names;
  } catch (error) {
    throw unreadable(file, error instanceof YamlError ? error.sentence : reasonOf(error), error);
  }
}

function* fromLines(text: string): Generator<Found, void, undefined> {
  for (const [line] of text.matchAll(/[^\n]+/g)) {
    const name = line.replace(/#.*/, '').trim();
    if (name !== '') yield { name };
  }
}

interface Manifest {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly metadata?: Found | null;
  readonly items?: unknown;
}

function namesIn(document: unknown): readonly Found[] {
  if (Array.isArray(document)) return document.map((name) => ({ name }));
  if (document === null) return [];
  if (typeof document !== 'object') throw new TypeError('it holds neither manifests nor a list of names');
  const { apiVersion, kind, metadata, items } = document as Manifest;
  if (apiVersion !== 'v1') return [];
  if (kind === 'Namespace')
    return [{ name: metadata?.name, annotations: metadata?.annotations, labels: metadata?.labels }];
  if ((kind === 'List' || kind === 'NamespaceList') && Array.isArray(items)) {
    return items.flatMap((item) => (Array.isArray(item) ? [] : namesIn(kind === 'List' ? item : withKind(item))));
  }
  return [];
}

/** The API server leaves apiVersion and kind out of the items of a typed list; kubectl puts them back the same way. */
function withKind(item: unknown): unknown {
  const { apiVersion, kind } = (item ?? {}) as Manifest;
  return apiVersion === undefined && kind === undefined
    ? { ...(item as object), apiVersion: 'v1', kind: 'Namespace' }
    : item;
}

function unreadable(file: string, why: string, cause?: unknown): AppError {
  return new AppError('INVENTORY_UNREADABLE', `reading the namespaces in ${file}: ${why}`, {
    next: 'correct the file, or leave it out of namespaces.files',
    cause,
  });
}
