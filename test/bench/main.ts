import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openCopiesBench } from './copies.ts';
import { inFolder } from './folder.ts';
import { type Command, measure, type Spread, spreadOf, type Took } from './measure.ts';
import { openMirrorsBench } from './mirrors.ts';
import { installPackages } from './packages.ts';
import { toPlot } from './plot.ts';
import { type Contender, renderers } from './render.ts';
import { openSyncBench } from './sync.ts';
import type { Row, Table } from './table.ts';

// npm run bench: how long things take, beside other ways to do them. `-- --quick` for a smaller fleet; see docs/reference/performance.md.

const quick = process.argv.includes('--quick');
const sizes = quick ? [400, 4000] : [1000, 10_000, 40_000];
const fleet = quick ? 2000 : 18_000;
const rounds = quick ? 3 : 5;
const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
const missing: string[] = [];
const packages = await installPackages().catch((error: unknown) => {
  missing.push(`helm and cdk8s: ${error instanceof Error ? error.message.split('\n')[0] : error}`);
  return undefined;
});

const tables: Table[] = [];
for (const amount of sizes) {
  tables.push(
    await inFolder(async (dir) => {
      const all = await renderers(dir, amount, packages);
      // Slower than the others by so much that one round says all.
      const patient = all.filter(({ name }) => !(amount > 10_000 && /helm|cdk8s|yaml/.test(name)));
      return measureAll(`Rendering ${count(amount)} namespaces`, patient);
    }),
  );
}
tables.push(
  await inFolder(async (dir) => {
    const bench = await openSyncBench(dir, fleet);
    try {
      const before = bench.sandbox.requests.length;
      const cold = await measure(bench.cold);
      say(`cold sync: ${bench.sandbox.requests.length - before} requests`);
      bench.merge();
      // The memo is filled, and no branch is open.
      await measure(bench.cold);
      const { title, rows } = await measureAll(`Syncing ${count(fleet)} namespaces`, bench.contenders);
      const first = rows[0]?.cpu.median ?? Number.NaN;
      return { title, rows: [...rows, rowOf('athenz-gitops sync, everything new', [cold], first)] };
    } finally {
      await bench.close();
    }
  }),
);

tables.push(
  await inFolder(async (dir) => {
    const [sources, namespaces] = quick ? [20, 200] : [100, 1000];
    const bench = await openCopiesBench(dir, sources, namespaces);
    try {
      const cold = await measure(bench.cold);
      bench.merge();
      await measure(bench.cold);
      const { title, rows } = await measureAll(
        `Copying ${sources} objects to ${count(namespaces)} namespaces`,
        bench.contenders,
      );
      say(`one source edited: ${count(bench.changed())} files`);
      const first = rows[0]?.cpu.median ?? Number.NaN;
      return { title, rows: [...rows, rowOf('athenz-gitops sync, everything new', [cold], first)] };
    } finally {
      await bench.close();
    }
  }),
);

tables.push(
  await inFolder(async (dir) => {
    const [services, endpoints] = quick ? [200, 50] : [2000, 50];
    const bench = await openMirrorsBench(dir, services, endpoints);
    try {
      const cold = await measure(bench.cold);
      bench.merge();
      await measure(bench.cold);
      const title = `Mirroring ${count(services)} Services with ${endpoints} endpoints each`;
      const { rows } = await measureAll(title, bench.contenders);
      say(`one address replaced: ${count(bench.changed())} files`);
      bench.merge();
      await bench.churn();
      const churned = await measure(bench.cold);
      say(`one address in a hundred replaced: ${count(bench.changed())} files`);
      const first = rows[0]?.cpu.median ?? Number.NaN;
      const further = [
        rowOf('athenz-gitops sync, one address in a hundred replaced', [churned], first),
        rowOf('athenz-gitops sync, everything new', [cold], first),
      ];
      return { title, rows: [...rows, ...further] };
    } finally {
      await bench.close();
    }
  }),
);

const text = tables.map(toText).join('\n');
process.stdout.write(`\n${text}`);
for (const what of missing) say(`not run: ${what}`);
if (!quick) {
  await writeFile(join(docs, 'bench.json'), `${JSON.stringify({ node: process.version, missing, tables }, null, 2)}\n`);
  await writeFile(join(docs, 'bench.svg'), toPlot(tables));
}

/** Interleaved, so that what else the machine does meets all of them. */
async function measureAll(title: string, contenders: readonly Contender[]): Promise<Table> {
  const took = new Map<string, Took[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, command, before } of contenders) {
      await before?.();
      const own = await attempt(name, command);
      if (own !== undefined) took.get(name)?.push(own);
    }
    say(`${title}: round ${round + 1} of ${rounds}`);
  }
  const [base = []] = took.values();
  const first = spreadOf(base.map(({ cpu }) => cpu)).median;
  return { title, rows: [...took].filter(([, all]) => all.length > 0).map(([name, all]) => rowOf(name, all, first)) };
}

async function attempt(name: string, command: Command): Promise<Took | undefined> {
  try {
    return await measure(command);
  } catch (error) {
    const why = `${name}: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
    if (!missing.includes(why)) missing.push(why);
    return undefined;
  }
}

function rowOf(name: string, all: readonly Took[], first: number): Row {
  const peaks = all.flatMap(({ peak }) => peak ?? []);
  const cpu = spreadOf(all.map((it) => it.cpu));
  return {
    name,
    wall: spreadOf(all.map((it) => it.wall)),
    cpu,
    peak: peaks.length === 0 ? undefined : spreadOf(peaks),
    ratio: cpu.median / first,
  };
}

function toText({ title, rows }: Table): string {
  const lines = rows.map(
    ({ name, wall, cpu, peak, ratio }) =>
      `${name.padEnd(56)} ${range(cpu)}  ${range(wall)}  ${(peak === undefined ? '?' : `${peak.max}`).padStart(6)}  ${ratio.toFixed(2).padStart(6)}`,
  );
  const head = `${title.padEnd(56)} ${'CPU s, min/median/max'.padEnd(20)}  ${'wall s'.padEnd(20)}  MB max   ratio`;
  return `${head}\n${lines.join('\n')}\n`;
}

function range({ min, median, max }: Spread): string {
  return [min, median, max].map((it) => it.toFixed(2).padStart(6)).join(' ');
}

function count(amount: number): string {
  return amount.toLocaleString('en-US');
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
