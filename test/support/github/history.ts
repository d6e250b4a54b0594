import { userJson } from './actor-json.ts';
import type { Json, JsonObject } from './json.ts';
import { pageUrl, repositoryUrl } from './repository-json.ts';
import type { World } from './world.ts';

/** Commits that the second has and the first has not, oldest first. */
export function commitsBetween(world: World, base: string, head: string): readonly string[] {
  const out = world.git.run('rev-list', '--reverse', '--topo-order', `${base}..${head}`);
  return out === '' ? [] : out.split('\n');
}

/** `commit` */
export function commitJson(world: World, sha: string): JsonObject {
  const format = ['%T', '%P', '%an', '%ae', '%aI', '%cn', '%ce', '%cI', '%B'].join('%x00');
  const [tree = '', parents = '', an = '', ae = '', ai = '', cn = '', ce = '', ci = '', message = ''] = world.git
    .run('show', '--no-patch', '--no-show-signature', `--format=${format}`, sha)
    .split('\0');
  const url = repositoryUrl(world);
  const of = (id: string) => ({
    sha: id,
    url: `${url}/commits/${id}`,
    html_url: `${pageUrl(world)}/commit/${id}`,
  });
  const unsigned = { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null };
  return {
    ...of(sha),
    node_id: `C_${sha}`,
    comments_url: `${url}/commits/${sha}/comments`,
    commit: {
      url: `${url}/git/commits/${sha}`,
      author: { name: an, email: ae, date: inUtc(ai) },
      committer: { name: cn, email: ce, date: inUtc(ci) },
      message: message.replace(/\n+$/, ''),
      tree: { sha: tree, url: `${url}/git/trees/${tree}` },
      comment_count: 0,
      verification: unsigned,
    },
    author: accountOf(world, ae),
    committer: accountOf(world, ce),
    parents: parents === '' ? [] : parents.split(' ').map(of),
  };
}

/** `diff-entry` for each file that differs. */
export function filesBetween(world: World, base: string, head: string): readonly JsonObject[] {
  const mergeBase = world.git.ask('merge-base', base, head) ?? base;
  const format = ['--no-ext-diff', '--no-abbrev', '--find-renames', '-z', '--raw', '--numstat'];
  const fields = world.git.run('diff', ...format, mergeBase, head).split('\0');
  // All of --raw comes first, and each of its entries begins with a colon.
  const end = endOfRaw(fields);
  const counts = new Map(numstat(fields.slice(end)));
  return raw(fields.slice(0, end)).map(({ sha, status, filename, previous }) => {
    const { additions, deletions } = counts.get(filename) ?? { additions: 0, deletions: 0 };
    const path = filename.split('/').map(encodeURIComponent).join('/');
    return {
      sha,
      filename,
      status,
      ...(previous === undefined ? {} : { previous_filename: previous }),
      additions,
      deletions,
      changes: additions + deletions,
      blob_url: `${pageUrl(world)}/blob/${head}/${path}`,
      raw_url: `${pageUrl(world)}/raw/${head}/${path}`,
      contents_url: `${repositoryUrl(world)}/contents/${path}?ref=${head}`,
    };
  });
}

/** GitHub knows who has an address; here it says so itself. */
function accountOf(world: World, email: string): Json {
  if (email === 'noreply@github.com') return userJson(world, 'web-flow');
  const login = /^(?:\d+\+)?([^@+]+)@users\.noreply\.github\.com$/.exec(email)?.[1];
  return login === undefined ? null : userJson(world, login);
}

interface RawEntry {
  readonly sha: string;
  readonly status: string;
  readonly filename: string;
  readonly previous?: string;
}

const words: Readonly<Record<string, string>> = {
  A: 'added',
  D: 'removed',
  M: 'modified',
  R: 'renamed',
  T: 'changed',
};

/** `:100644 100644 1a2b… 3c4d… M`, path; with two paths for a renamed file. */
function raw(fields: readonly string[]): readonly RawEntry[] {
  const entries: RawEntry[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [, , before = '', after = '', letters = ''] = (fields[at] ?? '').split(' ');
    const letter = letters.charAt(0);
    const entry = { sha: letter === 'D' ? before : after, status: words[letter] ?? 'changed' };
    const first = fields[at + 1] ?? '';
    if (letter === 'R') {
      entries.push({ ...entry, filename: fields[at + 2] ?? '', previous: first });
      at += 1;
    } else entries.push({ ...entry, filename: first });
  }
  return entries;
}

function endOfRaw(fields: readonly string[]): number {
  let at = 0;
  while (fields[at]?.startsWith(':')) at += fields[at]?.includes(' R') ? 3 : 2;
  return at;
}

/** `added TAB removed TAB path`; a renamed file has an empty path, then the two as fields of their own. */
function numstat(fields: readonly string[]): [string, { readonly additions: number; readonly deletions: number }][] {
  const counts: [string, { readonly additions: number; readonly deletions: number }][] = [];
  for (let at = 0; at < fields.length && fields[at] !== ''; at += 1) {
    const [added, removed, path = ''] = (fields[at] ?? '').split('\t');
    const count = { additions: Number(added) || 0, deletions: Number(removed) || 0 };
    if (path === '') at += 2;
    counts.push([path === '' ? (fields[at] ?? '') : path, count]);
  }
  return counts;
}

function inUtc(time: string): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}
