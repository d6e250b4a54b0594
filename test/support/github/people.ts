import type { Signature, TreeChange } from './bare.ts';
import { type MergeMethod, mergePull } from './merging.ts';
import { reopen } from './pull-changes.ts';
import { closePull, reconcile } from './reconcile.ts';
import { ensureLabels, type Issue, type Pull, pullOf, pullsOf, stampOf, type World } from './world.ts';

/** What people do, on GitHub's pages or with their own git. Each gives the new commit where it makes one. */
export interface People {
  /** Somebody commits to a branch; one that does not exist begins at the base. */
  humanCommit(branch: string, files: TreeChange, message?: string): string;
  /** Somebody else's work arrives in the base. */
  commitTo(base: string, files: TreeChange, message?: string): string;
  /** "Update branch": the base is merged into the head. */
  updateBranch(number: number): string;
  /** @throws when it conflicts */
  merge(number: number, method?: MergeMethod): string;
  close(number: number, options?: { readonly by?: string }): void;
  reopen(number: number): void;
  setLabels(number: number, labels: readonly string[]): void;
  editBody(number: number, body: string): void;
  editTitle(number: number, title: string): void;
  deleteBranch(branch: string): void;
  /** Takes a number, as pull requests do; gives it. */
  openIssue(title: string): number;
}

export function createPeople(world: World): People {
  const { git } = world;
  const asked = (number: number): Pull => {
    reconcile(world);
    const pull = pullOf(world, number);
    if (pull === undefined) throw new Error(`there is no pull request ${number}`);
    seen(pull.head);
    return pull;
  };
  /** Whoever does something about a branch has seen its pull request, and waited as long as lists need. */
  const seen = (head: string): void => {
    for (const pull of pullsOf(world)) if (pull.head === head) pull.hiddenFromLists = 0;
  };
  const commitOn = (branch: string, files: TreeChange, message: string): string => {
    const parent = git.branches().get(branch) ?? git.run('rev-parse', `refs/heads/${world.base}`);
    const commit = git.commit({ tree: git.changeTree(parent, files), parents: [parent], message, author: person });
    return move(branch, commit);
  };
  const move = (branch: string, commit: string): string => {
    git.setRef(`refs/heads/${branch}`, commit);
    reconcile(world, login);
    return commit;
  };

  return {
    humanCommit(branch, files, message = 'Fix by hand') {
      seen(branch);
      return commitOn(branch, files, message);
    },
    commitTo: (base, files, message = 'Other work') => commitOn(base, files, message),
    updateBranch(number) {
      const { head, base, headSha } = asked(number);
      const baseTip = git.run('rev-parse', `refs/heads/${base}`);
      const tree = git.mergeTrees(headSha, baseTip);
      if (tree === undefined) throw new Error(`${head} conflicts with ${base}`);
      const message = `Merge branch '${base}' into ${head}`;
      return move(head, git.commit({ tree, parents: [headSha, baseTip], message, author: person, committer: webFlow }));
    },
    merge(number, method = 'merge') {
      const pull = asked(number);
      const commit = mergePull(world, pull, method, { person, webFlow });
      pull.merged = { commit, at: stampOf(world), by: login };
      closePull(world, number, login);
      return move(pull.base, commit);
    },
    close(number, { by = login } = {}) {
      closePull(world, asked(number).number, by);
    },
    reopen: (number) => reopen(world, asked(number)),
    setLabels(number, labels) {
      asked(number).labels = ensureLabels(world, labels);
    },
    editBody(number, body) {
      const pull = asked(number);
      pull.body = body;
      pull.updatedAt = stampOf(world);
    },
    editTitle(number, title) {
      const pull = asked(number);
      pull.title = title;
      pull.updatedAt = stampOf(world);
    },
    deleteBranch(branch) {
      seen(branch);
      git.run('update-ref', '-d', `refs/heads/${branch}`);
      reconcile(world, login);
    },
    openIssue(title) {
      const number = world.threads.size + 1;
      const now = stampOf(world);
      const issue: Issue = {
        kind: 'issue',
        number,
        author: login,
        title,
        body: null,
        state: 'open',
        createdAt: now,
        updatedAt: now,
        labels: [],
      };
      world.threads.set(number, issue);
      return number;
    },
  };
}

const login = 'octocat';
const person: Signature = { name: 'Mona Lisa', email: '583231+octocat@users.noreply.github.com' };
/** What GitHub signs its own commits with. */
const webFlow: Signature = { name: 'GitHub', email: 'noreply@github.com' };
