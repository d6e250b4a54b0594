import assert from 'node:assert/strict';

/**
 * Whether a text can be printed on a terminal, or in the log of a CI job, without acting on it: lines, nothing that is no
 * character, and no command of a runner.
 */
export function assertHarmless(text: string): void {
  assert.doesNotMatch(text, /::|##[a-z]*\[/i);
  assert.doesNotMatch(text, /[^\P{C}\n]|[\p{Zl}\p{Zp}]/u);
}

/** What was approved. */
const alert = /^> \[!WARNING\]\n> \d+ (removal|addition)s? in \d+ namespaces? approved with --accept-\w+\.$/gm;
/** Roles that are left without anyone, by their names. */
const emptied = /^> \[!WARNING\]\n> \d+ roles? (is|are) left without anyone: [^@<>`[\]~$\\\n]*\.$/gm;
const tags = /<(\/?(details|summary))>|^<!-- athenz-gitops v1 \{"scope":"[a-z0-9-]+",[^<>]*\} -->$/gm;

/** Whether the body of a proposal is our own Markdown alone: what is left of it without code has nothing that acts. */
export function assertOwnMarkdown(body: string): void {
  assertHarmless(body);
  const left = body
    .replace(/<code>[^<>|`\n]*<\/code>|`[^`|<\n]+`/g, '')
    .replace(tags, '')
    .replace(alert, '')
    .replace(emptied, '');
  // Inside of a plain name neither `_` nor `www.` means anything.
  const acting = left.match(/[@<>`[\]~$\\]|(?<![a-z0-9])_|_(?![a-z0-9])|&#|:\/\/|(?<![\w.])www\.|^#.*/gim);
  assert.equal(acting, null, `${acting}`);
  const rows = body.split('\n').filter((line) => line.startsWith('|'));
  assert.ok(rows.length > 2, 'it has a table');
  for (const row of rows) assert.match(row, /^(\|[^|]*){5}\|$/);
}
