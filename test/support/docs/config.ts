import { configJsonSchema } from '../../../src/config/json-schema.ts';
import { configKeys } from '../../../src/core/generator.ts';
import { generators } from '../../../src/generators/list.ts';
import { inCell, inCode, table } from './table.ts';

/** As much of JSON Schema as the config has. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

/** Pages with more about a key and those below it. */
const pages: Readonly<Record<string, string>> = {
  id: '../how-to/several-configs.md',
  'athenz.concurrency': '../concepts/failures.md#when-zms-is-slow-or-down',
  'athenz.cache': '../concepts/cache.md',
  'clusters[].namespaces.files': '#namespaces',
  'clusters[].namespaces.cluster': '../how-to/drift.md#namespaces-from-the-cluster',
  'clusters[].namespaces.exclude': '#namespaces',
  'clusters[].kube.uid': '../how-to/drift.md#which-cluster',
  'clusters[].kube.kubeconfig': 'environment.md#programs-that-a-kubeconfig-runs',
  names: 'files.md',
  'output.templates': 'files.md#templates',
  'output.keep': '../how-to/argo-cd.md',
  'forge.kind': '../concepts/proposals.md',
  'forge.maxOpenPullRequests': '../how-to/github.md#what-it-says',
  'limits.maxRemovedGrants': '../concepts/limits.md',
  'limits.maxSubjects': '../concepts/limits.md#held-changes',
  'alerts.unread': '../concepts/failures.md#what-waits',
  'provision.resourceOwner': '../how-to/provision.md#what-it-never-does',
  'provision.prune': '../how-to/provision.md#cleanup',
  'provision.roles.<role>.trust.policy': '../how-to/provision.md#what-the-identity-may-do',
  'copies.allowKinds': '../how-to/copies.md#what-is-refused',
  'mirrors.marker': '../how-to/mirror.md#argo-cd-and-flux',
  'mirrors.services[].mode': '../how-to/mirror.md#modes',
  'copies.marker': '../how-to/copies.md#argo-cd-and-flux',
  'fleet.path': '../how-to/fleet.md#layout',
  'fleet.inputs.clusters': '../how-to/fleet.md#clusters',
  'fleet.inputs.modules': '../how-to/fleet.md#modules',
  'fleet.inputs.sets': '../how-to/fleet.md#values',
  'fleet.kind': '../how-to/fleet.md#kinds',
  'fleet.marker': '../how-to/fleet.md#layout',
};

/** What each of the keys is a name of. */
const names: Readonly<Record<string, string>> = { 'provision.roles': '<role>', 'provision.groups': '<group>' };

/** Said once, for another key. */
const repeated = new Set(['clusters[].roles', '$schema']);

const titles: Readonly<Record<string, string>> = {
  provision: 'What `provision` creates: [Provisioning](../how-to/provision.md).',
  mirrors: 'Without this key no Service is mirrored: [Mirrored Services](../how-to/mirror.md).',
  fleet: 'Without this key there is no fleet: [Fleet](../how-to/fleet.md).',
  copies: 'Without this key there are no copies: [Copies of objects](../how-to/copies.md).',
};

/** The tables of `docs/reference/config.md`, one for each key at the top. @throws where a key is not described */
export function configTables(): string {
  const schema: Schema = configJsonSchema(configKeys(generators));
  const seen = new Set<string>();
  const sections = Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const rows = rowsOf(key, value, schema.required?.includes(key) ?? false);
    for (const { path } of rows) seen.add(path);
    if (rows.length === 0) return [];
    const title = titles[key] === undefined ? '' : `${titles[key]}\n\n`;
    const cells = rows.map((row) => [inCode(row.path), row.standard, row.meaning]);
    return [`### ${key}\n\n${title}${table(['key', 'default', 'meaning'], cells)}`];
  });
  const lost = Object.keys(pages).filter((path) => !seen.has(path));
  if (lost.length > 0) throw new Error(`there is no such key: ${lost.join(', ')}`);
  return sections.join('\n');
}

interface Row {
  readonly path: string;
  readonly standard: string;
  readonly meaning: string;
}

function rowsOf(path: string, schema: Schema, isRequired: boolean): readonly Row[] {
  if (path === '$schema') return [];
  const below = repeated.has(path) ? [] : childrenOf(path, schema);
  if (below.length > 0) {
    return below.flatMap(([name, child, needed]) => rowsOf(name, child, needed));
  }
  if (schema.description === undefined) throw new Error(`the key ${path} has no description`);
  const page = pages[path];
  const more = page === undefined ? '' : ` [More](${page})`;
  return [
    { path, standard: isRequired ? 'required' : standardOf(schema), meaning: `${inCell(schema.description)}${more}` },
  ];
}

/** The keys below one that have rows of their own: those that are described. */
function childrenOf(path: string, schema: Schema): readonly (readonly [string, Schema, boolean])[] {
  const forms = [schema, ...(schema.anyOf ?? [])];
  // What may be null is a value as a whole, but for the groups of settings that a delegated role needs.
  const isValue = forms.some(({ type }) => type === 'null') && path !== 'provision.roles.<role>.trust';
  return forms.flatMap(({ properties, required, items, additionalProperties }) => {
    if (properties !== undefined && !isValue) {
      return Object.entries(properties).flatMap(([name, child]) =>
        isDescribed(child) ? [[`${path}.${name}`, child, required?.includes(name) ?? false] as const] : [],
      );
    }
    if (items !== undefined) return childrenOf(`${path}[]`, items);
    const name = names[path];
    return typeof additionalProperties === 'object' && name !== undefined
      ? childrenOf(`${path}.${name}`, additionalProperties)
      : [];
  });
}

/** Whether it, or what is below it, has a description. */
function isDescribed({ description, properties, anyOf }: Schema): boolean {
  if (description !== undefined) return true;
  return [...Object.values(properties ?? {}), ...(anyOf ?? [])].some(isDescribed);
}

/** Null and an empty list say no more than the description. */
function standardOf(schema: Schema): string {
  const value = filled(schema);
  const isNothing = value === undefined || value === null || value === '' || Object.keys(Object(value)).length === 0;
  if (isNothing && typeof value !== 'number' && typeof value !== 'boolean') return '';
  return inCode(asYaml(value));
}

/** The default with those of what is below it. */
function filled({ default: value, properties, anyOf }: Schema): unknown {
  const below = properties ?? anyOf?.find((it) => it.properties !== undefined)?.properties;
  if (below === undefined || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(below).map(([key, child]) => [key, filled(child)]));
}

function asYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(asYaml).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, it]) => `${key}: ${asYaml(it)}`)
      .join(', ')}}`;
  return value === '*' ? '"*"' : String(value);
}
