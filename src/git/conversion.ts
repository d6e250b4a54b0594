/** A file's attributes that change its content between disk and repository, as git-check-attr(1) says them. */
export type Attributes = Readonly<Record<(typeof attributeNames)[number], string>>;

export const attributeNames = ['text', 'crlf', 'eol', 'working-tree-encoding', 'ident', 'filter'] as const;

/** What git's configuration says about it. */
export interface ConversionSettings {
  readonly autoCrlf: boolean;
  /** Names of the filters that have a program. */
  readonly filters: ReadonlySet<string>;
}

/**
 * What git makes of a file of the work tree when it stores it, gitattributes(5). `unknown`: a program or an encoding decides,
 * which is not run or read here.
 */
export type Conversion =
  | { readonly kind: 'known'; readonly lines: 'keep' | 'text' | 'auto'; readonly ident: boolean }
  | { readonly kind: 'unknown'; readonly attribute: string };

/** Decides as git's convert.c does. */
export function decideConversion(attributes: Attributes, { autoCrlf, filters }: ConversionSettings): Conversion {
  const { filter, ident, 'working-tree-encoding': encoding } = attributes;
  if (filters.has(filter)) return { kind: 'unknown', attribute: `filter=${filter}` };
  if (encoding !== 'unspecified' && !/^(utf-?8)?$/i.test(encoding)) {
    return { kind: 'unknown', attribute: `working-tree-encoding=${encoding}` };
  }
  return { kind: 'known', lines: linesOf(attributes, autoCrlf), ident: ident === 'set' };
}

function linesOf({ text, crlf, eol }: Attributes, autoCrlf: boolean): 'keep' | 'text' | 'auto' {
  const own = textOf(text) ?? textOf(crlf);
  if (own === 'keep' || own === 'auto') return own;
  if (own === 'text' || eol === 'lf' || eol === 'crlf') return 'text';
  return autoCrlf ? 'auto' : 'keep';
}

function textOf(value: string): 'keep' | 'text' | 'auto' | undefined {
  switch (value) {
    case 'set':
    case 'input':
      return 'text';
    case 'unset':
      return 'keep';
    case 'auto':
      return 'auto';
    default:
      return undefined;
  }
}

/** Whether the stored file decides, too: of files that git takes for text by itself, those stored with CRLF stay. */
export function asksIndex({ lines }: Conversion & { readonly kind: 'known' }, content: Uint8Array): boolean {
  return lines === 'auto' && hasCrlf(content) && !looksBinary(content);
}

/**
 * The content as git stores it.
 *
 * @param stored what the index has, where `asksIndex`
 */
export function toStored(
  { lines, ident }: Conversion & { readonly kind: 'known' },
  content: Uint8Array,
  stored: Uint8Array | undefined,
): Uint8Array {
  const keepsCrlf = stored !== undefined && hasCrlf(stored) && !looksBinary(stored);
  const strips = lines === 'text' || (lines === 'auto' && !keepsCrlf && !looksBinary(content));
  if (!ident && !(strips && hasCrlf(content))) return content;
  const bytes = Buffer.from(content).toString('latin1');
  const text = strips ? bytes.replaceAll('\r\n', '\n') : bytes;
  return Buffer.from(ident ? text.replace(/\$Id:[^$\n]*\$/g, '$Id$$') : text, 'latin1');
}

function hasCrlf(content: Uint8Array): boolean {
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength).includes('\r\n');
}

const [nul, backspace, tab, lf, formFeed, cr, endOfFile, esc, del] = [0, 8, 9, 10, 12, 13, 26, 27, 127];
const printableControls: readonly number[] = [backspace, tab, formFeed, esc];

/** `convert_is_binary` of git's convert.c: a NUL, a CR alone, or more than one in 128 that nobody can read. */
function looksBinary(content: Uint8Array): boolean {
  let [readable, unreadable] = [0, 0];
  for (let at = 0; at < content.length; at++) {
    const byte = content[at] ?? 0;
    if (byte === lf) continue;
    if (byte === cr) {
      if (content[at + 1] !== lf) return true;
    } else if (byte === nul) return true;
    else if (byte === del || (byte < 32 && !printableControls.includes(byte))) unreadable++;
    else readable++;
  }
  if (content.at(-1) === endOfFile) unreadable--;
  return readable >> 7 < unreadable;
}
