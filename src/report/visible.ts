/**
 * Makes a text from outside fit for a terminal or a log line: control characters (terminal escapes, line breaks),
 * invisible and direction-changing characters and lone surrogates are shown as `\uXXXX`; a long text is cut.
 */
export function visible(text: string, most = 200): string {
  const shown = text.toWellFormed() === text ? text : text.replace(/\p{Cs}/gu, escapeUnit);
  const cut =
    shown.length > most ? `${[...shown.slice(0, most)].slice(0, -1).join('')}… (${text.length} characters)` : shown;
  return escapeHidden(cut);
}

/** Shows hidden characters as `\uXXXX`. */
export function escapeHidden(text: string): string {
  return text.replace(hidden, escapeUnit);
}

/** Control, format, line and paragraph separators, private use and unassigned. */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu;

function escapeUnit(character: string): string {
  return Array.from(
    { length: character.length },
    (_, unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`,
  ).join('');
}
