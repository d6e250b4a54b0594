import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeGit } from './git-wrapper.ts';
import { gitEnv } from './repository.ts';

/** A git that was started: its arguments and its whole environment. */
export interface GitCall {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Writes a `git` into a folder that records how it is started, and runs the real one. */
export async function recordGit(dir: string): Promise<NodeJS.ProcessEnv> {
  await writeGit(
    dir,
    `call=$(mktemp '${dir}/call.XXXXXX')
cat /proc/self/environ > "$call"
printf '\\1' >> "$call"
printf '%s\\0' "$@" >> "$call"
exec "$REAL_GIT" "$@"`,
  );
  return { ...gitEnv, PATH: `${dir}:${gitEnv['PATH']}`, GIT_TRACE2_EVENT: join(dir, 'trace') };
}

/** The calls so far. */
export async function recordedCalls(dir: string): Promise<readonly GitCall[]> {
  const names = (await readdir(dir)).filter((name) => name.startsWith('call.'));
  return Promise.all(
    names.map(async (name) => {
      const [environment = '', args = ''] = (await readFile(join(dir, name), 'latin1')).split('\u0001');
      const pairs = environment.split('\0').filter((pair) => pair !== '');
      return {
        args: args.split('\0').slice(0, -1),
        env: Object.fromEntries(
          pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
        ),
      };
    }),
  );
}

/** What those gits have started in turn, as `git index-pack` or `ssh`: without options and operands. */
export async function programsOfGit(dir: string): Promise<ReadonlySet<string>> {
  const lines = (await readFile(join(dir, 'trace'), 'utf8')).split('\n').filter((line) => line !== '');
  const events = lines.map((line) => JSON.parse(line) as { event: string; argv?: readonly string[] });
  return new Set(
    events.flatMap(({ event, argv = [] }) => {
      if (event !== 'child_start') return [];
      const [program = '', command = ''] = argv.filter((arg, at) => at === 0 || !arg.startsWith('-'));
      return [program === 'git' ? `git ${command}` : program];
    }),
  );
}
