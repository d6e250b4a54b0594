import type { Signature } from './bare.ts';
import { commitsBetween } from './history.ts';
import type { Pull, World } from './world.ts';

export type MergeMethod = 'merge' | 'squash' | 'rebase';

interface Hands {
  readonly person: Signature;
  readonly webFlow: Signature;
}

/** Makes the commit that GitHub's merge button makes; the base does not move yet. @throws when it conflicts */
export function mergePull(world: World, pull: Pull, method: MergeMethod, { person, webFlow }: Hands): string {
  const { git, owner } = world;
  const { number, title, head, headSha, baseSha, base } = pull;
  if (pull.state !== 'open') throw new Error(`pull request ${number} is closed`);
  const or = (tree: string | undefined): string => {
    if (tree === undefined) throw new Error(`pull request ${number} conflicts with ${base}`);
    return tree;
  };
  const commits = commitsBetween(world, baseSha, headSha);
  const by = { author: person, committer: webFlow };
  switch (method) {
    case 'merge': {
      const message = `Merge pull request #${number} from ${owner}/${head}\n\n${title}\n`;
      return git.commit({ ...by, tree: or(git.mergeTrees(baseSha, headSha)), parents: [baseSha, headSha], message });
    }
    case 'squash': {
      const messages = commits.map((sha) => git.run('show', '--no-patch', '--format=%B', sha).trim());
      // The trailers of a single commit stay; several become a list.
      const body =
        messages.length === 1 ? (messages[0] ?? '').split('\n').slice(1) : messages.map((text) => `* ${text}\n`);
      const message = `${title} (#${number})\n\n${body.join('\n').trim()}\n`;
      return git.commit({ ...by, tree: or(git.mergeTrees(baseSha, headSha)), parents: [baseSha], message });
    }
    case 'rebase':
      return commits
        .filter((sha) => git.ask('rev-parse', '--verify', '--quiet', `${sha}^2`) === undefined)
        .reduce((onto, sha) => {
          const [name = '', email = '', message = ''] = git
            .run('show', '--no-patch', '--format=%an%x00%ae%x00%B', sha)
            .split('\0');
          const tree = or(git.replayTree(sha, onto));
          return git.commit({ tree, parents: [onto], message, author: { name, email }, committer: webFlow });
        }, baseSha);
  }
}
