/** A Markdown table. @param rows cells that are Markdown already */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** Plain text as the text of a cell, where nothing of it is markup. */
export function inCell(text: string): string {
  return text.replaceAll(/[\\|*_<>`[\]]/g, '\\$&');
}

/** A value as code; a `|` would end the cell even there. */
export function inCode(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}
