import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { install, pack } from '../support/packed.ts';

/** The program as users install it: packed, and removed again when the process ends. */
export const bin: string = await installed();

async function installed(): Promise<string> {
  const packed = await pack();
  process.once('exit', () => rmSync(packed.dir, { recursive: true, force: true }));
  await install(packed, packed.dir);
  return join(packed.dir, 'node_modules/athenz-gitops/bin/athenz-gitops.js');
}
