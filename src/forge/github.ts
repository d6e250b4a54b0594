import { setTimeout as sleep } from 'node:timers/promises';
import type { PullRequest } from '../model/pull.ts';
import type { Forge } from './forge.ts';
import type { GitHubClient } from './github-client.ts';
import { isAlreadyThere, isMissing, request } from './github-errors.ts';
import { parsePull, parsePulls } from './github-pull.ts';

/** Pull requests of a repository on GitHub. */
export function gitHubForge({ octokit, owner, repo }: GitHubClient): Forge {
  const { rest } = octokit;
  const where = { owner, repo };
  const whole = `${owner}/${repo}`;

  async function findOpen(branch: string, base: string): Promise<PullRequest | undefined> {
    const head = `${owner}:${branch}`;
    const { data } = await rest.pulls.list({ ...where, state: 'open', head, base, per_page: 100 });
    return parsePulls(data, whole)[0];
  }

  return {
    async openPulls(prefix, base) {
      const all = await request('listing pull requests', () =>
        octokit.paginate(rest.pulls.list, { ...where, state: 'open', per_page: 100 }),
      );
      const own = parsePulls(all, whole).filter(({ branch }) => branch.startsWith(prefix));
      const elsewhere = own.filter((pull) => pull.base !== base);
      const there = own.filter((pull) => pull.base === base);
      return new Map([...elsewhere, ...there].map((pull) => [pull.branch, pull]));
    },
    async pastPulls(branch) {
      const newest = { state: 'closed', sort: 'created', direction: 'desc', per_page: 100 } as const;
      const { data } = await request(`listing the pull requests of ${branch}`, () =>
        rest.pulls.list({ ...where, ...newest, head: `${owner}:${branch}` }),
      );
      return parsePulls(data, whole);
    },
    async open(branch, base, text) {
      const doing = `opening a pull request for ${branch}`;
      try {
        const create = () => rest.pulls.create({ ...where, ...text, head: branch, base, maintainer_can_modify: false });
        return parsePull((await request(doing, create)).data, doing);
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
      const doing = `reading pull request #${number}`;
      return parsePull((await request(doing, get)).data, doing);
    },
    async edit(number, text) {
      const edit = () => rest.pulls.update({ ...where, ...text, pull_number: number });
      const doing = `editing pull request #${number}`;
      return parsePull((await request(doing, edit)).data, doing);
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
