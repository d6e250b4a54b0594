import { setTimeout as sleep } from 'node:timers/promises';
import type { Octokit } from '@octokit/core';
import type { PullRequest } from '../../model/pull.ts';
import type { Forge } from '../forge.ts';
import { compareUrl } from './address.ts';
import type { GitHubClient } from './client.ts';
import { isAlreadyThere, isMissing, orByHand, read, request } from './errors.ts';
import { answers, badResponse, type FoundPull } from './wire.ts';

/** Pages of 100 pull requests that are read at most. */
const maxPages = 100;

/** Pull requests of a repository on GitHub. */
export function gitHubForge({ octokit, owner, repo }: GitHubClient): Forge {
  const ask = octokit.request;
  const where = { owner, repo };
  const whole = `${owner}/${repo}`;

  async function findOpen(doing: string, branch: string, base: string): Promise<PullRequest | undefined> {
    const find = { ...where, state: 'open', head: `${owner}:${branch}`, base, per_page: 100 } as const;
    const { data } = await read(doing, answers.pulls, () => ask('GET /repos/{owner}/{repo}/pulls', find));
    return ownOf(data, whole)[0];
  }

  /** Every open one, page by page: a server that gives pages without end is an error. */
  async function listOpen(): Promise<readonly FoundPull[]> {
    const doing = 'listing pull requests';
    const all = new Map<number, FoundPull>();
    for (let page = 1; page <= maxPages; page++) {
      const list = { ...where, state: 'open', per_page: 100, page } as const;
      const { data, headers } = await read(doing, answers.pulls, () => ask('GET /repos/{owner}/{repo}/pulls', list));
      const before = all.size;
      for (const pull of data) all.set(pull.number, pull);
      if (!/rel="?next/.test(String(headers['link'] ?? ''))) return [...all.values()];
      if (all.size === before)
        throw badResponse(doing, `page ${page} repeats earlier entries, but links to another page`);
    }
    throw badResponse(doing, `there are more than ${maxPages} pages`);
  }

  return {
    async openPulls(prefix, base) {
      const own = ownOf(await listOpen(), whole).filter(({ branch }) => branch.startsWith(prefix));
      const elsewhere = own.filter((pull) => pull.base !== base);
      const there = own.filter((pull) => pull.base === base);
      return new Map([...elsewhere, ...there].map((pull) => [pull.branch, pull]));
    },
    async pastPulls(branch) {
      const newest = { state: 'closed', sort: 'created', direction: 'desc', per_page: 100 } as const;
      const { data } = await read(`listing the pull requests of ${branch}`, answers.pulls, () =>
        ask('GET /repos/{owner}/{repo}/pulls', { ...where, ...newest, head: `${owner}:${branch}` }),
      );
      return ownOf(data, whole);
    },
    async open(branch, base, text) {
      const doing = `opening a pull request for ${branch}`;
      try {
        const create = () =>
          ask('POST /repos/{owner}/{repo}/pulls', {
            ...where,
            ...text,
            head: branch,
            base,
            maintainer_can_modify: false,
          });
        return plain((await read(doing, answers.pull, create)).data);
      } catch (error) {
        const byHand = `or open it by hand: ${compareUrl(apiOf(octokit), whole, base, branch)}`;
        if (!isAlreadyThere(error)) throw orByHand(error, byHand);
        // Another run was faster, or the answer to ours got lost; a list may lag a little behind.
        for (const wait of [0, 500, 2000]) {
          await sleep(wait);
          const pull = await findOpen(doing, branch, base);
          if (pull !== undefined) return pull;
        }
        throw error;
      }
    },
    async read(number) {
      const get = () => ask('GET /repos/{owner}/{repo}/pulls/{pull_number}', { ...where, pull_number: number });
      return plain((await read(`reading pull request #${number}`, answers.pull, get)).data);
    },
    async edit(number, text) {
      const edit = () =>
        ask('PATCH /repos/{owner}/{repo}/pulls/{pull_number}', { ...where, ...text, pull_number: number });
      return plain((await read(`editing pull request #${number}`, answers.pull, edit)).data);
    },
    async close(number, body) {
      await request(`closing pull request #${number}`, () =>
        ask('PATCH /repos/{owner}/{repo}/pulls/{pull_number}', {
          ...where,
          pull_number: number,
          state: 'closed',
          body,
        }),
      );
    },
    async comment(number, body) {
      await request(`commenting on pull request #${number}`, () =>
        ask('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', { ...where, issue_number: number, body }),
      );
    },
    async label(number, labels) {
      await request(`labelling pull request #${number}`, () =>
        ask('POST /repos/{owner}/{repo}/issues/{issue_number}/labels', {
          ...where,
          issue_number: number,
          labels: [...labels],
        }),
      );
    },
    async unlabel(number, name) {
      try {
        await request(`taking a label off pull request #${number}`, () =>
          ask('DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}', {
            ...where,
            issue_number: number,
            name,
          }),
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
          ask('POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers', {
            ...where,
            pull_number: number,
            ...reviewers,
          }),
        ).catch((error) => failures.push(error));
      }
      if (failures[0] !== undefined) throw failures[0];
    },
  };
}

/** Without those that a fork proposes from a branch of the same name. GitHub does not care for the case of names. */
function ownOf(pulls: readonly FoundPull[], whole: string): readonly PullRequest[] {
  return pulls.filter(({ repository }) => repository?.toLowerCase() === whole.toLowerCase()).map(plain);
}

function plain({ repository: _, ...pull }: FoundPull): PullRequest {
  return pull;
}

/** The address of the API that a client speaks to. */
function apiOf({ request: { endpoint } }: Octokit): string {
  return endpoint.DEFAULTS.baseUrl;
}
