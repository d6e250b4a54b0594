import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { projectRoot } from './generated.ts';

/** Every page of the documentation, by path from the root of this repository. */
export async function readPages(): Promise<ReadonlyMap<string, string>> {
  const [top, docs] = await Promise.all([
    readdir(projectRoot),
    readdir(join(projectRoot, 'docs'), { recursive: true }),
  ]);
  const below = docs.map((path) => `docs/${path.split(sep).join('/')}`);
  const pages = [...top, ...below, 'output/README.md'].filter((path) => path.endsWith('.md')).sort();
  return new Map(
    await Promise.all(pages.map(async (path) => [path, await readFile(join(projectRoot, path), 'utf8')] as const)),
  );
}

/** The text without what stands between fences or backticks. */
export function withoutCode(text: string): string {
  return text.replaceAll(/^( *)```[^\n]*\n[\s\S]*?^\1```$/gm, '').replaceAll(/`[^`\n]*`/g, 'code');
}

/** What each heading is linked by, as GitHub makes it. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const fenceless = text.replaceAll(/^( *)```[^\n]*\n[\s\S]*?^\1```$/gm, '');
  return new Set([...fenceless.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading)));
}

function anchorOf(heading: string): string {
  const shown = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '');
  return shown
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-');
}

/** The fenced blocks of a language, in their order. */
export function fencedBlocks(text: string, language: string): readonly string[] {
  const fence = new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^\\1\`\`\`$`, 'gm');
  return [...text.matchAll(fence)].map(([, indent = '', block = '']) =>
    block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
}
