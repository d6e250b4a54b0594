import { access, chmod, constants, copyFile, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { cached } from './cache.ts';
import type { BuildOptions, Built } from './kubernetes.ts';
import { complete } from './program.ts';
import { SetupError } from './setup-error.ts';

/** The program of PATH, else the one in a package of Debian or Ubuntu, unpacked without being installed. */
export async function findPackaged(name: string, from: string, { dir, signal }: BuildOptions): Promise<Built> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    if (await isProgram(path)) return { path, made: false };
  }
  const log = join(dir, `${from}.log`);
  const { dir: folder, made } = await cached(`${from}-${process.arch}`, async (into) => {
    const options = { cwd: dir, log, signal };
    await download(name, from, options);
    const archive = (await readdir(dir)).find((it) => it.startsWith(`${from}_`) && it.endsWith('.deb'));
    await complete('dpkg-deb', ['-x', archive ?? '', join(dir, from)], options);
    await copyFile(join(dir, from, 'usr', 'bin', name), join(into, name));
    await chmod(join(into, name), 0o755);
  });
  return { path: join(folder, name), made };
}

async function download(name: string, from: string, options: Parameters<typeof complete>[2]): Promise<void> {
  const get = () => complete('apt-get', ['download', '--quiet', from], options);
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
    throw new SetupError(`there is no ${name}: ${advice}: ${(error as Error).message}`);
  }
}

function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
