import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFile,
  chmod,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Git, openGit } from '../../src/git/git.ts';

/** Neither this machine's nor its user's git configuration shows in a test. */
export const gitEnv: NodeJS.ProcessEnv = {
  PATH: process.env['PATH'],
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  // A program that is started as a process need not compile everything again.
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
};

/** A person at a keyboard. */
const person = {
  GIT_AUTHOR_NAME: 'Pat Person',
  GIT_AUTHOR_EMAIL: 'pat@example.com',
  GIT_COMMITTER_NAME: 'Pat Person',
  GIT_COMMITTER_EMAIL: 'pat@example.com',
  LC_ALL: 'C',
  // No repository of a test lives long enough to be tidied up, which would start two more programs at each commit.
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'maintenance.auto',
  GIT_CONFIG_VALUE_0: 'false',
};

/** Runs git as that person, in any folder, and gives what it prints, without the last line break. */
export function gitIn(dir: string, ...args: readonly string[]): string {
  return gitWith({}, dir, ...args);
}

/** As `gitIn`, with more in the environment; what git says on stderr is in the error it throws. */
export function gitWith(env: NodeJS.ProcessEnv, dir: string, ...args: readonly string[]): string {
  return runAsPerson(env, dir, 'git', args);
}

/** Several commands as that person; `$1` and so on are the arguments. */
function shellIn(dir: string, script: string, ...args: readonly string[]): string {
  return runAsPerson({}, dir, 'sh', ['-c', script, 'sh', ...args]);
}

function runAsPerson(env: NodeJS.ProcessEnv, dir: string, program: string, args: readonly string[]): string {
  const options = { cwd: dir, env: { ...gitEnv, ...person, ...env }, encoding: 'utf8', stdio: 'pipe' } as const;
  return execFileSync(program, args, options).replace(/\n$/, '');
}

/** A repository in a temporary folder. */
export interface TestRepository {
  readonly dir: string;
  /** As the program opens it. */
  readonly own: Git;
  git(...args: readonly string[]): string;
  /** Writes files and commits everything there is; gives the commit's id. */
  commit(files?: Files, message?: string): Promise<string>;
  write(files: Files): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Path → text; `null` takes the file away; `->target` makes a link, `+x text` an executable. */
export type Files = Readonly<Record<string, string | null>>;

export interface RepositoryOptions {
  readonly objectFormat?: 'sha1' | 'sha256';
  readonly bare?: boolean;
}

export async function makeRepository(options: RepositoryOptions = {}): Promise<TestRepository> {
  const { objectFormat = 'sha1', bare = false } = options;
  const above = await realpath(await mkdtemp(join(tmpdir(), 'athenz-gitops-test-')));
  const dir = join(above, 'repository');
  await mkdir(dir);
  await initRepository(bare ? dir : join(dir, '.git'), objectFormat, bare);
  const git = (...args: readonly string[]) => gitIn(dir, ...args);
  const write = (files: Files) => writeFiles(dir, files);
  return {
    dir,
    own: openGit(dir, gitEnv),
    git,
    write,
    async commit(files = {}, message = 'Change') {
      await write(files);
      // In one child: to start one from a large process takes longer than git does.
      shellIn(dir, 'git add --all && git commit --quiet --allow-empty --no-verify --message="$1"', message);
      return headOf(dir);
    },
    [Symbol.asyncDispose]: () => rm(above, { recursive: true, force: true }),
  };
}

/** What `git init` makes, without starting it: gitrepository-layout(5). */
async function initRepository(dir: string, objectFormat: string, bare: boolean): Promise<void> {
  const format = objectFormat === 'sha1' ? '' : `[extensions]\n\tobjectFormat = ${objectFormat}\n`;
  const version = objectFormat === 'sha1' ? 0 : 1;
  const config = `[core]\n\trepositoryformatversion = ${version}\n\tfilemode = true\n\tbare = ${bare}\n${format}`;
  for (const folder of ['objects', 'refs/heads', 'refs/tags', 'hooks', 'info'])
    await mkdir(join(dir, folder), { recursive: true });
  await writeFile(join(dir, 'config'), bare ? config : `${config}[core]\n\tlogallrefupdates = true\n`);
  await writeFile(join(dir, 'HEAD'), 'ref: refs/heads/main\n');
}

/** What `git remote add origin` does. */
export async function addOrigin(dir: string, url: string): Promise<void> {
  const section = `[remote "origin"]\n\turl = ${url}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n`;
  await appendFile(join(dir, '.git', 'config'), section);
}

/**
 * What `git push` of a branch comes to, without starting it: its objects and where it points.
 *
 * @param tracking also set here, as a push to a remote with a name does
 */
export async function copyBranch(dir: string, bare: string, branch: string, tracking?: string): Promise<void> {
  const head = `${await headOf(dir)}\n`;
  await cp(join(dir, '.git', 'objects'), join(bare, 'objects'), { recursive: true });
  await writeFile(join(bare, 'refs', 'heads', branch), head);
  if (tracking === undefined) return;
  const file = join(dir, '.git', tracking);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, head);
}

/** The commit that was made last on the current branch. */
async function headOf(dir: string): Promise<string> {
  const head = await readFile(join(dir, '.git', 'HEAD'), 'utf8');
  const ref = /^ref: (.+)\n$/.exec(head)?.[1];
  return ref === undefined ? head.trim() : (await readFile(join(dir, '.git', ref), 'utf8')).trim();
}

/** Writes, links or removes files below a folder. */
export async function writeFiles(dir: string, files: Files): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const file = join(dir, path);
    await rm(file, { recursive: true, force: true });
    if (text === null) continue;
    await mkdir(dirname(file), { recursive: true });
    if (text.startsWith('->')) await symlink(text.slice(2), file);
    else await writeFile(file, text.replace(/^\+x /, ''));
    if (text.startsWith('+x ')) await chmod(file, 0o755);
  }
}

/** Every ref and where it points: two of these are equal when no ref has come, gone or moved. */
export function refsOf(dir: string, ...patterns: readonly string[]): string {
  return gitIn(dir, 'for-each-ref', '--format=%(refname) %(objectname)', ...patterns);
}

/** As `refsOf`, without what says since when something could not be read: a failed read changes that alone. */
export function refsBesideUnread(dir: string, ...patterns: readonly string[]): string {
  const lines = refsOf(dir, ...patterns).split('\n');
  return lines.filter((line) => !line.includes('@unread ')).join('\n');
}

/** Every file below a folder, `.git` included, with what it holds and when it was last written. */
export async function fingerprint(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    files.sort().map(async (file) => {
      const { mode, mtimeNs } = await lstat(file, { bigint: true });
      const text = (await lstat(file)).isSymbolicLink() ? await readlink(file) : await readFile(file, 'latin1');
      return `${file} ${mode} ${mtimeNs} ${createHash('sha1').update(text).digest('hex')}`;
    }),
  );
}
