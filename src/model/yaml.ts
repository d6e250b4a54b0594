import type { DocumentOptions, ParseOptions, ScalarTag, SchemaOptions } from 'yaml';
import { type Document, LineCounter, parseAllDocuments, parseDocument } from 'yaml';
import { checkNodes, type RepeatOptions } from './yaml-check.ts';

/** The largest texts that are parsed, in bytes: a parsed text takes some hundred times its size in memory. */
export const maxYamlBytes = {
  /** Config, templates and other files that people write. */
  config: 1024 ** 2,
  /** Manifests, also those that programs write. */
  manifests: 8 * 1024 ** 2,
} as const;

/** Documents of one text. */
const maxDocuments = 100_000;
/** What a document says, as nodes with their place in the text and as plain data. */
export interface YamlDocument {
  readonly document: Document;
  readonly value: unknown;
}

export interface YamlOptions extends RepeatOptions {
  readonly maxBytes: number;
  /** Which version's rules hold where a document names none; 1.2 by default. */
  readonly version?: '1.1' | '1.2';
  /** `refused`: so is a tag of one's own, which an unquoted text that begins with "!" is read as. */
  readonly tags?: 'allowed' | 'refused';
  /**
   * `exact`: integers beyond 2^53 as bigint, and no type that JSON lacks: a time or a number in base 60 is the text it is written as,
   * as the parser of Kubernetes has it (sigs.k8s.io/yaml), and a tag that asks for anything else is an error.
   */
  readonly values?: 'plain' | 'exact';
}

/** What is wrong with a text. Lines and columns start at 1; they are missing where no place can be named. */
export class YamlError extends Error {
  override readonly name = 'YamlError';
  readonly line: number | undefined;
  readonly column: number | undefined;

  constructor(message: string, place?: { readonly line: number; readonly col: number }) {
    super(message);
    const known = place !== undefined && place.line > 0;
    this.line = known ? place.line : undefined;
    this.column = known ? place.col : undefined;
  }

  /** The message with its place behind it. */
  get sentence(): string {
    return this.line === undefined ? this.message : `${this.message} at line ${this.line}, column ${this.column}`;
  }
}

/**
 * Parses a text that holds one document, in time and memory that follow its length. Keys that are equal, or would be in
 * JSON (`1` and `"1"`), are an error.
 *
 * @throws YamlError the first thing that is wrong
 */
export function parseYaml(
  source: string | Uint8Array,
  options: YamlOptions,
): YamlDocument & { readonly lines: LineCounter } {
  const lines = new LineCounter();
  const text = readable(source, options.maxBytes);
  return shallow(() => ({ ...toValue(parseDocument(text, parserOptions(options, lines)), options, lines), lines }));
}

/** As `parseYaml`, for any number of documents. */
export function parseYamlStream(source: string | Uint8Array, options: YamlOptions): readonly YamlDocument[] {
  const lines = new LineCounter();
  const text = readable(source, options.maxBytes);
  return shallow(() => {
    const documents = parseAllDocuments(text, parserOptions(options, lines));
    return 'empty' in documents ? [] : documents.map((document) => toValue(document, options, lines));
  });
}

/** The parser calls itself for each level. It reports a full stack as an error of the document, or throws it. */
function shallow<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof Error && /^Maximum call stack/.test(error.message))) throw error;
    throw new YamlError('it is nested too deeply');
  }
}

/** As text: bytes are counted first, as a string cannot hold every file. */
function readable(source: string | Uint8Array, maxBytes: number): string {
  const tooLarge = sizeProblem(typeof source === 'string' ? Buffer.byteLength(source) : source.byteLength, maxBytes);
  if (tooLarge !== undefined) throw new YamlError(tooLarge);
  const text = typeof source === 'string' ? source : Buffer.from(source).toString('utf8');
  const markers = text.match(/^(---|\.\.\.)(?=\s|$)/gm)?.length ?? 0;
  if (markers > maxDocuments)
    throw new YamlError(`${markers} documents are too many: at most ${maxDocuments} are read`);
  return text;
}

/** Says that so many bytes are too many to parse, or nothing. */
export function sizeProblem(bytes: number, maxBytes: number): string | undefined {
  return bytes <= maxBytes ? undefined : `${bytes} bytes are too many: at most ${maxBytes} are read`;
}

function parserOptions(
  { version = '1.2', values = 'plain' }: YamlOptions,
  lineCounter: LineCounter,
): ParseOptions & DocumentOptions & SchemaOptions {
  return {
    version,
    lineCounter,
    // Whatever the version, so that each merge key is seen for what it is.
    merge: true,
    // Of a hundred thousand errors only the first is shown: only its place is worked out.
    prettyErrors: false,
    logLevel: 'error',
    // The parser compares every key with all keys before it; `checkNodes` does so in one pass.
    uniqueKeys: false,
    // `!!omap` does the same, and JSON has no such types: they are read as the collections that they look like.
    resolveKnownTags: false,
    customTags: (tags) => [
      ...(values === 'exact' ? [goInteger, noNumber] : []),
      ...tags.filter((tag) => typeof tag !== 'object' || isKnown(tag, values)),
    ],
    intAsBigInt: values === 'exact',
  };
}

/** Integers that the parser of Kubernetes reads besides those of YAML 1.1: Go's own (strconv.ParseInt of base 0, without `_`). */
const goInteger: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  format: 'GO',
  test: /^[-+]?0([oO][0-7_]*[0-7][0-7_]*|[xX][0-9a-fA-F_]*[0-9a-fA-F][0-9a-fA-F_]*|[bB][01_]*[01][01_]*)$/,
  resolve(text) {
    const [, sign, digits = ''] = /^([-+]?)(.*)$/.exec(text.replaceAll('_', '').toLowerCase()) ?? [];
    return sign === '-' ? -BigInt(digits) : BigInt(digits);
  },
};

/** What the pattern of YAML 1.1 takes for a number although it has no digit before its exponent: a text to Kubernetes. */
const noNumber: ScalarTag = {
  tag: 'tag:yaml.org,2002:str',
  default: true,
  test: /^[-+]?(?:\._*(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)$/,
  resolve: (text) => text,
};

function isKnown({ tag, format }: { readonly tag: string; readonly format?: string }, values: YamlOptions['values']) {
  if (/:(omap|pairs|set)$/.test(tag)) return false;
  return values !== 'exact' || !(format === 'TIME' || /:(timestamp|binary)$/.test(tag));
}

const ownTag = /^Unresolved tag: (!(?!!).*)$/;

function toValue(document: Document, options: YamlOptions, lines: LineCounter): YamlDocument {
  const fail = (message: string, offset: number | undefined): never => {
    throw new YamlError(message, offset === undefined ? undefined : lines.linePos(offset));
  };
  const tag = options.tags === 'refused' ? document.warnings.find(({ message }) => ownTag.test(message)) : undefined;
  if (tag !== undefined) {
    const text = tag.message.replace(ownTag, '$1');
    return fail(`${text} is read as a YAML tag: quote what begins with "!", as "${text}"`, tag.pos[0]);
  }
  const unknown =
    options.values === 'exact' ? document.warnings.find(({ message }) => /tag/i.test(message)) : undefined;
  if (unknown !== undefined) return fail('a tag that JSON has no type for', unknown.pos[0]);
  const [broken] = document.errors;
  if (broken !== undefined) return fail(broken.message, broken.pos[0]);
  checkNodes(document.contents, options, fail);
  // Aliases were counted above; the parser's own count looks through the document again for each.
  return { document, value: document.toJS({ maxAliasCount: -1 }) };
}
