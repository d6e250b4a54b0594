import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/**
 * Reads a text file. Anything that may never end, such as a FIFO or a device, is refused.
 *
 * @throws what reading throws, and an Error for what is no file
 */
export async function readText(path: string): Promise<string> {
  // Opening a FIFO to read it waits for a writer.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = await handle.stat();
    if (!stat.isFile() && !stat.isDirectory()) throw new Error('it is a FIFO, a socket or a device, not a file');
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}
