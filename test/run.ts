import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pLimit from 'p-limit';
import { type Counts, countsPrefix } from './reporter.ts';

// npm test and npm run test:chaos, see docs/contributing/testing.md. Options go to node --test.

/** Files that are counted together. */
interface Group {
  readonly name: string;
  readonly files: readonly string[];
  /** How many share a process: what one has compiled the next one has, but a large process starts children slowly. */
  readonly perProcess: number;
}

const root = fileURLToPath(new URL('..', import.meta.url));

function filesIn(...folders: readonly string[]): readonly string[] {
  return globSync(
    folders.map((folder) => `test/${folder}/*.test.ts`),
    { cwd: root },
  ).sort();
}

const pure = [
  'adopt',
  'config',
  'core',
  'drift',
  'generators/copies',
  'generators/fleet',
  'generators/mirror',
  'generators/rbac',
  'guard',
  'inventory',
  'model',
  'notify',
  'provision',
  'report',
  'setup',
];
const git = ['commands', 'completion', 'deploy', 'docs', 'doctor', 'git', 'propose', 'propose/github', 'runtime', '.'];

/** The longest first, and chaos from its end, as the walk takes longest. */
function groupsOf(tier: string): readonly Group[] {
  const isChaos = tier === 'chaos';
  const all: readonly Group[] = [
    { name: 'chaos', files: filesIn('chaos').toReversed(), perProcess: isChaos ? 1 : 4 },
    { name: 'git', files: filesIn(...git), perProcess: isChaos ? 4 : 14 },
    { name: 'pure', files: filesIn(...pure), perProcess: isChaos ? 8 : 100 },
    { name: 'loopback', files: filesIn('athenz', 'cluster', 'sandbox', 'watch'), perProcess: 100 },
  ];
  const known = new Set(all.flatMap(({ files }) => files));
  const forgotten = globSync('test/**/*.test.ts', { cwd: root }).filter((file) => !known.has(file));
  if (forgotten.length > 0) throw new Error(`no group of test/run.ts has ${forgotten.join(', ')}`);
  if (!isChaos) return all;
  // The others take no more cases than in npm test.
  const isTiered = (file: string) => /\/support\/(tier|properties)\.ts';/.test(readFileSync(join(root, file), 'utf8'));
  return all.map((group) => ({ ...group, files: group.files.filter(isTiered) }));
}

function split<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));
}

/** Runs files in one process, prints what failed, and gives the counts; one that ends badly or without them has failed. */
async function run(files: readonly string[], tier: string, options: readonly string[]): Promise<Counts> {
  const args = ['--test', '--test-isolation=none', '--test-timeout=1800000'];
  const reporter = `--test-reporter=${new URL('reporter.ts', import.meta.url).href}`;
  const env = {
    NODE_COMPILE_CACHE: join(tmpdir(), 'athenz-gitops-test-compile-cache'),
    // A small heap: to start a child is to copy the page tables.
    NODE_OPTIONS: '--max-semi-space-size=4',
    ...process.env,
    ATHENZ_GITOPS_TIER: tier,
  };
  const child = spawn(process.execPath, [...args, reporter, ...options, ...files], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk));
  const [code] = await once(child, 'close');
  const lines = Buffer.concat(output).toString('utf8').split('\n');
  const last = lines.findLastIndex((line) => line.startsWith(countsPrefix));
  const text = lines
    .toSpliced(last, last < 0 ? 0 : 1)
    .join('\n')
    .trim();
  if (text !== '') process.stdout.write(`${text}\n`);
  const none: Counts = { tests: 0, failed: 0, skipped: 0 };
  const counts = last < 0 ? none : (JSON.parse(lines[last]?.slice(countsPrefix.length) ?? '') as Counts);
  if (last >= 0 && (code === 0 || counts.failed > 0)) return counts;
  process.stdout.write(`exit code ${code}${last < 0 ? ', no report' : ''}: ${files.join(' ')}\n`);
  return { ...counts, failed: 1 };
}

/** One seed for all processes, so that it repeats the run. */
function seeded(options: readonly string[]): readonly string[] {
  const isRandom = options.includes('--test-randomize');
  if (!isRandom || options.some((option) => option.startsWith('--test-random-seed'))) return options;
  const seed = `--test-random-seed=${randomInt(2 ** 32)}`;
  process.stdout.write(`in a random order: ${seed}\n`);
  return [...options, seed];
}

const [tier = 'test', ...given] = process.argv.slice(2);
const options = seeded(given);
const limit = pLimit(availableParallelism() + 1);
const started = performance.now();
const failed = await Promise.all(
  groupsOf(tier).map(async ({ name, files, perProcess }) => {
    const all = await Promise.all(split(files, perProcess).map((some) => limit(() => run(some, tier, options))));
    const sum = (of: keyof Counts) => all.reduce((total, counts) => total + counts[of], 0);
    const seconds = Math.round((performance.now() - started) / 1000);
    process.stdout.write(
      `${name}: ${files.length} files, ${sum('tests')} tests, ${sum('failed')} failed, ${sum('skipped')} skipped; after ${seconds} s\n`,
    );
    return sum('failed');
  }),
);
process.exitCode = failed.some((count) => count > 0) ? 1 : 0;
