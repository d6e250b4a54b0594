import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bare } from './bare.ts';
import type { Fault } from './fault.ts';
import { everyPermission, everyToken, type GitHubOptions } from './options.ts';
import { createPeople, type People } from './people.ts';
import { reconcile } from './reconcile.ts';
import { createRepository } from './repository.ts';
import { type Exchange, type Incoming, listen } from './server.ts';
import { type Comment, type Pull, pullsOf, type World } from './world.ts';

/** Decides for each request whether something goes wrong with it; may do other things first, or wait for them. */
export type Intercept = (request: Incoming) => Fault | undefined | Promise<Fault | undefined>;

/** What one pull request is like now; labels by their names. */
export type PullView = Omit<Pull, 'hiddenFromLists'> & { readonly comments: readonly Comment[] };

/** A push to a branch: all zeros in `before` creates it, in `after` deletes it. */
export interface Push {
  readonly ref: string;
  readonly before: string;
  readonly after: string;
  readonly by: string;
}

/**
 * A GitHub on loopback: one repository in real git, the REST API and git over HTTP. What it says about a pull request it
 * asks git for. It runs in this process: a git that talks to it must not be waited for synchronously.
 */
export interface GitHubStandIn extends People {
  /** `http://127.0.0.1:PORT/api/v3` */
  readonly apiUrl: string;
  /** `http://127.0.0.1:PORT/OWNER/REPO.git` */
  readonly remoteUrl: string;
  /** The bare repository. */
  readonly git: Bare;
  /** Grows with each request, in the order of their ends. */
  readonly requests: readonly Exchange[];
  /** What did not agree with GitHub's description; the end of the stand-in throws it. */
  readonly violations: readonly string[];
  pulls(): readonly PullView[];
  pull(number: number): PullView;
  /** All that was ever pushed over HTTP, in order. */
  pushes(): Promise<readonly Push[]>;
  /** Sets what goes wrong from now on; undefined: nothing. */
  intercept(intercept: Intercept | undefined): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts it on a free port. */
export async function startGitHub(options: GitHubOptions = {}): Promise<GitHubStandIn> {
  const { owner = 'acme', repository = 'gitops', base = 'main', now = Date.now } = options;
  const root = await mkdtemp(join(tmpdir(), 'athenz-gitops-github-'));
  const git = createRepository(
    join(root, owner, `${repository}.git`),
    base,
    options.files ?? { 'README.md': '# GitOps\n' },
  );
  const { onViolation = (what) => process.stderr.write(`not as GitHub describes it: ${what}\n`) } = options;
  const violations: string[] = [];
  let intercept: Intercept | undefined;
  const { world, requests, close } = await listen(
    root,
    (origin): World => ({
      owner,
      repository,
      base,
      git,
      origin,
      now: () => new Date(now()),
      tokens: new Map(
        Object.entries(
          options.tokens ?? { [everyToken]: { kind: 'user', login: 'gitops-bot', permissions: everyPermission } },
        ),
      ),
      app: options.app,
      collaborators: options.collaborators ?? ['octocat', 'hubot'],
      workflowRuns: options.workflowRuns ?? [],
      archived: options.archived ?? false,
      rules: options.rules ?? [],
      statusChecks: options.statusChecks,
      threads: new Map(),
      labels: new Map(),
      comments: new Map(),
      seen: git.branches(),
      nextId: 1000,
    }),
    async (request) => intercept?.(request),
    (violation) => {
      violations.push(violation);
      onViolation(violation);
    },
  );
  const pulls = () => {
    reconcile(world);
    return pullsOf(world).map((pull) => view(world, pull));
  };
  return {
    ...createPeople(world),
    apiUrl: `${world.origin}/api/v3`,
    remoteUrl: `${world.origin}/${owner}/${repository}.git`,
    git,
    requests,
    violations,
    pulls,
    pull(number) {
      const found = pulls().find((pull) => pull.number === number);
      if (found === undefined) throw new Error(`there is no pull request ${number}`);
      return found;
    },
    async pushes() {
      const lines = (await readFile(join(git.dir, 'pushes'), 'utf8')).trim().split('\n');
      return lines
        .filter((line) => line !== '')
        .map((line) => {
          const [before = '', after = '', ref = '', by = ''] = line.split(' ');
          return { ref, before, after, by };
        });
    },
    intercept: (next) => {
      intercept = next;
    },
    async [Symbol.asyncDispose]() {
      await close();
      await rm(root, { recursive: true, force: true });
      if (violations.length > 0) throw new Error(`not as GitHub describes it:\n${violations.join('\n')}`);
    },
  };
}

function view(world: World, pull: Pull): PullView {
  const { hiddenFromLists: _, ...rest } = pull;
  const labels = pull.labels.map((key) => world.labels.get(key)?.name ?? key);
  const comments = [...world.comments.values()].filter(({ number }) => number === pull.number);
  return { ...rest, labels, comments: comments.map((comment) => ({ ...comment })) };
}
