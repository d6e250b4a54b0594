import type { Git } from './git.ts';
import { type Base, branchPrefix, type Remote, trackingRef } from './repository.ts';

/** The trailers that make a commit ours, and say what it was made from. */
export const trailerKeys = {
  scope: 'Athenz-Gitops-Scope',
  digest: 'Athenz-Gitops-Digest',
  polled: 'Athenz-Gitops-Polled',
  base: 'Athenz-Gitops-Base',
} as const;

/** One of our branches as it is. */
export interface BotBranch {
  /** Without `refs/heads/`. */
  readonly name: string;
  readonly tip: string;
  readonly owner: 'bot' | 'merged' | 'human';
  readonly digest?: string;
  readonly polledAt?: string;
  readonly checkedOutAt?: string;
}

/** `athenz-gitops/<base>/<slug>`; git refuses names that end in `.lock`, as that of a namespace `lock` would. */
export function branchName(base: string, slug: string): string {
  return `${branchPrefix}/${base}/${slug.endsWith('.lock') ? `${slug}_` : slug}`;
}

/** Where the body of a branch's proposal is noted; one ref per branch, so that scopes do not contend for one. */
export function noteRef(branch: string): string {
  return `refs/notes/${branch}`;
}

/** One atom for all trailers: git 2.39 answers several, each with a key of its own, with one and the same text. */
const fields = [
  'refname',
  'objectname',
  'worktreepath',
  'parent',
  'authoremail',
  'committeremail',
  'contents:trailers:only,unfold',
];
const format = fields.map((field) => `%(${field})%00`).join('');

/**
 * Lists the branches below `athenz-gitops/<base>/`, by name, and finds out whose they are.
 *
 * A branch is ours alone when its tip is: committer and author are the bot, the trailers are there, and its one parent is
 * the base commit it names. (Walking `base..branch` would take old base commits for somebody's in a shallow clone.)
 *
 * @param botEmail of `forge.commit.email`
 */
export async function readBotBranches(
  git: Git,
  base: Base,
  remote: Remote,
  botEmail: string,
): Promise<ReadonlyMap<string, BotBranch>> {
  const prefix = `${trackingRef(remote, `${branchPrefix}/${base.branch}`)}/`;
  const said = await git.run('listing branches', 'for-each-ref', `--format=${format}`, prefix);
  const branches = new Map<string, BotBranch>();
  const texts = said.split('\0');
  // Each field ends with the one character that no commit can hold, so that a message cannot make up a branch.
  for (let at = 0; at + fields.length <= texts.length; at += fields.length) {
    const [line = '', tip = '', worktree = '', parents = '', author, committer, trailers = ''] = texts.slice(
      at,
      at + fields.length,
    );
    const ref = line.replace(/^\n/, '');
    const { scope, digest, polled, base: parent } = readTrailers(trailers);
    const name = branchNameOf(ref, prefix, base.branch);
    const email = `<${botEmail}>`;
    const ours = author === email && committer === email && scope !== undefined && parents !== '' && parents === parent;
    const merged = !ours || parents !== base.commit ? await isMerged(git, tip, base.commit) : false;
    branches.set(name, {
      name,
      tip,
      owner: merged ? 'merged' : ours ? 'bot' : 'human',
      ...(ours && digest !== undefined ? { digest } : {}),
      ...(ours && polled !== undefined ? { polledAt: polled } : {}),
      ...(worktree === '' ? {} : { checkedOutAt: worktree }),
    });
  }
  return branches;
}

/** Ours, of a commit's `Key: text` lines. */
function readTrailers(text: string): Partial<Record<keyof typeof trailerKeys, string>> {
  const lines = text.split('\n').map((line) => line.split(': ', 2));
  const found = new Map(lines.map(([key = '', value = '']) => [key, value]));
  return Object.fromEntries(
    Object.entries(trailerKeys).flatMap(([name, key]) => (found.get(key) ? [[name, found.get(key)]] : [])),
  );
}

function branchNameOf(ref: string, prefix: string, base: string): string {
  return `${branchPrefix}/${base}/${ref.slice(prefix.length)}`;
}

async function isMerged(git: Git, tip: string, base: string): Promise<boolean> {
  return (await git.ask('merge-base', '--is-ancestor', tip, base)) !== undefined;
}

/** The note refs of a base and their commits. A note outlives its branch where somebody deletes only that. */
export async function readNotes(git: Git, base: string): Promise<ReadonlyMap<string, string>> {
  const said = await git.run(
    'listing notes',
    'for-each-ref',
    '--format=%(refname) %(objectname)',
    `refs/notes/${branchPrefix}/${base}/`,
  );
  const pairs = said.split('\n').filter((line) => line !== '');
  return new Map(pairs.map((line) => [line.slice(0, line.lastIndexOf(' ')), line.slice(line.lastIndexOf(' ') + 1)]));
}
