import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folder } from '../fleet.ts';

/** Writes a file for each namespace of a fleet, in the plainest way there is. */
export function writeEach(amount: number, dir: string, name: string, textOf: (at: number) => string): void {
  for (let at = 0; at < amount; at++) {
    const path = join(dir, folder(at));
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, name), textOf(at));
  }
}
