import type { SandboxMember } from '../../../src/sandbox/role-state.ts';
import { normaliseState } from '../../../src/sandbox/state.ts';
import { everyPermission, everyToken } from '../github/options.ts';
import type { PullView } from '../github/stand-in.ts';
import { type GitHubFixture, openGitHubFixture } from '../github-fixture.ts';
import { markerOf } from '../marker.ts';
import { type Random, seeded } from '../random.ts';

export const clusters = ['dev', 'prod'] as const;
export const roles = ['k8s_ns_admins', 'k8s_ns_viewers'] as const;
export const namespaces = ['a', 'b', 'c', 'd'] as const;
export const botLogin = 'gitops-bot';
export const personToken = 'ghp_person';
export const branchPrefix = 'athenz-gitops/main/';

/** What people have done that the program must respect. */
interface Memory {
  /** Branch → their commits on it. */
  readonly commits: Map<string, Set<string>>;
  /** Number of a pull request that somebody closed → what it proposed then. */
  readonly declined: Map<number, { readonly branch: string; readonly digest: string }>;
  /** Commits of the base: all of them are by people. */
  base: string;
}

/** A company with two clusters, its GitHub, two clones, and what people did there. */
export interface Walk extends AsyncDisposable {
  readonly fixture: GitHubFixture;
  readonly random: Random;
  readonly memory: Memory;
  readonly groupBy: 'cluster' | 'namespace';
  /** Another clone of the same repository. */
  readonly second: string;
  /** Milliseconds that its clock is ahead. */
  ahead: number;
  now(): number;
  /** Who is in a role; undefined: the role is not there. */
  setMembers(domain: string, role: string, members: readonly SandboxMember[]): void;
  /** The open pull requests of the program's branches. */
  open(): readonly PullView[];
  /** The branches that there are or may be. */
  branches(): readonly string[];
}

export async function openWalk(seed: number, groupBy: Walk['groupBy']): Promise<Walk> {
  const clock = { ahead: 0 };
  const now = () => Date.now() + clock.ahead;
  const user = (login: string) => ({ kind: 'user', login, permissions: everyPermission }) as const;
  const tokens = { [everyToken]: user(botLogin), [personToken]: user('octocat') };
  const fixture = await openGitHubFixture({ github: { now, tokens }, config: (text) => configOf(text, groupBy) });
  const { github, sandbox } = fixture;
  const domains = clusters.flatMap((cluster) =>
    ['a', 'b', 'c'].map((it) => [`acme.${cluster}.${it}`, domain] as const),
  );
  sandbox.update(() => normaliseState({ domains: Object.fromEntries(domains) }));
  await fixture.commit(Object.fromEntries(clusters.map((it) => [inventoryOf(it), '["a", "b"]\n'])), 'Namespaces');
  fixture.publish();
  github.git.run('branch', 'release', 'main');
  return {
    fixture,
    random: seeded(seed),
    memory: { commits: new Map(), declined: new Map(), base: github.git.run('rev-parse', 'main') },
    groupBy,
    second: fixture.clone('second'),
    get ahead() {
      return clock.ahead;
    },
    set ahead(milliseconds) {
      clock.ahead = milliseconds;
    },
    now,
    setMembers(name, role, members) {
      sandbox.update(({ domains: { [name]: old, ...rest } }) => {
        const { roles = {}, groups = {}, assumes = [] } = old ?? {};
        const changed = { enabled: true, groups, assumes, roles: { ...roles, [role]: { members } } };
        return { domains: { ...rest, [name]: changed } };
      });
    },
    open: () => github.pulls().filter(({ state, head }) => state === 'open' && head.startsWith(branchPrefix)),
    branches() {
      if (groupBy === 'cluster') return clusters.map((it) => `${branchPrefix}${it}`);
      return clusters.flatMap((it) => namespaces.map((namespace) => `${branchPrefix}${it}.${namespace}`));
    },
    [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose](),
  };
}

const domain = { roles: { k8s_ns_admins: ['user.ada'], k8s_ns_viewers: ['user.bo', 'user.cy'] } };

export function inventoryOf(cluster: string): string {
  return `clusters/${cluster}/namespaces.yaml`;
}

/** What a pull request says that it proposes. */
export function digestOf({ body }: PullView): string | undefined {
  return markerOf(body)?.digest;
}

function configOf(text: string, groupBy: string): string {
  const list = clusters.map(
    (it) => `  - {name: ${it}, domain: "acme.${it}.{namespace}", namespaces: {files: [clusters/${it}/*.yaml]}}\n`,
  );
  return text
    .replace(/clusters:\n[\s\S]*?(?=\n# Which)/, `clusters:\n${list.join('')}`)
    .replace(/ {2}- athenzRole: oncall\n[\s\S]*?(?=\nlimits)/, '')
    .replace(/limits:\n {2}.*/, 'limits:\n  maxRemovedGrants: null')
    .replace('kind: github', `kind: github\n  groupBy: ${groupBy}`);
}
