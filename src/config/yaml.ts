import { type Document, isAlias, LineCounter, parseDocument, visit } from 'yaml';
import { AppError, reasonOf } from '../model/error.ts';
import { placeOf } from './issues.ts';

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
 * @throws AppError `CONFIG_SYNTAX`, with line and column
 */
export function readYaml(text: string, file: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const broken = document.errors[0];
  if (broken !== undefined) {
    const at = placeOf(broken.pos[0], lines);
    throw new AppError('CONFIG_SYNTAX', `${file}${at}: ${broken.message}`, { next: 'correct the YAML' });
  }
  try {
    return { raw: document.toJS({ maxAliasCount: 100 }), document, lines };
  } catch (error) {
    const at = placeOf(danglingAlias(document), lines);
    throw new AppError('CONFIG_SYNTAX', `${file}${at}: ${reasonOf(error)}`, { next: 'correct the YAML', cause: error });
  }
}

/** Where the first alias without an anchor before it stands: often a glob without quotes, as in `[*.yaml]`. */
function danglingAlias(document: Document): number | undefined {
  const anchors = new Set<string>();
  let offset: number | undefined;
  visit(document, {
    Node(_, node) {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.add(node.anchor);
      } else if (!anchors.has(node.source)) {
        offset = node.range?.[0];
        return visit.BREAK;
      }
      return undefined;
    },
  });
  return offset;
}
