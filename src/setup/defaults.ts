import { programRepository, programVersion } from '../run/version.ts';
import type { Surroundings } from './config-file.ts';
import { repositoryOfRemote } from './github-place.ts';

/** What is known before anybody is asked. */
export interface Defaults {
  readonly forge: 'github' | 'local';
  readonly repository?: string;
  /** The branch that changes are merged into. */
  readonly base: string;
  /** Where the called workflows are, `owner/name@ref`. */
  readonly workflowsFrom?: string;
  /** Whether workflows are written. */
  readonly workflows: boolean;
}

/** What holds where nobody says. */
export function defaultsOf({ otherBase, origin }: Surroundings, workflows = true): Defaults {
  const repository = repositoryOfRemote(origin);
  const program = programRepository();
  return {
    forge: repository === undefined ? 'local' : 'github',
    base: otherBase ?? 'main',
    workflows,
    ...(repository === undefined ? {} : { repository }),
    ...(program === undefined ? {} : { workflowsFrom: `${program}@v${programVersion()}` }),
  };
}
