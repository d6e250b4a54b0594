import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Compares a text with what stands between `<!-- name:begin -->` and `<!-- name:end -->` in a file of the repository;
 * `UPDATE_GOLDEN=1` writes it there.
 */
export async function assertGoldenSection(file: string, name: string, shown: string): Promise<void> {
  const path = fileURLToPath(new URL(`../../${file}`, import.meta.url));
  const text = await readFile(path, 'utf8');
  const updated = withSection(text, name, shown);
  if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(path, updated);
  else assert.equal(text, updated);
}

/** The text of a page with another section between its two comments. @throws where it has no such section */
export function withSection(text: string, name: string, section: string): string {
  const [before, rest = ''] = text.split(`<!-- ${name}:begin -->\n`);
  const [, after] = rest.split(`<!-- ${name}:end -->\n`);
  assert.ok(after !== undefined, `there is no section ${name}`);
  return `${before}<!-- ${name}:begin -->\n${section}<!-- ${name}:end -->\n${after}`;
}

/** Compares a text with a file of `test/data/report`; `UPDATE_GOLDEN=1` writes it. */
export async function assertGolden(file: string, shown: string): Promise<void> {
  const path = fileURLToPath(new URL(`../data/report/${file}`, import.meta.url));
  if (process.env['UPDATE_GOLDEN'] === '1') {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, shown);
  }
  assert.equal(shown, await readFile(path, 'utf8'));
}
