import { z } from 'zod';
import { defaultBase, defaultOutputPath } from './schema.ts';
import { readYaml } from './yaml.ts';

/** What another config says of where it writes and proposes. */
export interface RecognizedConfig {
  readonly id: string | null;
  /** Relative to its folder. */
  readonly outputPath: string;
  readonly clusters: readonly string[];
  readonly base: string;
  readonly repository: string | null;
  /** Everything in it, by its keys. */
  readonly further: Readonly<Record<string, unknown>>;
}

/** A word that stands in every config, and in hardly another file. */
export const configWord = 'zmsUrl';

/** By the required keys alone: a config of another version, or with a mistake in it, still owns what it owns. */
const shape = z.looseObject({
  id: z.string().nullable().default(null).catch(null),
  athenz: z.object({ [configWord]: z.string() }),
  clusters: z.array(z.object({ name: z.string().min(1), domain: z.string() })).min(1),
  output: z
    .object({ path: z.string().default(defaultOutputPath) })
    .prefault({})
    .catch({ path: defaultOutputPath }),
  forge: z
    .object({ base: z.string().default(defaultBase), repository: z.string().nullable().default(null) })
    .prefault({})
    .catch({ base: defaultBase, repository: null }),
});

/** Tells a config file by its content. @returns undefined for any other file */
export function recognizeConfig(content: Uint8Array, file: string): RecognizedConfig | undefined {
  let raw: unknown;
  try {
    ({ raw } = readYaml(content, file));
  } catch {
    return undefined;
  }
  const { success, data } = shape.safeParse(raw);
  if (!success) return undefined;
  const { id, output, clusters, forge } = data;
  return { id, outputPath: output.path, clusters: clusters.map(({ name }) => name), ...forge, further: data };
}
