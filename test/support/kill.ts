import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { writeGit } from './git-wrapper.ts';
import { gitEnv } from './repository.ts';

const bin = fileURLToPath(new URL('../../bin/athenz-gitops.js', import.meta.url));
const killAtWrite = new URL('./kill-at-write.ts', import.meta.url).href;

/**
 * Where the program is killed. `git`: at the n-th git it starts – before it, with half of its input read, or the program alone,
 * while git goes on, with its whole input or cut off from the rest; or it is asked to end, alone or by Ctrl-C of a terminal. `lock`: program and git, the n-th time that git has locked refs and not moved them yet. `write`: at
 * the n-th change of a file, before it or half-way; or not killed there, but stopped while another one runs.
 */
export type Kill =
  | { readonly kind: 'git'; readonly at: number; readonly how: 'before' | 'half' | 'cut' | 'program' | Stop }
  | { readonly kind: 'lock'; readonly at: number }
  | { readonly kind: 'write'; readonly at: number; readonly how: 'before' | 'half' | 'run' };

/** `term`: SIGTERM to the program; `ctrl-c`: SIGINT to it and to what it started in its process group. */
export type Stop = 'term' | 'ctrl-c';

/** A process of the program and everything it started, also in process groups of their own. */
export interface Running {
  readonly pid: number;
  /** Ends once nothing of it is left; the exit code, `null` when it was killed. */
  readonly ended: Promise<number | null>;
  /** Ends all of it at once, as a machine that stops does. */
  kill(): void;
}

/** Starts the program as a process, and kills it. */
export interface Killer extends AsyncDisposable {
  start(cwd: string, args: readonly string[], kill?: Kill): Promise<Running>;
  /** As `start`, until nothing of it is left; gives the exit code, `null` when it was killed. */
  run(cwd: string, args: readonly string[], kill?: Kill): Promise<number | null>;
  /** How many gits the last run started. */
  calls(): Promise<number>;
  /** After a kill of kind `lock`: the refs that git was about to move, in its order, and those among them that were to go. */
  locked(): Promise<readonly { readonly ref: string; readonly goes: boolean }[]>;
}

/** Counts its calls, and at the one that is asked for ends the program, itself, or both. */
const git = `
n=$(($(cat "$KILL_DIR/calls") + 1))
echo "$n" > "$KILL_DIR/calls"
echo "$PPID" > "$KILL_DIR/program"
# It leads a group of its own and goes on after the program.
case " $* " in *" fast-import "*) echo "$$" >> "$KILL_OWN/groups" ;; esac
# The program runs no hooks; the one that tells of locks is the test's.
hooks="$GIT_DIR/hooks"
[ -z "$KILL_LOCK" ] || [ ! -e "$hooks/reference-transaction" ] || set -- -c "core.hooksPath=$hooks" "$@"
[ "$n" = "$KILL_GIT" ] || exec "$REAL_GIT" "$@"
case "$KILL_HOW" in
  before) kill -KILL "$PPID"; exit ;;
  program) kill -KILL "$PPID"; exec "$REAL_GIT" "$@" ;;
  term) kill -TERM "$PPID"; exec "$REAL_GIT" "$@" ;;
  ctrl-c) kill -INT "-$PPID"; exec "$REAL_GIT" "$@" ;;
esac
case " $* " in
  *" cat-file "* | *" fast-import "* | *" update-ref "*)
    cat > "$KILL_DIR/input"
    mkfifo "$KILL_DIR/half"
    # Its words go nowhere, as those to a program that is gone would end it before it writes its report.
    "$REAL_GIT" "$@" < "$KILL_DIR/half" 2> /dev/null &
    exec 9> "$KILL_DIR/half"
    head -c $(($(wc -c < "$KILL_DIR/input") / 2)) "$KILL_DIR/input" >&9
    ;;
  *) "$REAL_GIT" "$@" & ;;
esac
kill -KILL "$PPID"
[ "$KILL_HOW" = cut ] || kill -KILL "$!"
`;

/** Run by git when it has locked refs, with `<old> <new> <ref>` of each, in the order in which it will move them. */
const hook = `#!/bin/sh
[ "$1" = prepared ] && [ -n "$KILL_LOCK" ] && cat > "$KILL_DIR/refs" && [ -s "$KILL_DIR/refs" ] || exit 0
n=$(($(cat "$KILL_DIR/locks") + 1))
echo "$n" > "$KILL_DIR/locks"
[ "$n" != "$KILL_LOCK" ] || kill -KILL "$(cat "$KILL_DIR/program")" "$PPID"
`;

export async function openKiller(): Promise<Killer> {
  const dir = await mkdtemp(join(tmpdir(), 'athenz-gitops-kill-'));
  let starts = 0;
  const running = new Set<Running>();

  async function start(cwd: string, args: readonly string[], at?: Kill): Promise<Running> {
    for (const name of ['calls', 'locks']) await writeFile(join(dir, name), '0\n');
    await rm(join(dir, 'half'), { force: true });
    // A folder for each, as two of them may run at a time.
    const own = join(dir, `start-${starts++}`);
    await writeGit(own, git, { KILL_DIR: dir, KILL_OWN: own, ...variables(at) });
    const child = spawn(process.execPath, [...(at?.kind === 'write' ? ['--import', killAtWrite] : []), bin, ...args], {
      cwd,
      // A group of its own, by which everything it starts is known.
      detached: true,
      stdio: 'ignore',
      env: {
        ...gitEnv,
        PATH: `${own}:${gitEnv['PATH']}`,
        ...(at?.kind === 'write' ? { AT_WRITE: String(at.at), AT_WRITE_DO: at.how } : {}),
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? join(dir, 'compiled'),
      },
    });
    const { pid = 0 } = child;
    const groups = () => [pid, ...groupsIn(join(own, 'groups'))];
    const ended = once(child, 'exit').then(async ([code]) => {
      while (await isAlive(groups())) await setTimeout(2);
      running.delete(it);
      return code as number | null;
    });
    const kill = () => {
      for (const group of groups()) killGroup(group);
    };
    const it = { pid, ended, kill };
    running.add(it);
    return it;
  }

  return {
    start,
    run: async (cwd, args, kill) => (await start(cwd, args, kill)).ended,
    calls: async () => Number(await readFile(join(dir, 'calls'), 'utf8')),
    async locked() {
      const lines = (await readFile(join(dir, 'refs'), 'utf8')).trimEnd().split('\n');
      return lines.map((line) => line.split(' ')).map(([, to = '', ref = '']) => ({ ref, goes: /^0+$/.test(to) }));
    },
    async [Symbol.asyncDispose]() {
      for (const it of running) it.kill();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Has git tell, in one repository, when it has locked refs. */
export async function watchLocks(repository: string): Promise<void> {
  const file = join(repository, '.git', 'hooks', 'reference-transaction');
  await writeFile(file, hook);
  await chmod(file, 0o755);
}

/** Ends a process group at once. @param pid of its leader */
export function killGroup(pid: number): void {
  killAlone(-pid);
}

/** Ends a program; what it started goes on. */
export function killAlone(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function variables(kill: Kill | undefined): Readonly<Record<string, string>> {
  switch (kill?.kind) {
    case undefined:
    case 'write':
      return {};
    case 'git':
      return { KILL_GIT: String(kill.at), KILL_HOW: kill.how };
    case 'lock':
      return { KILL_LOCK: String(kill.at) };
  }
}

/** Process groups that gits have led, one a line. */
function groupsIn(file: string): readonly number[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Whether any process of these groups runs; one that only waits for its parent to take note of its end does not. */
async function isAlive(groups: readonly number[]): Promise<boolean> {
  const there = groups.filter(exists);
  if (there.length === 0) return false;
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  if (processes.length === 0) return true;
  const stats = await Promise.all(processes.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  // `pid (name) state parent group …`, proc(5).
  return stats.some((stat) => {
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return there.includes(Number(group)) && state !== 'Z' && state !== 'X';
  });
}

/** Whether a process group has members. */
function exists(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
}
