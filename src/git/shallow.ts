import type { Git } from './git.ts';

/** Whether a clone's history ends early: what is older may have been cut off. */
export async function isShallow(git: Git): Promise<boolean> {
  return (await git.ask('rev-parse', '--is-shallow-repository'))?.trim() === 'true';
}
