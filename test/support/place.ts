import { gitIn, makeRepository } from './repository.ts';
import { merge, openStage, type Stage, type StageOptions } from './stage.ts';

/** A stage, and the repository that its proposals end up in. */
export interface Place extends Stage {
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

export interface PlaceOptions extends StageOptions {
  /** Proposals go to a bare remote, `origin`. */
  readonly remote?: boolean;
  /** What `forge` says for it; default `kind: local`, and the remote. */
  readonly forge?: string;
}

export async function openPlace({ remote = false, forge, ...options }: PlaceOptions = {}): Promise<Place> {
  const said = forge ?? (remote ? 'kind: local\n  remote: origin' : 'kind: local');
  const stage = await openStage({ ...options, config: (text) => text.replace('kind: local', said) });
  const bare = remote ? await makeRepository({ bare: true }) : undefined;
  const target = bare?.dir ?? stage.dir;
  const pushMain = () => {
    if (bare !== undefined) stage.git('push', '--quiet', 'origin', 'main');
  };
  const tipOf = (branch: string) => gitIn(target, 'rev-parse', branch);
  if (bare !== undefined) stage.git('remote', 'add', 'origin', bare.dir);
  pushMain();
  return {
    ...stage,
    target,
    tipOf,
    show: (format, commit) => gitIn(target, 'log', '-1', `--format=${format}`, commit),
    mergeProposal(branch) {
      if (bare !== undefined) stage.git('fetch', '--quiet', 'origin');
      merge(stage.dir, tipOf(branch));
      pushMain();
    },
    pushMain,
    async [Symbol.asyncDispose]() {
      await bare?.[Symbol.asyncDispose]();
      await stage[Symbol.asyncDispose]();
    },
  };
}
