import { access, chmod, constants, copyFile, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { cached } from './cache.ts';
import type { BuildOptions, Built } from './kubernetes.ts';
import { complete } from './program.ts';
import { SetupError } from './setup-error.ts';

/** The etcd of PATH, else the one of Debian or Ubuntu, unpacked without being installed. */
export async function findEtcd({ dir, signal }: BuildOptions): Promise<Built> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, 'etcd');
    if (await isProgram(path)) return { path, made: false };
  }
  const log = join(dir, 'etcd-server.log');
  const { dir: folder, made } = await cached(`etcd-server-${process.arch}`, async (into) => {
    const options = { cwd: dir, log, signal };
    await download(options);
    const archive = (await readdir(dir)).find((name) => name.startsWith('etcd-server_') && name.endsWith('.deb'));
    await complete('dpkg-deb', ['-x', archive ?? '', join(dir, 'etcd-server')], options);
    await copyFile(join(dir, 'etcd-server', 'usr', 'bin', 'etcd'), join(into, 'etcd'));
    await chmod(join(into, 'etcd'), 0o755);
  });
  return { path: join(folder, 'etcd'), made };
}

async function download(options: Parameters<typeof complete>[2]): Promise<void> {
  const get = () => complete('apt-get', ['download', '--quiet', 'etcd-server'], options);
  // The list of packages is missing, or older than the packages; only root may bring it up to date.
  const again = async () => {
    await complete('apt-get', ['update', '--quiet'], options);
    await get();
  };
  try {
    await get().catch((error: unknown) => (process.getuid?.() === 0 ? again() : Promise.reject(error)));
  } catch (error) {
    options.signal.throwIfAborted();
    const advice = 'put one on PATH, or let apt-get find the package ("sudo apt-get update")';
    throw new SetupError(`there is no etcd: ${advice}: ${(error as Error).message}`);
  }
}

function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
