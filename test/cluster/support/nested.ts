import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { kubeconfig } from './kubectl.ts';

const program = fileURLToPath(new URL('../run.ts', import.meta.url));

/** For tests that bring up a server: where the cluster is a given one, there may be nothing here to do that with. */
export const ownServer = { skip: !kubeconfig.startsWith(tmpdir()) && 'only with a server of our own' };

/** A run of `npm run test:cluster` inside of one. */
export interface Nested {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly err: string }>;
}

/** Starts it as from a shell: neither as a part of this test nor on its cluster, unless `env` says so. */
export function startNested(args: readonly string[], env: NodeJS.ProcessEnv, signal?: AbortSignal): Nested {
  const { NODE_TEST_CONTEXT: _, TEST_KUBECONFIG: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...inherited, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(signal === undefined ? {} : { signal }),
  });
  const ended = Promise.all([once(child, 'exit'), text(child.stderr)]);
  return { child, ended: ended.then(([[code], err]) => ({ code, err })) };
}
