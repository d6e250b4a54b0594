import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// npm test and npm run test:chaos, see docs/testing.md. Options go to node --test.

/** Files that run together: in one process where they start no child, else in a process each. */
interface Group {
  readonly name: string;
  readonly oneProcess: boolean;
  readonly files: readonly string[];
}

const root = fileURLToPath(new URL('..', import.meta.url));

function filesIn(...folders: readonly string[]): readonly string[] {
  return globSync(
    folders.map((folder) => `test/${folder}/**/*.test.ts`),
    { cwd: root },
  ).sort();
}

const pure = ['access', 'adopt', 'config', 'drift', 'inventory', 'model', 'plan', 'provision', 'rbac', 'report'];
const groups: readonly Group[] = [
  { name: 'pure', oneProcess: true, files: filesIn(...pure) },
  { name: 'loopback', oneProcess: true, files: filesIn('athenz', 'cluster', 'sandbox') },
  {
    name: 'git',
    oneProcess: false,
    files: [...globSync('test/*.test.ts', { cwd: root }), ...filesIn('commands', 'forge', 'git', 'runtime')],
  },
  // From the end, as the walk takes longest.
  { name: 'chaos', oneProcess: false, files: filesIn('chaos').toReversed() },
];

/** The groups of a tier: the chaos tier has the files that take more cases in it. */
function groupsOf(tier: string): readonly Group[] {
  if (tier !== 'chaos') return groups;
  const isTiered = (file: string) => /\/support\/(tier|properties)\.ts';/.test(readFileSync(join(root, file), 'utf8'));
  return groups.map((group) => ({ ...group, files: group.files.filter(isTiered) }));
}

/** Runs a group and returns its exit code; its output comes in one piece. */
async function run({ name, oneProcess, files }: Group, tier: string, options: readonly string[]): Promise<number> {
  // Files that wait for children leave the processors to others.
  const isolation = oneProcess ? '--test-isolation=none' : `--test-concurrency=${availableParallelism() + 1}`;
  const reporter = `--test-reporter=${new URL('reporter.ts', import.meta.url).href}`;
  const env = {
    NODE_COMPILE_CACHE: join(tmpdir(), 'athenz-gitops-test-compile-cache'),
    // A small heap: to start a child is to copy the page tables.
    NODE_OPTIONS: '--max-semi-space-size=4',
    ...process.env,
    ATHENZ_GITOPS_TIER: tier,
  };
  const started = performance.now();
  const child = spawn(
    process.execPath,
    ['--test', isolation, reporter, '--test-timeout=1800000', ...options, ...files],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
    },
  );
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk));
  const [code] = await once(child, 'close');
  const seconds = Math.round((performance.now() - started) / 1000);
  process.stdout.write(`${name}: ${files.length} files, ${seconds} s\n${Buffer.concat(output)}\n`);
  return code ?? 1;
}

const [tier = 'test', ...options] = process.argv.slice(2);
const codes = await Promise.all(groupsOf(tier).map((group) => run(group, tier, options)));
process.exitCode = Math.max(...codes);
