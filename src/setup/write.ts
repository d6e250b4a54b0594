import { parseConfig } from '../config/load.ts';
import type { ConfigInput } from '../config/schema.ts';
import { configText } from '../config/text.ts';
import type { Config } from '../config/types.ts';
import { type FileToWrite, writeFiles } from '../run/write-files.ts';
import { type Advice, type NewConfig, writeConfig } from './config-file.ts';
import type { SetupFile } from './files.ts';

/** A config as a file, and as it reads. */
export interface MadeConfig {
  readonly text: string;
  readonly config: Config;
}

/**
 * A config as a file. What is written must load; what is wrong with it is said in the words of the config.
 *
 * @param file absolute path
 * @throws AppError `CONFIG_…`
 */
export function makeConfig(
  input: ConfigInput,
  forge: ConfigInput['forge'],
  { heading, file }: { readonly heading: readonly string[]; readonly file: string },
): MadeConfig {
  const text = configText(forge === undefined ? input : { ...input, forge }, heading);
  return { text, config: parseConfig(text, file) };
}

/** What runs it, from the root of the repository. */
export interface Beside {
  readonly root: string;
  readonly files: readonly SetupFile[];
}

/** A config, and what is written with it. */
export interface Setup {
  readonly config: NewConfig;
  /** Folder that the files are relative to. */
  readonly root: string;
  /** What has to be there before the config is. */
  readonly before?: readonly FileToWrite[];
  readonly after?: readonly FileToWrite[];
  readonly beside: Beside;
  /** What a killed run left in place of `after`. */
  readonly leftovers?: ReadonlySet<string>;
}

/**
 * Writes a config, and what belongs to it. Killed half-way, it can be repeated.
 *
 * @throws AppError `OUTPUT_WRITE`; `USAGE` where something else stands there
 */
export async function writeSetup(
  { config, root, before = [], after = [], beside, leftovers }: Setup,
  advice: Advice,
): Promise<void> {
  await writeFiles(root, before, new Set());
  await writeBeside(beside);
  await writeConfig(config, advice);
  await writeFiles(root, after, leftovers ?? new Set());
}

/** @throws AppError `OUTPUT_WRITE` */
export async function writeBeside({ root, files }: Beside): Promise<void> {
  const changed = files.filter(({ change }) => change !== 'same');
  await writeFiles(
    root,
    changed.map(({ path, text }) => ({ path, after: { text } })),
    new Set(),
  );
}
