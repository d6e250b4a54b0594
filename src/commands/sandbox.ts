import { join, relative, resolve } from 'node:path';
import { exitCode } from '../model/error.ts';
import { type Io, logOf } from '../run/io.ts';
import { writeSample, writeSampleState } from '../sandbox/sample.ts';
import { startSandbox } from '../sandbox/server.ts';
import { makeSampleRepository } from './sample-repository.ts';

export interface SandboxFlags {
  readonly dir: string;
  readonly port: number;
  readonly quiet?: boolean;
}

/**
 * `sandbox`: runs the in-process ZMS until it is stopped, with its state, a client's certificate and a sample config in a
 * folder, which is made a git repository if it is none.
 *
 * @returns the exit code, once it was stopped
 */
export async function runSandbox(io: Io, flags: SandboxFlags): Promise<number> {
  const dir = resolve(io.cwd, flags.dir);
  const file = join(dir, 'athenz.yaml');
  await writeSampleState(file);
  const log = logOf(io, { logLevel: 'info', ...flags });
  await using sandbox = await startSandbox({
    file,
    port: flags.port,
    onProblem: ({ message }) => log.warn(`${message}; the state before it stays in use`),
  });
  const { config, namespaces } = await writeSample(sandbox, dir, join(dir, 'certs'));
  await makeSampleRepository(dir, io.env, [config, namespaces]);
  const show = (path: string) => relative(io.cwd, path) || '.';
  // Listened for before it is said how to stop it.
  const stopped = io.untilStopped();
  if (!flags.quiet) {
    const width = Math.max(show(file).length, show(config).length);
    io.out(`A ZMS listens at ${sandbox.url} until you stop it with Ctrl-C.

  ${show(file).padEnd(width)}   who is in which role: edit it, and the next poll sees it
  ${show(config).padEnd(width)}   a config that reads from it, in a git repository of its own

In another terminal:
${show(dir) === '.' ? '' : `  $ cd ${show(dir)}\n`}  $ athenz-gitops plan
`);
  }
  await stopped;
  return exitCode.done;
}
