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
  const [before, rest = ''] = text.split(`<!-- ${name}:begin -->\n`);
  const [section, after] = rest.split(`<!-- ${name}:end -->\n`);
  assert.ok(after !== undefined, `${file} has no section ${name}`);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    await writeFile(path, `${before}<!-- ${name}:begin -->\n${shown}<!-- ${name}:end -->\n${after}`);
  } else assert.equal(section, shown);
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
