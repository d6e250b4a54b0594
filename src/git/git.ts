import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { cancelled, checkStop } from '../model/halt.ts';
import { gitEnvironment } from './environment.ts';
import { gitFailed } from './failure.ts';
import { type GitSetting, ownSettings, remoteCommands } from './settings.ts';

/** git in one repository. Arguments are always a list: nothing goes through a shell. */
export interface Git {
  readonly dir: string;
  /** Of `GitOptions`. */
  readonly stop?: AbortSignal | undefined;
  /** Runs a command and gives what it prints. @throws AppError `GIT_FAILED` */
  run(doing: string, ...args: readonly string[]): Promise<string>;
  /** Runs a command, feeds it `input` and gives what it prints as bytes. @throws AppError `GIT_FAILED` */
  read(doing: string, args: readonly string[], input?: Iterable<string | Uint8Array>): Promise<Buffer>;
  /** As `run`, with undefined when git says no (exit code other than 0). */
  ask(...args: readonly string[]): Promise<string | undefined>;
  /** Runs a command, feeds it `input` and gives everything back, whatever the exit code. */
  feed(args: readonly string[], input?: Iterable<string | Uint8Array>): Promise<GitOutput>;
  /** The same git with further configuration, as a token, for `fetch`, `ls-remote` and `push` alone. */
  withRemote(settings: readonly GitSetting[]): Git;
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
  readonly remote?: readonly GitSetting[];
  /** Once aborted, no command is started any more; one that runs goes on to its end, and so leaves no lock behind. */
  readonly stop?: AbortSignal | undefined;
}

/**
 * Opens git on a folder that exists.
 *
 * @throws AppError `GIT_FAILED` when the caller's `GIT_CONFIG_COUNT` is no number
 */
export function openGit(dir: string, env: NodeJS.ProcessEnv, options: GitOptions = {}): Git {
  const { gitDir, ceiling, remote = [], stop } = options;
  const place = {
    ...(gitDir === undefined ? {} : { GIT_DIR: gitDir, GIT_WORK_TREE: dir }),
    ...(ceiling === undefined ? {} : { GIT_CEILING_DIRECTORIES: ceiling }),
  };
  const local = { ...gitEnvironment(env, ownSettings), ...place };
  const reaching = remote.length === 0 ? local : { ...gitEnvironment(env, [...ownSettings, ...remote]), ...place };
  const feed = (args: readonly string[], input: Iterable<string | Uint8Array> = []) => {
    const [command = ''] = args;
    // What `grep` is to search is given as patterns; all other paths are meant as they are.
    const env = remoteCommands.has(command) ? reaching : local;
    const patterns = command === 'grep' ? { GIT_LITERAL_PATHSPECS: '0' } : {};
    return start(dir, { ...env, ...patterns }, args, input, stop);
  };
  const read: Git['read'] = async (doing, args, input) => {
    const { code, stdout, stderr } = await feed(args, input);
    if (code !== 0) throw gitFailed(doing, stderr);
    return stdout;
  };
  return {
    dir,
    stop,
    feed,
    read,
    run: async (doing, ...args) => (await read(doing, args)).toString('utf8'),
    async ask(...args) {
      const { code, stdout } = await feed(args);
      return code === 0 ? stdout.toString('utf8') : undefined;
    },
    withRemote: (settings) => openGit(dir, env, { ...options, remote: [...remote, ...settings] }),
  };
}

/** @throws AppError `GIT_FAILED` where git cannot be started; `CANCELLED` after a stop */
function start(
  dir: string,
  env: Record<string, string>,
  args: readonly string[],
  input: Iterable<string | Uint8Array>,
  stop: AbortSignal | undefined,
): Promise<GitOutput> {
  return new Promise((resolve, reject) => {
    checkStop(stop, `running git ${commandOf(args)}`);
    // Interrupted half-way, as by Ctrl-C of a terminal, it would leave its pack: that is of another process group.
    const detached = args.includes('fast-import');
    const child = spawn('git', args, { cwd: dir, env, detached, stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    // A git that refuses early closes its end; its exit code and words say why.
    child.stdin.on('error', () => {});
    child.on('error', (error) => reject(gitFailed(`running git ${args[0]}`, error.message)));
    child.on('close', async (code, signal) => {
      // Ctrl-C reaches git too, whose end may show before our own signal does.
      if (signal === 'SIGINT') await abortOf(stop);
      if (signal !== null && stop?.aborted === true) return reject(cancelled(`running git ${commandOf(args)}`));
      const words = Buffer.concat(err).toString('utf8');
      const silent = words.trim() === '' && code !== 0;
      resolve({
        code: code ?? 1,
        stdout: Buffer.concat(out),
        stderr: silent ? `git ended with ${signal ?? `exit code ${code}`}` : words,
      });
    });
    // Made while git takes it: a first commit is as large as what it writes.
    const chunks = Readable.from(input);
    chunks.on('error', (error) => {
      child.kill();
      reject(error);
    });
    chunks.pipe(child.stdin);
  });
}

/** Waits for a stop that is on its way; a second at most. */
async function abortOf(stop: AbortSignal | undefined): Promise<void> {
  if (stop === undefined || stop.aborted) return;
  await once(stop, 'abort', { signal: AbortSignal.timeout(1000) }).catch(() => {});
}

/** The name of a command, behind what configures it. */
function commandOf(args: readonly string[]): string {
  return args.find((it, at) => !it.startsWith('-') && args[at - 1] !== '-c') ?? '';
}
