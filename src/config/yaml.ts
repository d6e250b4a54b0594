import type { Document, LineCounter } from 'yaml';
import { AppError } from '../model/error.ts';
import { maxYamlBytes, parseYaml, YamlError } from '../model/yaml.ts';

/** What a YAML or JSON file holds, and where. */
export interface YamlSource {
  readonly raw: unknown;
  readonly document: Document;
  readonly lines: LineCounter;
}

/**
 * Reads the text of a file that a person wrote.
 *
 * @param file only named in messages
 * @throws AppError `CONFIG_SYNTAX`, with line and column; also for a file above 1 MiB
 */
export function readYaml(text: string | Uint8Array, file: string): YamlSource {
  try {
    const { value, document, lines } = parseYaml(text, { maxBytes: maxYamlBytes.config, tags: 'refused' });
    return { raw: value, document, lines };
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    const at = error.line === undefined ? '' : `:${error.line}:${error.column}`;
    throw new AppError('CONFIG_SYNTAX', `${file}${at}: ${error.message}`, { next: 'correct the YAML', cause: error });
  }
}
