/**
 * The notes of a release: its section of the changelog, which has to be under a heading such as `## 1.2.3 - 2026-12-01`.
 *
 * @param tag `v1.2.3`
 * @param version of package.json
 * @throws Error when tag, version and changelog do not name the same release
 */
export function notesOf(tag: string, version: string, changelog: string): string {
  if (!/^v\d+\.\d+\.\d+$/.test(tag)) throw new Error(`${tag} is no version: a release is tagged v1.2.3`);
  if (tag !== `v${version}`) throw new Error(`the tag is ${tag}, but package.json has version ${version}`);
  const sections = changelog.split(/^(?=## )/m);
  const own = sections.find((section) => section.startsWith(`## ${version} - `));
  if (own === undefined) throw new Error(`CHANGELOG.md has no "## ${version} - <date>": rename "## Unreleased"`);
  const [heading = '', ...lines] = own.split('\n');
  const date = heading.slice(`## ${version} - `.length);
  if (!/^\d{4}-\d\d-\d\d$/.test(date)) throw new Error(`CHANGELOG.md: "${heading}" needs a date such as 2026-12-01`);
  const notes = lines.join('\n').trim();
  if (notes === '') throw new Error(`CHANGELOG.md says nothing about ${version}`);
  return `${notes}\n`;
}
