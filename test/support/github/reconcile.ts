import { pullsOf, stampOf, type World } from './world.ts';

/**
 * Brings open pull requests in line with the branches, as GitHub does after each push: the head moves along; a branch
 * that is gone, or was put back to what the base already had, closes; a base that has come to hold the head merges.
 */
export function reconcile(world: World, by = 'octocat'): void {
  const { git } = world;
  const now = git.branches();
  const before = world.seen;
  world.seen = now;
  const moved = (branch: string) => now.get(branch) !== before.get(branch);
  for (const pull of pullsOf(world)) {
    if (pull.state !== 'open' || !(moved(pull.head) || moved(pull.base))) continue;
    const head = now.get(pull.head);
    const base = now.get(pull.base);
    const close = () => closePull(world, pull.number, by);
    if (head === undefined || base === undefined) {
      close();
      continue;
    }
    if (head !== pull.headSha) pull.updatedAt = stampOf(world);
    pull.headSha = head;
    git.keep(`refs/pull/${pull.number}/head`, head);
    if (!git.contains(base, head)) pull.baseSha = base;
    else if (git.contains(pull.baseSha, head)) close();
    else {
      pull.merged = { commit: base, at: stampOf(world), by };
      close();
    }
  }
}

/** Closes an open pull request or issue; the commits it names stay as they are from now on. */
export function closePull(world: World, number: number, by: string): void {
  const thread = world.threads.get(number);
  if (thread === undefined || thread.state === 'closed') return;
  thread.state = 'closed';
  thread.closedAt = stampOf(world);
  thread.updatedAt = thread.closedAt;
  thread.closedBy = by;
}
