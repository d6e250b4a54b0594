import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Licences that ask for no more than their text beside the program. */
const accepted: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'Python-2.0',
  'Unlicense',
]);

/** The folders of the packages that some files belong to, sorted. @param files from the root */
export function packagesIn(files: readonly string[]): readonly string[] {
  const folders = files.flatMap((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? []);
  return [...new Set(folders)].sort();
}

/**
 * The licences of bundled packages, each with its text.
 *
 * @param folders of `packagesIn`
 * @throws Error for a package of a licence that is not accepted
 */
export async function noticesOf(root: string, folders: readonly string[]): Promise<string> {
  const notices = await Promise.all(folders.map((folder) => noticeOf(join(root, folder))));
  const head = 'athenz-gitops contains these packages, each under its own licence.\n';
  return [head, ...new Set(notices)].join(`\n${'-'.repeat(80)}\n\n`);
}

async function noticeOf(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
  };
  if (license === undefined || !accepted.has(license))
    throw new Error(`${name} ${version} is under ${license ?? 'no licence'}: see packaging/notices.ts`);
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return [`${name} ${version}, ${license}\n`, ...texts.map((text) => `${text.trim()}\n`)].join('\n');
}
