import { type Fixture, type FixtureOptions, merge, openFixture } from './fixture.ts';
import { addOrigin, copyBranch, gitIn, makeRepository } from './repository.ts';

/** A fixture, and the repository that its proposals end up in. */
export interface RemoteFixture extends Fixture {
  readonly target: string;
  /** Commit id of a branch there. */
  tipOf(branch: string): string;
  /** Of a commit there, in a format of git-log(1). */
  show(format: string, commit: string): string;
  /** Merges a proposal into the base, as a reviewer does. */
  mergeProposal(branch: string): void;
  /** Brings the base where the program reads it. */
  pushMain(): void;
}

export interface RemoteFixtureOptions extends FixtureOptions {
  /** Proposals go to a bare remote, `origin`. */
  readonly remote?: boolean;
  /** What `forge` says for it; default `kind: local`, and the remote. */
  readonly forge?: string;
}

export async function openRemoteFixture({
  remote = false,
  forge,
  ...options
}: RemoteFixtureOptions = {}): Promise<RemoteFixture> {
  const said = forge ?? (remote ? 'kind: local\n  remote: origin' : 'kind: local');
  const fixture = await openFixture({ ...options, config: (text) => text.replace('kind: local', said) });
  const bare = remote ? await makeRepository({ bare: true }) : undefined;
  const target = bare?.dir ?? fixture.dir;
  const pushMain = () => {
    if (bare !== undefined) fixture.git('push', '--quiet', 'origin', 'main');
  };
  const tipOf = (branch: string) => gitIn(target, 'rev-parse', branch);
  if (bare !== undefined) {
    await addOrigin(fixture.dir, bare.dir);
    if (!options.uncommitted) await copyBranch(fixture.dir, bare.dir, 'main', 'refs/remotes/origin/main');
  }
  return {
    ...fixture,
    target,
    tipOf,
    show: (format, commit) => gitIn(target, 'log', '-1', `--format=${format}`, commit),
    mergeProposal(branch) {
      if (bare !== undefined) fixture.git('fetch', '--quiet', 'origin');
      merge(fixture.dir, tipOf(branch));
      pushMain();
    },
    pushMain,
    async [Symbol.asyncDispose]() {
      await bare?.[Symbol.asyncDispose]();
      await fixture[Symbol.asyncDispose]();
    },
  };
}
