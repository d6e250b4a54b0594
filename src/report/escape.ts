import { visible } from './visible.ts';

/**
 * A text from outside for Markdown (GitHub's). Plain names stay as they are; names of Athenz roles, groups and paths become
 * a code span, which nothing in them can end. Anything else becomes a code element whose special characters are character
 * references: no Markdown or HTML construct can be made of those, and GitHub neither links nor notifies inside of code.
 */
export function escapeMarkdown(text: string): string {
  return text.length <= 200 && plain.test(text) ? text : showCode(text);
}

/**
 * Single marks between letters and digits: a `_` beside another mark or at an end could make emphasis, and so show another
 * name. GitHub makes links of `www.` and `GH-1`.
 */
const plain = /^(?!www\.|gh-\d)[a-z0-9]+([._-][a-z0-9]+)*$/i;

/** A name as code, where that is what it is: the name of a role, a branch or a file. */
export function showCode(text: string): string {
  // A text of Markdown may be printed: see `withoutCommands`.
  if (/^(?!.*::)[A-Za-z0-9._:/-]{1,200}$/.test(text)) return `\`${text}\``;
  const inert = visible(text).replace(/[^A-Za-z0-9 \u2026]/gu, (character) => `&#${character.codePointAt(0)};`);
  return `<code>${inert}</code>`;
}
