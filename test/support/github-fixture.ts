import { dirname, join } from 'node:path';
import { type Fixture, type FixtureOptions, openFixture } from './fixture.ts';
import { everyToken, type GitHubOptions } from './github/options.ts';
import { type GitHubStandIn, startGitHub } from './github/stand-in.ts';
import { addOrigin, copyBranch, gitEnv, gitIn } from './repository.ts';
import type { RunResult } from './result.ts';
import type { Ran } from './run.ts';

/** A fixture whose `origin` is a GitHub on loopback, with pull requests as the way to propose. */
export interface GitHubFixture extends Fixture {
  readonly github: GitHubStandIn;
  readonly env: NodeJS.ProcessEnv;
  /** Runs sync, and gives its result if the exit code is the one expected. */
  sync(code?: number, ...args: readonly string[]): Promise<RunResult>;
  /** Another clone of the same GitHub; gives its folder, which goes with the fixture. */
  clone(name: string): string;
  /** Brings what is committed here to the base of the pull requests. */
  publish(): void;
}

export interface GitHubFixtureOptions extends FixtureOptions {
  readonly github?: GitHubOptions;
}

export const proposed = 'athenz-gitops/main/prod';

/** Opens #1 with all files. */
export async function openProposed(): Promise<GitHubFixture> {
  const fixture = await openGitHubFixture();
  await fixture.sync();
  return fixture;
}

/** What became of each proposal, and of which pull request. */
export function actionsOf({ proposals }: RunResult): readonly unknown[] {
  return proposals.flatMap(({ action, pull }) => [action, pull?.number]);
}

export async function openGitHubFixture({
  github: options,
  ...rest
}: GitHubFixtureOptions = {}): Promise<GitHubFixture> {
  const github = await startGitHub(options);
  const settings = `kind: github\n  repository: acme/gitops\n  apiUrl: ${github.apiUrl}`;
  const config = (text: string) => text.replace('kind: local', settings);
  const fixture = await openFixture({ ...rest, config: (text) => (rest.config ?? ((it) => it))(config(text)) });
  await addOrigin(fixture.dir, github.remoteUrl);
  await copyBranch(fixture.dir, github.git.dir, 'main');
  const publish = () => void fixture.git('push', '--quiet', '--force', github.git.dir, 'main');
  const env = { ...gitEnv, GITHUB_TOKEN: everyToken };
  return {
    ...fixture,
    run: (args, more = {}) => fixture.run(args, { env, ...more }),
    expect: (code, args, more = {}): Promise<Ran> => fixture.expect(code, args, { env, ...more }),
    github,
    env,
    publish,
    clone(name) {
      // Beside the first one, so that the config's relative paths lead to the same files.
      const dir = join(dirname(fixture.dir), name);
      gitIn(dirname(dir), 'clone', '--quiet', github.git.dir, dir);
      gitIn(dir, 'remote', 'set-url', 'origin', github.remoteUrl);
      return dir;
    },
    async sync(code = 0, ...args) {
      const { out } = await fixture.expect(code, ['sync', '--json', ...args], { env });
      return JSON.parse(out) as RunResult;
    },
    async [Symbol.asyncDispose]() {
      await fixture[Symbol.asyncDispose]();
      await github[Symbol.asyncDispose]();
    },
  };
}
