import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// npm test and npm run test:chaos: see docs/testing.md. Options go to node --test.

/** Files that run together. */
interface Group {
  readonly name: string;
  readonly files: readonly string[];
  /** In one process, as they start no child and share no state; otherwise a process for each file. */
  readonly together: boolean;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const find = (...patterns: readonly string[]) => globSync(patterns, { cwd: root }).sort();
const inFolders = (...names: readonly string[]) => find(...names.map((name) => `test/${name}/**/*.test.ts`));

const pure = ['access', 'adopt', 'config', 'drift', 'inventory', 'model', 'plan', 'provision', 'rbac', 'report'];
const served = ['athenz', 'cluster', 'sandbox'];
const chaos: Group = { name: 'chaos', files: inFolders('chaos'), together: false };
const groups: readonly Group[] = [
  { name: 'pure', files: inFolders(...pure), together: true },
  { name: 'loopback', files: inFolders(...served), together: true },
  { name: 'git', files: [...find('test/*.test.ts'), ...inFolders('commands', 'forge', 'git')], together: false },
  chaos,
];

/** Files that wait for children leave the processor to others. */
const concurrency = Math.max(2, availableParallelism() + 1);

/** Runs one group and returns its exit code; what it prints comes in one piece. */
async function run({ name, files, together }: Group, options: readonly string[], tier: string): Promise<number> {
  const flags = together ? ['--test-isolation=none'] : [`--test-concurrency=${concurrency}`];
  const reporter = new URL('./reporter.ts', import.meta.url).href;
  const started = performance.now();
  const child = spawn(
    process.execPath,
    ['--test', '--test-timeout=600000', `--test-reporter=${reporter}`, ...flags, ...options, ...files],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        NODE_COMPILE_CACHE: join(tmpdir(), 'athenz-gitops-test-compile-cache'),
        ...process.env,
        ATHENZ_GITOPS_TIER: tier,
      },
    },
  );
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => printed.push(chunk));
  const [code] = await once(child, 'close');
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  process.stdout.write(`${name}: ${files.length} files, ${seconds} s\n${Buffer.concat(printed)}\n`);
  return code ?? 1;
}

const [tier = 'test', ...options] = process.argv.slice(2);
const codes = await Promise.all((tier === 'chaos' ? [chaos] : groups).map((group) => run(group, options, tier)));
process.exitCode = Math.max(...codes);
