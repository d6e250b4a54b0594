import { statSync } from 'node:fs';
import { type Problem, toProblem } from '../model/error.ts';
import type { SandboxState } from './state.ts';
import { loadState } from './state-file.ts';

/** Gives the state of a file once for every change of it; undefined when there is nothing new to take on. */
export type StateSource = () => SandboxState | undefined;

/**
 * Watches a state file by looking at it when asked, so that no watcher has to be closed.
 *
 * @param onProblem told once about each edit that cannot be read; the state before it then stays in use
 */
export function watchState(file: string, onProblem: (problem: Problem) => void): StateSource {
  let seen = signature(file);
  return () => {
    const current = signature(file);
    if (current === seen) return undefined;
    seen = current;
    try {
      return loadState(file);
    } catch (error) {
      onProblem(toProblem(error));
      return undefined;
    }
  };
}

/** Changes with every edit; a file that is gone has one too. */
function signature(file: string): string {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? 'gone' : `${stat.ino} ${stat.size} ${stat.mtimeNs}`;
}
