import { spawn } from 'node:child_process';
import { type SimpleGit, simpleGit } from 'simple-git';
import { callerMaySet, gitEnvironment } from './environment.ts';
import { gitFailed } from './failure.ts';
import { ownSettings, remoteCommands, type Setting } from './settings.ts';

/** git in one repository. Arguments are always a list: nothing goes through a shell. */
export interface Git {
  readonly dir: string;
  /** Runs a command and gives what it prints. @throws AppError `GIT_FAILED` */
  run(doing: string, ...args: readonly string[]): Promise<string>;
  /** Runs a command, feeds it `input` and gives what it prints as bytes. @throws AppError `GIT_FAILED` */
  read(doing: string, args: readonly string[], input?: Iterable<string | Uint8Array>): Promise<Buffer>;
  /** As `run`, with undefined when git says no (exit code other than 0). */
  ask(...args: readonly string[]): Promise<string | undefined>;
  /** Runs a command, feeds it `input` and gives everything back, whatever the exit code. */
  feed(args: readonly string[], input?: Iterable<string | Uint8Array>): Promise<GitOutput>;
  /** The same git with further configuration, as a token, for `fetch`, `ls-remote` and `push` alone. */
  withRemote(settings: readonly Setting[]): Git;
}

export interface GitOutput {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface GitOptions {
  /** Absolute path of the `.git` folder that is meant; without it git looks for one, and checks its owner. */
  readonly gitDir?: string;
  /** Absolute path above which git does not look for one. */
  readonly ceiling?: string;
  readonly remote?: readonly Setting[];
}

/**
 * Opens git on a folder that exists.
 *
 * @throws AppError `GIT_FAILED` when the caller's `GIT_CONFIG_COUNT` is no number
 */
export function openGit(dir: string, env: NodeJS.ProcessEnv, options: GitOptions = {}): Git {
  const { gitDir, ceiling, remote = [] } = options;
  const place = {
    ...(gitDir === undefined ? {} : { GIT_DIR: gitDir, GIT_WORK_TREE: dir }),
    ...(ceiling === undefined ? {} : { GIT_CEILING_DIRECTORIES: ceiling }),
  };
  const local = session(dir, { ...gitEnvironment(env, ownSettings), ...place });
  const reaching =
    remote.length === 0 ? local : session(dir, { ...gitEnvironment(env, [...ownSettings, ...remote]), ...place });
  const sessionOf = ([command = '']: readonly string[]) => (remoteCommands.has(command) ? reaching : local);
  return {
    dir,
    async run(doing, ...args) {
      try {
        return await sessionOf(args).simple.raw([...args]);
      } catch (error) {
        throw gitFailed(doing, error instanceof Error ? error.message : String(error));
      }
    },
    async read(doing, args, input = []) {
      const { code, stdout, stderr } = await feed(dir, sessionOf(args).environment, args, input);
      if (code !== 0) throw gitFailed(doing, stderr);
      return stdout;
    },
    async ask(...args) {
      try {
        return await sessionOf(args).simple.raw([...args]);
      } catch {
        return undefined;
      }
    },
    feed: (args, input = []) => feed(dir, sessionOf(args).environment, args, input),
    withRemote: (settings) => openGit(dir, env, { ...options, remote: [...remote, ...settings] }),
  };
}

interface Session {
  readonly environment: Record<string, string>;
  readonly simple: SimpleGit;
}

function session(dir: string, environment: Record<string, string>): Session {
  const simple = simpleGit({
    baseDir: dir,
    unsafe: callerMaySet,
    allowEnvironment: Object.keys(environment),
    // Unset, it takes a failure without words for success, and output that is still under way for all of it.
    errors: (error, { exitCode, stdErr }) => error ?? (exitCode === 0 ? undefined : failure(exitCode, stdErr)),
    completion: { onClose: true, onExit: false },
  }).env(environment);
  return { environment, simple };
}

/** @param code no number when a signal ended it */
function failure(code: number | null, stderr: readonly Buffer[]): Buffer {
  const words = Buffer.concat(stderr);
  return words.length > 0 ? words : Buffer.from(`git ended with ${code ?? 'a signal'}`);
}

function feed(
  dir: string,
  env: Record<string, string>,
  args: readonly string[],
  input: Iterable<string | Uint8Array>,
): Promise<GitOutput> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { cwd: dir, env, stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    // A git that refuses early closes its end; its exit code and words say why.
    child.stdin.on('error', () => {});
    child.on('error', (error) => reject(gitFailed(`running git ${args[0]}`, error.message)));
    child.on('close', (code) =>
      resolve({ code: code ?? 1, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString('utf8') }),
    );
    for (const chunk of input) child.stdin.write(chunk);
    child.stdin.end();
  });
}
