import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { inFolder } from './folder.ts';
import { spreadOf } from './measure.ts';
import { tick } from './operator.ts';
import { openPollWays, type PollWays } from './poll-ways.ts';
import { type Behaviour, startZms, type ZmsProcess } from './zms.ts';

// npm run bench:poll: what ZMS is asked, and how long that takes, while it is slow or down; see docs/reference/performance.md.

const amount = 1000;
const rounds = 3;
/** As by default. */
const concurrency = 16;

interface Row {
  readonly name: string;
  readonly requests: number;
  readonly bytes: number;
  /** Seconds, the median. */
  readonly wall: number;
}

interface Way {
  readonly name: string;
  readonly behaviour: Behaviour;
  run(): Promise<void>;
  /** Makes things as they have to be before a run. */
  before?(): Promise<void>;
  /** Default: as often as all. */
  readonly times?: number;
}

await inFolder(async (dir) => {
  const zms = await startZms(amount, join(dir, 'certs'));
  try {
    // It signs each document once, before anything is measured.
    await compare(zms, await openPollWays(zms, dir, amount));
  } finally {
    await zms.close();
  }
});

async function compare(zms: ZmsProcess, { poll, sync, forget }: PollWays): Promise<void> {
  const measured = (way: Way) => measureWay(zms, way);
  const whole = 'athenz-gitops sync, from start to end';

  const idle = { behaviour: { delay: 9 } };
  const operator = await measured({
    ...idle,
    name: 'an operator’s tick: the list, and a GET for each role',
    run: () => tick(zms, amount),
  });
  const cached = await measured({ ...idle, name: 'the poll alone', run: poll });
  const idleRun = await measured({ ...idle, name: whole, run: sync });
  show('Nothing changed, 9 ms for each answer', [operator, cached, idleRun], {
    title: 'faster',
    of: ({ wall }) => operator.wall / wall,
  });

  const cold = { behaviour: { delay: 40 }, before: forget };
  const ideal = (Math.ceil(amount / concurrency) * 40) / 1000;
  const least = { name: `the least: ${concurrency} documents at a time`, requests: amount, bytes: 0, wall: ideal };
  const uncached = await measured({ ...cold, name: 'the poll alone', run: poll });
  const coldRun = await measured({ ...cold, name: whole, run: sync });
  show('Nothing cached, 40 ms for each answer', [least, uncached, coldRun], {
    title: 'slower',
    of: ({ wall }) => wall / ideal,
  });

  const down = { run: () => sync(1), before: forget, times: 1 };
  show('athenz-gitops sync while ZMS is down', [
    await measured({ ...down, name: 'it fails every request', behaviour: { delay: 0, trouble: 'all' } }),
    await measured({
      ...down,
      name: 'it lists; 404 for documents, 503 for the rest',
      behaviour: { delay: 0, trouble: 'all but the list' },
    }),
  ]);
}

/** What one way takes; requests and bytes are those of its last time. */
async function measureWay(zms: ZmsProcess, { name, behaviour, run, before, times = rounds }: Way): Promise<Row> {
  const walls: number[] = [];
  let tally = { requests: 0, bytes: 0 };
  for (let round = 0; round < times; round++) {
    await before?.();
    await zms.behave(behaviour);
    const begun = performance.now();
    await run();
    walls.push((performance.now() - begun) / 1000);
    tally = await zms.behave(behaviour);
  }
  const { min, median, max } = spreadOf(walls);
  process.stderr.write(`${name}: ${min.toFixed(2)} to ${max.toFixed(2)} s\n`);
  return { name, ...tally, wall: median };
}

function show(title: string, rows: readonly Row[], ratio?: { readonly title: string; of(row: Row): number }): void {
  const line = (name: string, ...rest: readonly string[]) =>
    `${name.padEnd(56)}${rest.map((it) => it.padStart(10)).join('')}\n`;
  process.stdout.write(`\n${line(title, 'requests', 'kB', 'wall s', ratio?.title ?? '')}`);
  for (const row of rows) {
    const { name, requests, bytes, wall } = row;
    const times = ratio === undefined ? '' : `${ratio.of(row).toFixed(1)} ×`;
    process.stdout.write(line(name, `${requests}`, `${Math.round(bytes / 1000)}`, wall.toFixed(2), times));
  }
}
