import { type RefUpdate, updateRefs } from '../git/refs.ts';
import type { Run } from './run.ts';

/** As `updateRefs`, where a proposal goes: a push is counted, whatever becomes of it. */
export async function moveRefs(
  { io, workspace }: Pick<Run, 'io' | 'workspace'>,
  updates: readonly RefUpdate[],
): Promise<void> {
  const { remote } = workspace.config.forge;
  if (remote !== null) io.pushes?.count(remote, io.clock.now());
  await updateRefs(workspace.repository.git, remote, updates);
}

/**
 * Whether a proposal has to wait for a run to come, because too much was pushed of late. Only those of generators that a change of
 * objects wakes: what churns must not flood the remote, and an access that is lost must not wait behind it. A run that waited itself
 * would keep all others waiting.
 */
export function hasToWait({ io, workspace, paced }: Pick<Run, 'io' | 'workspace' | 'paced'>): boolean {
  const { remote } = workspace.config.forge;
  return paced === true && remote !== null && io.pushes?.allows(remote, io.clock.now()) === false;
}

/** What is reported of it. */
export const waitsForPushes = {
  action: 'waiting',
  reason: 'too much was pushed within a minute (--max-pushes)',
} as const;
