import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Compares a text with a file of `test/data/report`; `UPDATE_GOLDEN=1` writes it. */
export async function assertGolden(file: string, shown: string): Promise<void> {
  const path = fileURLToPath(new URL(`../data/report/${file}`, import.meta.url));
  if (process.env['UPDATE_GOLDEN'] === '1') {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, shown);
  }
  assert.equal(shown, await readFile(path, 'utf8'));
}
