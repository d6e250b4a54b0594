import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { projectRoot, readFiles } from '../support/generated.ts';
import { anchorsOf, readPages, withoutCode } from '../support/markdown.ts';

const pages = await readPages();

test('every link of the documentation leads to a file and a heading that there are', () => {
  const broken = [...pages].flatMap(([page, text]) =>
    linksOf(text).flatMap((link) => (leads(page, link) ? [] : [`${page}: ${link}`])),
  );
  assert.deepEqual(broken, []);
});

test('every page that a message, a comment or a workflow names is there', async () => {
  const folders = ['src', 'deploy', '.github', 'test', 'templates'];
  const named = await Promise.all(
    folders.map(async (folder) => {
      const files = [...(await readFiles(projectRoot, folder))];
      return files.flatMap(([path, text]) =>
        !/\.(ts|ya?ml)$/.test(path) || path.startsWith('test/data/')
          ? []
          : (text.match(/(?<![\w./])docs\/[a-z-]+\/[\w-]+\.md|(?<![\w./'])docs\/[\w-]+\.(md|yaml)(?= |,|;|\)|$)/gm) ??
            []),
      );
    }),
  );
  const paths = new Set(named.flat());
  assert.ok(paths.size > 5);
  assert.deepEqual(
    [...paths].filter((path) => !existsSync(join(projectRoot, path))),
    [],
  );
});

test('every page is reached from README.md', () => {
  const reached = new Set<string>();
  const follow = (page: string) => {
    if (reached.has(page)) return;
    reached.add(page);
    for (const link of linksOf(pages.get(page) ?? '')) follow(targetOf(page, link).path);
  };
  follow('README.md');
  assert.deepEqual(
    [...pages.keys()].filter((page) => !reached.has(page)),
    [],
  );
});

test('no page of docs/ is longer than 250 lines', () => {
  const long = [...pages].filter(([page, text]) => page.startsWith('docs/') && text.split('\n').length > 250);
  assert.deepEqual(
    long.map(([page]) => page),
    [],
  );
});

/** Links within this repository, of Markdown and of HTML. */
function linksOf(text: string): readonly string[] {
  const all = withoutCode(text).matchAll(/\]\(([^)\s]+)\)|\b(?:src|srcset|href)="([^"\s]+)"/g);
  return [...all].map(([, markdown, html]) => markdown ?? html ?? '').filter((link) => !/^[a-z]+:/.test(link));
}

function targetOf(page: string, link: string): { readonly path: string; readonly anchor: string } {
  const [path = '', anchor = ''] = link.split('#');
  return { path: path === '' ? page : normalize(join(dirname(page), path)), anchor };
}

function leads(page: string, link: string): boolean {
  const { path, anchor } = targetOf(page, link);
  if (!existsSync(join(projectRoot, path))) return false;
  return anchor === '' || anchorsOf(pages.get(path) ?? '').has(anchor);
}
