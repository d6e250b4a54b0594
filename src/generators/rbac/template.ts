import { isMap, isNode, isScalar, type YAMLMap } from 'yaml';
import { AppError } from '../../model/error.ts';
import { managedByKey } from '../../model/manifest.ts';
import { quote } from '../../model/scalar.ts';
import { maxYamlBytes, parseYaml, YamlError } from '../../model/yaml.ts';

/** What a template's placeholders stand for. Each is checked before it gets here and needs no escaping. */
export interface TemplateValues {
  readonly cluster: string;
  readonly namespace: string;
  readonly domain: string;
  readonly role: string;
}

/** A template, ready to be filled: what it adds to an object, as finished lines of YAML. */
export interface Template {
  /** What it was compiled from. */
  readonly source: string;
  /** Comment lines above the object. */
  head(values: TemplateValues): string;
  /** Lines below `labels:`. */
  labels(values: TemplateValues): string;
  /** Lines below `annotations:`. */
  annotations(values: TemplateValues): string;
}

/** Fills the placeholders of one text. */
type Fill = (values: TemplateValues) => string;

const qualifiedName =
  /^((?=[^/]{1,253}\/)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;

/**
 * Compiles a template: YAML that may set `metadata.labels` and `metadata.annotations`, with `{cluster}`, `{namespace}`,
 * `{domain}` and `{role}` in their values. A comment directly above the first key is rendered above the object, one
 * directly above or behind a label or annotation with that; what an empty line sets apart is about the template itself
 * and is not rendered.
 *
 * @param file named in errors
 * @throws AppError `TEMPLATE_SYNTAX` or `TEMPLATE_FIELD`, with the line
 */
export function compileTemplate(file: string, text: string): Template {
  const { document, lines } = read(file, text);
  const at = (offset: number | undefined) => `${file}:${offset === undefined ? 1 : lines.linePos(offset).line}`;
  const refuse = (node: unknown, why: string): never => {
    const place = at(isNode(node) ? node.range?.[0] : undefined);
    throw new AppError('TEMPLATE_FIELD', `${place}: ${why}`, {
      next: 'a template may set metadata.labels and metadata.annotations, and add comments',
    });
  };
  const root: unknown = document.contents;
  if (root === null) return { source: text, head: () => '', labels: () => '', annotations: () => '' };
  if (!isMap(root)) return refuse(root, 'a template is a map');

  const metadata = fieldsOf(root, ['metadata'], '', refuse).get('metadata');
  const fields =
    metadata === undefined ? new Map() : fieldsOf(metadata, ['labels', 'annotations'], 'metadata.', refuse);
  const entries = (name: 'labels' | 'annotations') => compileEntries(text, name, fields.get(name), refuse);
  const [first] = root.items;
  return {
    source: text,
    head: compileText(commentLines(commentAbove(text, 0, first?.key), ''), refuse, first?.key),
    labels: entries('labels'),
    annotations: entries('annotations'),
  };
}

function read(file: string, text: string): ReturnType<typeof parseYaml> {
  try {
    return parseYaml(text, { maxBytes: maxYamlBytes.config });
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new AppError('TEMPLATE_SYNTAX', `${file}:${error.line ?? 1}: ${error.message}`, { next: 'correct the YAML' });
  }
}

type Refuse = (node: unknown, why: string) => never;

/** The maps that stand below the allowed keys of a map. */
function fieldsOf(map: YAMLMap, allowed: readonly string[], prefix: string, refuse: Refuse): Map<string, YAMLMap> {
  const fields = new Map<string, YAMLMap>();
  for (const { key, value } of map.items) {
    const name = isScalar(key) ? String(key.value) : '?';
    if (!allowed.includes(name)) refuse(key, `"${prefix}${name}" may not be set by a template`);
    if (isMap(value)) fields.set(name, value);
    else if (!(value === null || (isScalar(value) && value.value === null)))
      refuse(key, `"${prefix}${name}" must be a map`);
  }
  return fields;
}

function compileEntries(
  source: string,
  field: 'labels' | 'annotations',
  map: YAMLMap | undefined,
  refuse: Refuse,
): Fill {
  const items = map?.items ?? [];
  const entries = items.map(({ key, value }, index) => {
    const before: unknown = items[index - 1]?.value;
    const above = commentAbove(source, (isScalar(before) && before.range?.[1]) || 0, key);
    return compileEntry(field, key, value, above, refuse);
  });
  return (values) => entries.map((entry) => entry(values)).join('');
}

function compileEntry(
  field: 'labels' | 'annotations',
  key: unknown,
  value: unknown,
  above: readonly string[],
  refuse: Refuse,
): Fill {
  const name = isScalar(key) ? key.value : undefined;
  const text = isScalar(value) ? value.value : undefined;
  if (typeof name !== 'string') return refuse(key, `a key in metadata.${field} must be text: put it in quotes`);
  if (!qualifiedName.test(name)) return refuse(key, `"${name}" cannot be a key in metadata.${field}`);
  if (name === managedByKey || name.startsWith('athenz-gitops.io/'))
    return refuse(key, `"${name}" is set by athenz-gitops`);
  if (typeof text !== 'string') return refuse(key, `metadata.${field}."${name}" must be text: put it in quotes`);
  if (!text.isWellFormed()) return refuse(key, `metadata.${field}."${name}" contains a lone surrogate`);
  if (field === 'labels' && /\{(domain|role)\}/.test(text)) {
    return refuse(key, `metadata.labels."${name}": an Athenz name can be longer than a label; use an annotation`);
  }
  const fill = compileText(text, refuse, key);
  const comment = compileText(commentLines(above, '    '), refuse, key);
  const behind = compileText(
    isScalar(value) && value.comment ? commentLines(value.comment.split('\n', 1), ' ') : '\n',
    refuse,
    key,
  );
  // A key with a `/` is no word of YAML 1.1; others may be (`on`, `y`).
  const shown = name.includes('/') ? name : quote(name);
  return (values) => {
    const filled = fill(values);
    if (field === 'labels' && !labelValue.test(filled)) {
      refuse(
        key,
        `metadata.labels."${name}": "${filled}" is not a valid label value (at most 63 of A-Z, a-z, 0-9, ".", "_", "-")`,
      );
    }
    return `${comment(values)}    ${shown}: ${quote(filled)}${behind(values)}`;
  };
}

/**
 * The texts of the comment lines directly above a key.
 *
 * @param from where the value before the key ends, so that nothing inside of it is taken for a comment
 */
function commentAbove(source: string, from: number, key: unknown): readonly string[] {
  const to = isNode(key) ? key.range?.[0] : undefined;
  const lines = source
    .slice(from, to ?? from)
    .split('\n')
    .slice(0, -1);
  if (from > 0 && source[from - 1] !== '\n') lines.shift();
  const start = lines.findLastIndex((line) => !/^\s*#/.test(line)) + 1;
  return lines.slice(start).map((line) => line.trim().slice(1));
}

/** Finished comment lines. Control characters and the line breaks of YAML 1.1 would end a comment early. */
function commentLines(comments: readonly string[], indent: string): string {
  return comments
    .map((comment) => `${indent}#${comment.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\ufeff\ufffe\uffff]/gu, ' ').trimEnd()}\n`)
    .join('');
}

/** Splits a text at its placeholders once; filling is then joining. Braces around anything but a word are text. */
function compileText(text: string, refuse: Refuse, node: unknown): Fill {
  const parts = text.split(/\{([a-z]+)\}/);
  const known = ['cluster', 'namespace', 'domain', 'role'] as const;
  const fills = parts.map((part, index): Fill => {
    if (index % 2 === 0) return () => part;
    const name = known.find((candidate) => candidate === part);
    if (name === undefined)
      return refuse(node, `{${part}} is not a placeholder (known: ${known.map((it) => `{${it}}`).join(', ')})`);
    return (values) => values[name];
  });
  return (values) => fills.map((fill) => fill(values)).join('');
}
