import { noContent, notFound, ok, Refusal, refused } from './answer.ts';
import { commitJson, commitsBetween, filesBetween } from './history.ts';
import type { Json } from './json.ts';
import { cut } from './page.ts';
import { reconcile } from './reconcile.ts';
import { pageUrl, repositoryUrl } from './repository-json.ts';
import { loginOf } from './request.ts';
import type { Call, Routes } from './route.ts';
import type { World } from './world.ts';

export const refRoutes: Routes = {
  'GET /repos/{owner}/{repo}/git/ref/{ref}': {
    needs: ['contents=read'],
    answer: ({ world, params }) => {
      const ref = `refs/${params['ref']}`;
      const sha = world.git.ask('show-ref', '--verify', '--hash', ref);
      if (sha === undefined) return notFound();
      const url = `${repositoryUrl(world)}/git`;
      const object = { type: 'commit', sha, url: `${url}/commits/${sha}` };
      return ok({ ref, node_id: `REF_${ref}`, url: `${url}/${ref}`, object });
    },
  },
  'DELETE /repos/{owner}/{repo}/git/refs/{ref}': {
    needs: ['contents=write'],
    answer: (call) => {
      const { world, params } = call;
      const ref = `refs/${params['ref']}`;
      const known = world.git.ask('show-ref', '--verify', '--hash', ref) !== undefined;
      if (!known || !ref.startsWith('refs/heads/')) return refused(422, 'Reference does not exist');
      world.git.run('update-ref', '-d', ref);
      reconcile(world, loginOf(call));
      return noContent;
    },
  },
  'GET /repos/{owner}/{repo}/compare/{basehead}': { needs: ['contents=read'], answer: compare },
};

function compare(call: Call) {
  const { world, params } = call;
  const [from = '', to = ''] = (params['basehead'] ?? '').split('...');
  const base = commitOf(world, from);
  const head = commitOf(world, to);
  const mergeBase = base && head && world.git.ask('merge-base', base, head);
  if (base === undefined || head === undefined || mergeBase === undefined) throw new Refusal(notFound());
  const ahead = commitsBetween(world, base, head);
  const behind = commitsBetween(world, head, base).length;
  const { items, headers } = cut(call, ahead);
  const url = `${repositoryUrl(world)}/compare/${encodeURIComponent(from)}...${encodeURIComponent(to)}`;
  const html = `${pageUrl(world)}/compare/${encodeURIComponent(from)}...${encodeURIComponent(to)}`;
  const body: Json = {
    url,
    html_url: html,
    permalink_url: `${pageUrl(world)}/compare/${base}...${head}`,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    base_commit: commitJson(world, base),
    merge_base_commit: commitJson(world, mergeBase),
    status: ahead.length === 0 ? (behind === 0 ? 'identical' : 'behind') : behind === 0 ? 'ahead' : 'diverged',
    ahead_by: ahead.length,
    behind_by: behind,
    total_commits: ahead.length,
    commits: items.map((sha) => commitJson(world, sha)),
    files: filesBetween(world, base, head).slice(0, mostFiles),
  };
  return ok(body, headers);
}

/** A comparison shows no more, and no further pages of them. */
const mostFiles = 300;

/** A branch, with its owner or without, or a commit's id. */
function commitOf(world: World, name: string): string | undefined {
  const branch = name.startsWith(`${world.owner}:`) ? name.slice(world.owner.length + 1) : name;
  const asBranch = world.seen.get(branch);
  if (asBranch !== undefined || !/^[0-9a-f]{40}$/.test(name)) return asBranch;
  return world.git.ask('rev-parse', '--verify', '--quiet', `${name}^{commit}`);
}
