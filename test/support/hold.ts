import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gitEnv } from './repository.ts';
import type { Ran } from './run.ts';

/** Stops a run half-way. */
export interface Holder extends AsyncDisposable {
  /**
   * Starts a run, holds it before its n-th git until `meanwhile` is over, and lets it go on to its end.
   *
   * @returns what it printed; undefined where it has fewer gits, and nothing happened meanwhile
   */
  hold(
    at: number,
    run: (env: NodeJS.ProcessEnv) => Promise<Ran>,
    meanwhile: () => Promise<void> | void,
  ): Promise<Ran | undefined>;
}

const git = `#!/bin/sh
n=$(($(cat "$HOLD_DIR/calls") + 1))
echo "$n" > "$HOLD_DIR/calls"
if [ "$n" = "$HOLD_AT" ]; then
  : > "$HOLD_DIR/held"
  while [ -e "$HOLD_DIR/held" ]; do sleep 0.01; done
fi
exec "$REAL_GIT" "$@"
`;

export async function openHolder(): Promise<Holder> {
  const dir = await mkdtemp(join(tmpdir(), 'athenz-gitops-hold-'));
  const held = join(dir, 'held');
  await writeFile(join(dir, 'git'), git);
  await chmod(join(dir, 'git'), 0o755);
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  const env = { ...gitEnv, PATH: `${dir}:${gitEnv['PATH']}`, REAL_GIT: real, HOLD_DIR: dir };
  return {
    async hold(at, run, meanwhile) {
      await writeFile(join(dir, 'calls'), '0\n');
      const running = run({ ...env, HOLD_AT: String(at) });
      const ended = running.then(() => true);
      while (!existsSync(held)) {
        if (await Promise.race([ended, setTimeout(5, false)])) {
          await running;
          return undefined;
        }
      }
      try {
        await meanwhile();
      } finally {
        await rm(held);
      }
      return running;
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}
