import { setTimeout as sleep } from 'node:timers/promises';
import type { Octokit } from 'octokit';
import type { PullRequest } from '../model/pull.ts';
import type { Forge } from './forge.ts';
import type { GitHubClient } from './github-client.ts';
import { isAlreadyThere, isMissing, request } from './github-errors.ts';

/** Pull requests of a repository on GitHub. */
export function gitHubForge({ octokit, owner, repo }: GitHubClient): Forge {
  const { rest } = octokit;
  const where = { owner, repo };
  const whole = `${owner}/${repo}`;

  async function findOpen(branch: string, base: string): Promise<PullRequest | undefined> {
    const head = `${owner}:${branch}`;
    const { data } = await rest.pulls.list({ ...where, state: 'open', head, base, per_page: 100 });
    return data.filter((it) => isOwn(it, whole)).map(toPull)[0];
  }

  return {
    async openPulls(prefix, base) {
      const all = await request('listing pull requests', () =>
        octokit.paginate(rest.pulls.list, { ...where, state: 'open', per_page: 100 }),
      );
      const own = all.filter((it) => isOwn(it, whole) && it.head.ref.startsWith(prefix)).map(toPull);
      const elsewhere = own.filter((pull) => pull.base !== base);
      const there = own.filter((pull) => pull.base === base);
      return new Map([...elsewhere, ...there].map((pull) => [pull.branch, pull]));
    },
    async pastPulls(branch) {
      const newest = { state: 'closed', sort: 'created', direction: 'desc', per_page: 100 } as const;
      const { data } = await request(`listing the pull requests of ${branch}`, () =>
        rest.pulls.list({ ...where, ...newest, head: `${owner}:${branch}` }),
      );
      return data.filter((it) => isOwn(it, whole)).map(toPull);
    },
    async open(branch, base, text) {
      const doing = `opening a pull request for ${branch}`;
      try {
        const create = () => rest.pulls.create({ ...where, ...text, head: branch, base, maintainer_can_modify: false });
        return toPull((await request(doing, create)).data);
      } catch (error) {
        if (!isAlreadyThere(error)) throw error;
        // Another run was faster, or the answer to ours got lost; a list may lag a little behind.
        for (const wait of [0, 500, 2000]) {
          await sleep(wait);
          const pull = await request(doing, () => findOpen(branch, base));
          if (pull !== undefined) return pull;
        }
        throw error;
      }
    },
    async read(number) {
      const get = () => rest.pulls.get({ ...where, pull_number: number });
      return toPull((await request(`reading pull request #${number}`, get)).data);
    },
    async edit(number, text) {
      const edit = () => rest.pulls.update({ ...where, ...text, pull_number: number });
      return toPull((await request(`editing pull request #${number}`, edit)).data);
    },
    async close(number, body) {
      await request(`closing pull request #${number}`, () =>
        rest.pulls.update({ ...where, pull_number: number, state: 'closed', body }),
      );
    },
    async comment(number, body) {
      await request(`commenting on pull request #${number}`, () =>
        rest.issues.createComment({ ...where, issue_number: number, body }),
      );
    },
    async label(number, labels) {
      await request(`labelling pull request #${number}`, () =>
        rest.issues.addLabels({ ...where, issue_number: number, labels: [...labels] }),
      );
    },
    async unlabel(number, name) {
      try {
        await request(`taking a label off pull request #${number}`, () =>
          rest.issues.removeLabel({ ...where, issue_number: number, name }),
        );
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    },
    async requestReview(number, names) {
      const asked = names.map((name) => {
        const team = /^team\/(.+)$/.exec(name)?.[1];
        return team === undefined ? { reviewers: [name] } : { team_reviewers: [team] };
      });
      // One by one: a name that GitHub refuses must not drop the others.
      const failures: unknown[] = [];
      for (const reviewers of asked) {
        await request(`asking for a review of pull request #${number}`, () =>
          rest.pulls.requestReviewers({ ...where, pull_number: number, ...reviewers }),
        ).catch((error) => failures.push(error));
      }
      if (failures[0] !== undefined) throw failures[0];
    },
  };
}

type Pulls = Octokit['rest']['pulls'];
type Listed = Awaited<ReturnType<Pulls['list']>>['data'][number];
type Single = Awaited<ReturnType<Pulls['create']>>['data'];

/** Not one that a fork proposes from a branch of the same name. GitHub does not care for the case of names. */
function isOwn({ head }: Pick<Listed, 'head'>, whole: string): boolean {
  return head.repo?.full_name.toLowerCase() === whole.toLowerCase();
}

function toPull(pull: Listed | Single): PullRequest {
  return {
    number: pull.number,
    url: pull.html_url,
    state: pull.state === 'open' ? 'open' : pull.merged_at === null ? 'closed' : 'merged',
    branch: pull.head.ref,
    head: pull.head.sha,
    base: pull.base.ref,
    title: pull.title,
    body: pull.body ?? '',
    labels: pull.labels.flatMap(({ name }) => (name === undefined ? [] : [name])),
    author: pull.user?.login ?? '',
    createdAt: pull.created_at,
  };
}
