import { AppError } from '../model/error.ts';
import { branchPrefix, type Remote } from './base-refs.ts';
import { gitFailed } from './failure.ts';
import type { Git } from './git.ts';

/** Moves one ref, if it still is where it was seen. */
export interface RefUpdate {
  /** Full name, `refs/heads/…`. */
  readonly ref: string;
  /** Commit id it was seen at; `null`: it was not there. */
  readonly from: string | null;
  /** Commit id; `null`: it goes. */
  readonly to: string | null;
}

/**
 * Moves refs together or not at all, each under a lease: a ref that moved meanwhile is not changed. A git
 * that is killed in the middle has moved the first ones: the last is the one that says it is done.
 *
 * @throws AppError `GIT_LEASE` when one of them had moved, `GIT_FAILED` for anything else
 */
export async function updateRefs(git: Git, remote: Remote, updates: readonly RefUpdate[]): Promise<void> {
  if (remote === null) await updateLocal(git, updates);
  else await push(git, remote, updates);
}

async function updateLocal(git: Git, updates: readonly RefUpdate[]): Promise<void> {
  const length = updates.map(({ from, to }) => (to ?? from ?? '').length).find((it) => it > 0) ?? 40;
  const none = '0'.repeat(length);
  const lines = updates.map(({ ref, from, to }) =>
    to === null ? `delete ${ref}\0${from ?? none}\0` : `update ${ref}\0${to}\0${from ?? none}\0`,
  );
  const { code, stderr } = await git.feed(['update-ref', '--stdin', '-z'], [`start\0${lines.join('')}commit\0`]);
  if (code === 0) return;
  if (/cannot lock ref|reference already exists|but expected/.test(stderr)) throw leaseLost(updates, stderr);
  throw gitFailed('updating branches', stderr);
}

async function push(git: Git, remote: string, updates: readonly RefUpdate[]): Promise<void> {
  const leases = updates.map(({ ref, from }) => `--force-with-lease=${ref}:${from ?? ''}`);
  const specs = updates.map(({ ref, to }) => `${to ?? ''}:${ref}`);
  // Whatever the user's configuration says, nothing else goes along: no tags, no submodules.
  const alone = ['--no-verify', '--no-follow-tags', '--recurse-submodules=no'];
  const args = ['push', '--porcelain', '--atomic', ...alone, ...leases, remote, ...specs];
  const { code, stdout, stderr } = await git.feed(args);
  if (code === 0) return;
  // `!` marks a refused ref, git-push(1); the words behind it differ by server and cause.
  const refused = stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.replaceAll('\t', ' '));
  if (refused.some((line) => lostLease.test(line))) {
    // A lock file in the remote's way is named on stderr only.
    const said = stderr.split('\n').filter((line) => line.startsWith('remote: error: '));
    throw leaseLost(updates, [...refused, ...said].map((line) => line.trim()).join('; '));
  }
  throw pushFailed(remote, refused, stderr, updates);
}

/** Of a push that came too late: found out here, or by the server, whose words vary. A second look tells what it was. */
const lostLease =
  /\[rejected\]|cannot lock ref|stale info|already exists|failed to update ref|atomic transaction failed/;

/** In the server's own words, on one line: what a rule or a hook says stands on stderr. */
function pushFailed(
  remote: string,
  refused: readonly string[],
  stderr: string,
  updates: readonly RefUpdate[],
): AppError {
  const reasons = new Set(refused.flatMap((line) => /\[remote rejected\] \((.*)\)$/.exec(line)?.[1] ?? []));
  if (reasons.size === 0) return gitFailed(`pushing to ${remote}`, `${refused.join('\n')}\n${stderr}`);
  const said = stderr
    .split('\n')
    .flatMap((line) => /^remote: (.*)$/.exec(line)?.[1] ?? [])
    .map((line) => line.replace(/^error: /, '').trim())
    .filter((line) => /[\p{L}\p{N}]/u.test(line));
  const words = [...reasons, ...new Set(said)].join('; ');
  const other = updates.find(({ ref }) => ref.split('/')[2] !== branchPrefix)?.ref;
  const where = other?.replace('refs/heads/', '') ?? `${branchPrefix}/**`;
  const next = `let the account that pushes write to ${where} there: see its branch and push rules`;
  return gitFailed(`pushing to ${remote}: the server refused it`, words, next);
}

function leaseLost(updates: readonly RefUpdate[], words: string): AppError {
  return new AppError('GIT_LEASE', `updating ${updates.at(-1)?.ref}: it moved during this run`, {
    next: 'nothing was overwritten; the next run retries',
    cause: gitFailed('moving refs', words),
  });
}
