import type { OpenInput } from '../../core/generator.ts';
import type { TreeFile } from '../../model/tree.ts';
import type { Json } from '../../model/yaml-write.ts';
import { type MatchedFiles, readMatching } from '../objects/files.ts';
import { readDocuments } from '../objects/manifests.ts';
import type { FleetConfig } from './config.ts';
import type { FleetInput } from './fleet.ts';
import type { FleetLayout } from './layout.ts';
import { type Documents, readClusters, readModules, readSets } from './read-input.ts';

const kinds = ['clusters', 'modules', 'sets'] as const;

/** Reads the files of a fleet. */
export async function readInputs(input: OpenInput<FleetConfig>, layout: FleetLayout): Promise<FleetInput> {
  const { config } = input;
  const lists = new Map(kinds.map((kind) => [kind, config.inputs[kind]]));
  const files = await readMatching(input, lists, [layout.root], (_, content) => readDocuments(content));
  return {
    config,
    clusters: documentsOf(files, 'clusters', readClusters),
    modules: documentsOf(files, 'modules', readModules),
    sets: documentsOf(files, 'sets', readSets),
    unmatched: [
      ...(files.unmatched.get('clusters') ?? []),
      // The Kyma operator needs no file for a module.
      ...(config.kind === 'HelmComponent' ? [] : (files.unmatched.get('modules') ?? [])),
    ],
  };
}

function documentsOf<T>(
  { paths, read }: MatchedFiles<{ readonly documents: readonly Json[] }>,
  kind: (typeof kinds)[number],
  readFile: (documents: readonly Json[], file: string) => Documents<T>,
): Documents<T> {
  const all = (paths.get(kind) ?? []).map((file): Documents<T> => {
    const result = read.get(file) ?? { reason: 'it cannot be read' };
    if ('documents' in result) return readFile(result.documents, file);
    return { valid: [], invalid: [], unreadable: [{ file, reason: result.reason }] };
  });
  return {
    valid: all.flatMap(({ valid }) => valid),
    invalid: all.flatMap(({ invalid }) => invalid),
    unreadable: all.flatMap(({ unreadable }) => unreadable),
  };
}

/** The modules that the files of a tree are of, by their paths. */
export function presentIn(files: Iterable<TreeFile>, layout: FleetLayout): ReadonlySet<string> {
  const present = new Set<string>();
  for (const { path } of files) {
    const at = layout.at(path);
    if (typeof at === 'object') present.add(at.module);
  }
  return present;
}
