import { readFileSync } from 'node:fs';
import { type Document, isMap, isScalar, isSeq } from 'yaml';
import type { z } from 'zod';
import { AppError, reasonOf } from '../model/error.ts';
import { maxYamlBytes, parseYaml, YamlError } from '../model/yaml.ts';
import type { SandboxState } from './state.ts';
import { normaliseState } from './state.ts';
import { stateShape } from './state-shape.ts';

/**
 * Reads a state file.
 *
 * @throws AppError `CONFIG_NOT_FOUND`, or as `parseState`
 */
export function loadState(file: string): SandboxState {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new AppError('CONFIG_NOT_FOUND', `reading the sandbox state ${file}: ${reasonOf(error)}`, { cause: error });
  }
  return parseState(text, file);
}

/**
 * Reads the text of a state file; `file` is only named in messages.
 *
 * @throws AppError `CONFIG_SYNTAX` or `CONFIG_INVALID`; the latter names every wrong value with its line
 */
export function parseState(text: string, file: string): SandboxState {
  const { document, value, lines } = read(text, file);
  const parsed = stateShape.safeParse(value);
  if (parsed.success) return normaliseState(parsed.data);
  // Of very many the first ones: each is looked for from the top.
  const found = parsed.error.issues.slice(0, 100).map((issue) => {
    const { offset, path } = locate(document, issue.path);
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}: ${path}${messageOf(issue)}`;
  });
  throw new AppError('CONFIG_INVALID', found.join('\n'), { next: 'correct the state file' });
}

function read(text: string, file: string): ReturnType<typeof parseYaml> {
  try {
    // A company's state may be an export of a server.
    return parseYaml(text, { maxBytes: maxYamlBytes.manifests });
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    const at = error.line === undefined ? '' : `:${error.line}:${error.column}`;
    throw new AppError('CONFIG_SYNTAX', `${file}${at}: ${error.message}`, { next: 'correct the YAML', cause: error });
  }
}

/** A wrong key of a record is an issue of the key, whose own message says more. */
function messageOf(issue: z.core.$ZodIssue): string {
  const inner = issue.code === 'invalid_key' ? issue.issues[0] : undefined;
  return (inner ?? issue).message.replace(/^Invalid input: /, '');
}

/** Where a path stands in the file. Steps that only the spelled-out form has (`members`, `name`) are ignored. */
function locate(document: Document, path: readonly PropertyKey[]): { readonly offset: number; readonly path: string } {
  let offset = 0;
  let node: unknown = document.contents;
  const steps: string[] = [];
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === part);
      steps.push(String(part));
      if (pair === undefined) break;
      offset = isScalar(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
      node = pair.value;
    } else if (isSeq(node) && typeof part === 'number') {
      steps.push(String(part + 1));
      node = node.items[part];
      if (isScalar(node) || isMap(node)) offset = node.range?.[0] ?? offset;
    }
  }
  return { offset, path: steps.length === 0 ? '' : `${steps.join(' > ')}: ` };
}
