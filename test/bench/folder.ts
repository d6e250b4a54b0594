import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Lends a new folder: in memory where that is possible, so that the disk does not decide, or in `BENCH_DIR`. */
export async function inFolder<T>(use: (dir: string) => Promise<T>): Promise<T> {
  const root = process.env['BENCH_DIR'] ?? (existsSync('/dev/shm') ? '/dev/shm' : tmpdir());
  const dir = await mkdtemp(join(root, 'athenz-gitops-bench-'));
  try {
    return await use(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
