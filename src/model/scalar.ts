/**
 * Writes a string as a YAML scalar that every reader takes for the same string.
 *
 * YAML 1.1 readers (kubectl, Argo CD) turn plain `y`, `on`, `1_000` or `0o7` into something else, so everything is
 * double-quoted. Escaped are `"`, `\`, control characters, the line breaks of YAML 1.1 (U+0085, U+2028, U+2029), the byte
 * order mark and what YAML calls unprintable; U+0085 and U+2028 would silently become a blank otherwise.
 *
 * @param text well-formed UTF-16: a lone surrogate has no encoding and must not get here
 */
export function quote(text: string): string {
  if (plain.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new TypeError('a lone surrogate cannot be written as YAML');
  return `"${text.replace(/["\\]/g, '\\$&').replace(unprintable, escapeUnit)}"`;
}

/** What needs no escape: printable ASCII but `"` and `\\`. */
const plain = /^[ !#-[\]-~]*$/;
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

function escapeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A list of strings on one line: `["get", "list"]`. */
export function quoteList(texts: readonly string[]): string {
  return `[${texts.map(quote).join(', ')}]`;
}
