import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where programs are kept from run to run; it may be removed at any time. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const caches = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(caches, 'athenz-gitops', 'test-cluster');
}

/** A folder of the cache. */
export interface Cached {
  readonly dir: string;
  /** It had to be made now. */
  readonly made: boolean;
}

/**
 * Gives the folder of that name, made where there is none. It appears under its name when it is complete: neither a run
 * that was killed nor one beside this shows.
 *
 * @param name tells apart all that may differ in it
 */
export async function cached(name: string, make: (dir: string) => Promise<void>): Promise<Cached> {
  const root = cacheFolder();
  const dir = join(root, name);
  if (await exists(dir)) return { dir, made: false };
  await mkdir(root, { recursive: true });
  const making = await mkdtemp(join(root, '.making-'));
  try {
    await make(making);
    await rename(making, dir).catch(async (error: unknown) => {
      // Another run was first, with the same.
      if (!(await exists(dir))) throw error;
    });
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return { dir, made: true };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
