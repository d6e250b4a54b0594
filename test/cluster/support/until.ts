import { setTimeout } from 'node:timers/promises';

/** Asks again and again until the answer is yes. However slow the machine: only what never comes takes this long. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 120_000;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`in vain: ${what}`);
    await setTimeout(50);
  }
}
