import { maxYamlBytes, parseYaml } from '../model/yaml.ts';

/** The names that kustomize looks for in a folder (kustomize, `konfig.RecognizedKustomizationFileNames`). */
export const kustomizationNames: readonly string[] = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** Whether kustomize would read a file by its name. */
export function isKustomization(path: string): boolean {
  return kustomizationNames.includes(path.slice(path.lastIndexOf('/') + 1));
}

/** What a kustomization names in its own repository, by paths from the repository's root. */
export interface Kustomization {
  readonly path: string;
  readonly folder: string;
  /** Files, and folders with a kustomization of their own, whose objects are applied. */
  readonly resources: readonly string[];
  /** Files that it needs besides. */
  readonly others: readonly string[];
}

/** Reads what a kustomization names; undefined for what is none. Addresses of other repositories are left out. */
export function parseKustomization(path: string, content: Uint8Array): Kustomization | undefined {
  const read = parseMap(content);
  if (read === undefined) return undefined;
  const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  const local = (names: readonly unknown[]) =>
    names.flatMap((name) => (typeof name === 'string' ? (resolveFrom(folder, name) ?? []) : []));
  const lists = (...keys: readonly string[]) => keys.flatMap((key) => listOf(read[key]));
  const files = lists('patches', 'patchesJson6902', 'replacements').map((it) => (isMap(it) ? it['path'] : undefined));
  // A text with a line break is a patch itself.
  const named = lists('patchesStrategicMerge', 'crds', 'configurations', 'generators', 'transformers', 'validators');
  const names = named.filter((it) => typeof it === 'string' && !it.includes('\n'));
  return {
    path,
    folder,
    resources: local(lists('resources', 'bases', 'components')),
    others: local([...files, ...names]),
  };
}

function parseMap(content: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const { value } = parseYaml(content, { maxBytes: maxYamlBytes.config, mergeKeys: 'read' });
    return isMap(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** What kustomize takes for the address of a repository rather than a path. */
const address = /:\/\/|[?]|^[^/]+@|^(github|gitlab|bitbucket)\.[^/]+[/:]|^git::/;

/** Undefined for what is outside the repository. */
function resolveFrom(folder: string, name: string): string | undefined {
  if (address.test(name) || name.startsWith('/')) return undefined;
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}
