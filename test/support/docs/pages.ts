import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withSection } from '../golden.ts';
import { commandTables } from './commands.ts';
import { configTables } from './config.ts';
import { errorTables } from './errors.ts';

/** The sections of pages that are made from the program itself. */
const sections: readonly (readonly [page: string, section: string, make: () => string])[] = [
  ['docs/reference/config.md', 'keys', configTables],
  ['docs/reference/commands.md', 'commands', commandTables],
  ['docs/reference/errors.md', 'codes', errorTables],
];

/** The pages with a generated section as they should be, by path from the root of this repository. */
export async function generatedPages(root: string): Promise<ReadonlyMap<string, string>> {
  const pages = sections.map(async ([page, section, make]) => {
    const text = await readFile(join(root, page), 'utf8');
    return [page, withSection(text, section, `\n${make()}\n`)] as const;
  });
  return new Map(await Promise.all(pages));
}
