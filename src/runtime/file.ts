import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs';
import { access, open } from 'node:fs/promises';

/** Opening a FIFO to read it waits for a writer. */
const flags = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Reads a text file. Anything that may never end, such as a FIFO or a device, is refused.
 *
 * @throws what reading throws, and an Error for what is no file
 */
export async function readText(path: string): Promise<string> {
  const handle = await open(path, flags);
  try {
    refuseEndless(await handle.stat());
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/** As `readText`, where nothing can wait for it. */
export function readTextSync(path: string): string {
  const handle = openSync(path, flags);
  try {
    refuseEndless(fstatSync(handle));
    return readFileSync(handle, 'utf8');
  } finally {
    closeSync(handle);
  }
}

/** Whether something is at a path that this user may reach. */
export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** For a file that others read: does nothing where there is none. @throws an Error for what may never end */
export function checkEnds(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat !== undefined) refuseEndless(stat);
}

function refuseEndless(stat: Stats): void {
  if (!stat.isFile() && !stat.isDirectory()) throw new Error('it is a FIFO, a socket or a device, not a file');
}
