import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { gitEnv } from '../repository.ts';

/** Who a commit is by. */
export interface Signature {
  readonly name: string;
  readonly email: string;
}

export interface NewCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly author: Signature;
  readonly committer?: Signature;
}

/** Path → text; `null` takes the file away. */
export type TreeChange = Readonly<Record<string, string | null>>;

/**
 * git plumbing on a bare repository. It blocks until git has answered, so that whatever the stand-in does for one request
 * is done before it looks at the next one.
 */
export interface Bare {
  readonly dir: string;
  run(...args: readonly string[]): string;
  /** Undefined when git says no. */
  ask(...args: readonly string[]): string | undefined;
  /** Branch → commit. */
  branches(): ReadonlyMap<string, string>;
  contains(commit: string, ancestor: string): boolean;
  /** The tree of a commit with some files changed. */
  changeTree(commit: string, change: TreeChange): string;
  /** The tree of a merge; undefined when it conflicts. */
  mergeTrees(ours: string, theirs: string): string | undefined;
  /** The tree that has the change of a commit, made on another one; undefined when it conflicts. */
  replayTree(commit: string, onto: string): string | undefined;
  commit(commit: NewCommit): string;
  setRef(ref: string, commit: string): void;
  /** As `setRef`, for a ref that nobody writes at the same time. */
  keep(ref: string, commit: string): void;
}

export function openBare(dir: string): Bare {
  const git = (env: NodeJS.ProcessEnv, input: string, args: readonly string[]): string =>
    execFileSync('git', args, {
      cwd: dir,
      env: { ...gitEnv, LC_ALL: 'C', ...env },
      input,
      encoding: 'utf8',
      stdio: 'pipe',
      maxBuffer: 256 * 2 ** 20,
    }).replace(/\n$/, '');
  // What is asked of commits by their ids has one answer for ever.
  const answers = new Map<string, string>();
  const run: Bare['run'] = (...args) => {
    if (!isAboutIds(args)) return git({}, '', args);
    const key = args.join('\0');
    const answer = answers.get(key) ?? git({}, '', args);
    answers.set(key, answer);
    return answer;
  };
  const ask: Bare['ask'] = (...args) => {
    try {
      return run(...args);
    } catch {
      return undefined;
    }
  };
  const commit: Bare['commit'] = ({ tree, parents, message, author, committer = author }) => {
    const env = {
      GIT_AUTHOR_NAME: author.name,
      GIT_AUTHOR_EMAIL: author.email,
      GIT_COMMITTER_NAME: committer.name,
      GIT_COMMITTER_EMAIL: committer.email,
    };
    return git(env, message, ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent])]);
  };
  const mergeTrees: Bare['mergeTrees'] = (ours, theirs) =>
    ask('merge-tree', '--write-tree', '--no-messages', ours, theirs)?.split('\n')[0];
  return {
    dir,
    run,
    ask,
    commit,
    mergeTrees,
    branches() {
      // In the order in which git moves them from one to the other: none is missing in between.
      const loose = looseBranches(join(dir, 'refs', 'heads'));
      return new Map([...packedBranches(dir), ...loose]);
    },
    contains: (of, ancestor) => ask('merge-base', '--is-ancestor', ancestor, of) !== undefined,
    changeTree(from, change) {
      const index = join(dir, `index-${process.pid}`);
      const env = { GIT_INDEX_FILE: index };
      try {
        git(env, '', ['read-tree', from]);
        const entries = Object.entries(change).map(([path, text]) =>
          text === null
            ? `0 ${'0'.repeat(40)}\t${path}`
            : `100644 ${git({}, text, ['hash-object', '-w', '--stdin'])}\t${path}`,
        );
        git(env, `${entries.join('\0')}\0`, ['update-index', '-z', '--index-info']);
        return git(env, '', ['write-tree']);
      } finally {
        rmSync(index, { force: true });
      }
    },
    replayTree(of, onto) {
      // git before 2.40 cannot be told a merge base: three commits without a past say it.
      const root = (tree: string, parents: readonly string[]) =>
        commit({ tree: `${tree}^{tree}`, parents, message: 'replay', author: nobody });
      const base = root(`${of}^`, []);
      return mergeTrees(root(onto, [base]), root(of, [base]));
    },
    setRef: (ref, to) => void run('update-ref', '--create-reflog', ref, to),
    keep(ref, to) {
      const file = join(dir, ref);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${to}\n`);
    },
  };
}

/** Whether a command reads history by full ids alone. */
function isAboutIds([command = '', ...args]: readonly string[]): boolean {
  if (!['merge-base', 'merge-tree', 'rev-list', 'diff', 'show'].includes(command)) return false;
  return args.every((arg) => arg.startsWith('-') || /^[0-9a-f]{40}(\.\.[0-9a-f]{40})?$/.test(arg));
}

/** What git has put together in one file, as `<commit> <ref>`. Read without git, as it is asked for at each request. */
function packedBranches(dir: string): readonly (readonly [string, string])[] {
  const file = join(dir, 'packed-refs');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  return lines.flatMap((line) => {
    const [, commit, branch] = /^(\w{40}) refs\/heads\/(.+)$/.exec(line) ?? [];
    return commit === undefined || branch === undefined ? [] : [[branch, commit] as const];
  });
}

/** One file for each; those that end in `.lock` are on their way. */
function looseBranches(heads: string): readonly (readonly [string, string])[] {
  const entries = readdirSync(heads, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) => {
    const file = join(entry.parentPath, entry.name);
    if (!entry.isFile() || entry.name.endsWith('.lock')) return [];
    try {
      return [[relative(heads, file), readFileSync(file, 'utf8').trim()] as const];
    } catch {
      // Gone since the folder was read.
      return [];
    }
  });
}

const nobody: Signature = { name: 'nobody', email: 'nobody@example.com' };
