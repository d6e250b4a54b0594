import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { main } from '../../src/commands/main.ts';
import { generators } from '../../src/generators/list.ts';
import type { Io } from '../../src/run/io.ts';
import { gitEnv, gitIn } from '../support/repository.ts';
import { withoutTimes } from '../support/watch.ts';
import { writeConfig } from './fleet.ts';
import { inFolder } from './folder.ts';
import { startZms, type ZmsProcess } from './zms.ts';

// npm run bench:watch [RUNS]: the memory of `watch` over thousands of runs, on a clock on which waiting takes no time.

const runs = Number(process.argv[2] ?? 5000);
const namespaces = 50;
/** Athenz changes once in so many runs; what is proposed is merged before the next. */
const changes = 5;
const rows = 10;
const branch = 'athenz-gitops/main/prod';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

await inFolder(async (dir) => {
  const zms = await startZms(namespaces, join(dir, 'certs'));
  try {
    await watch(zms, await openClone(zms, dir));
  } finally {
    await zms.close();
  }
});

/** A clone with a bare remote beside it. */
async function openClone(zms: ZmsProcess, dir: string): Promise<{ readonly clone: string; readonly remote: string }> {
  const [clone, remote] = [join(dir, 'clone'), join(dir, 'remote')];
  const { publicKeyPath, ...paths } = zms.credentials;
  const athenz = { zmsUrl: zms.url, ...paths, publicKeys: { '0': publicKeyPath }, cache: join(dir, 'cache') };
  await writeConfig(clone, namespaces, athenz, { kind: 'local', remote: 'origin' });
  gitIn(dir, 'init', '--quiet', '--initial-branch=main', clone);
  gitIn(dir, 'init', '--quiet', '--bare', remote);
  gitIn(clone, 'add', '--all');
  gitIn(clone, 'commit', '--quiet', '--message', 'Config');
  gitIn(clone, 'remote', 'add', 'origin', remote);
  gitIn(clone, 'push', '--quiet', 'origin', 'main');
  return { clone, remote };
}

async function watch(zms: ZmsProcess, { clone, remote }: Awaited<ReturnType<typeof openClone>>): Promise<void> {
  const stop = new AbortController();
  const count = { runs: 0, failed: 0, merged: 0 };
  let now = Date.now();
  let measured = 0;
  const merge = () => {
    const tip = gitIn(remote, 'for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`);
    if (tip === '' || tip === gitIn(remote, 'rev-parse', 'main')) return;
    gitIn(remote, 'update-ref', 'refs/heads/main', tip);
    count.merged++;
  };
  print('runs', 'merged', 'failed', 'heap MB', 'beside it', 'RSS MB');
  const io: Io = {
    env: gitEnv,
    cwd: clone,
    out: () => {},
    err(timed) {
      const line = withoutTimes(timed);
      if (line.startsWith('run (')) count.runs++;
      if (/^(error|warning)/.test(line)) process.stderr.write(line);
      if (!/exit code 0$/m.test(line) && /^(run|error)/.test(line)) count.failed++;
    },
    outIsTerminal: false,
    errIsTerminal: false,
    inIsTerminal: false,
    dialog: { input: new PassThrough(), output: new PassThrough() },
    runId: 'bench',
    untilStopped: async () => {},
    stop: () => stop.signal,
    generators: async () => generators,
    clock: {
      now: () => now,
      async sleep(milliseconds, signal) {
        now += milliseconds;
        if (signal === undefined || count.runs === measured) return;
        measured = count.runs;
        if (measured % changes === 0) {
          merge();
          await zms.behave({ delay: 0, guest: `user.guest_${measured}` });
        }
        if (measured % Math.ceil(runs / rows) === 0) print(measured, count.merged, count.failed, ...memory());
        if (measured >= runs) stop.abort('SIGTERM');
      },
    },
  };
  const code = await main(['watch', '--listen', '127.0.0.1:0'], io);
  if (code !== 0) throw new Error(`watch ended with ${code}`);
}

/** MB, of what is still in use. */
function memory(): readonly string[] {
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  return [heapUsed, external, rss].map((bytes) => (bytes / 2 ** 20).toFixed(1));
}

function print(...cells: readonly unknown[]): void {
  process.stdout.write(`${cells.map((it) => String(it).padStart(12)).join('')}\n`);
}
