import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { writeGit } from './git-wrapper.ts';
import { gitEnv } from './repository.ts';
import type { Ran } from './run.ts';

/** Stops a run half-way. */
export interface Pauser extends AsyncDisposable {
  /**
   * Starts a run, holds it before its n-th git until `meanwhile` is over, and lets it go on to its end.
   *
   * @returns what it printed; undefined where it has fewer gits, and nothing happened meanwhile
   */
  pauseAt(
    at: number,
    run: (env: NodeJS.ProcessEnv) => Promise<Ran>,
    meanwhile: () => Promise<void> | void,
  ): Promise<Ran | undefined>;
}

const git = `
n=$(($(cat "$PAUSE_DIR/calls") + 1))
echo "$n" > "$PAUSE_DIR/calls"
if [ "$n" = "$PAUSE_AT" ]; then
  : > "$PAUSE_DIR/paused"
  while [ -e "$PAUSE_DIR/paused" ]; do sleep 0.01; done
fi
exec "$REAL_GIT" "$@"
`;

export async function openPauser(): Promise<Pauser> {
  const dir = await mkdtemp(join(tmpdir(), 'athenz-gitops-pause-'));
  const paused = join(dir, 'paused');
  const env = { ...gitEnv, PATH: `${dir}:${gitEnv['PATH']}` };
  return {
    async pauseAt(at, run, meanwhile) {
      await writeFile(join(dir, 'calls'), '0\n');
      await writeGit(dir, git, { PAUSE_DIR: dir, PAUSE_AT: String(at) });
      const running = run(env);
      const ended = running.then(() => true);
      while (!existsSync(paused)) {
        if (await Promise.race([ended, setTimeout(5, false)])) {
          await running;
          return undefined;
        }
      }
      try {
        await meanwhile();
      } finally {
        await rm(paused);
      }
      return running;
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}
