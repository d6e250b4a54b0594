import { resolve } from 'node:path';
import { writeSnapshot } from '../athenz/snapshot-file.ts';
import { workTree } from '../git/work-tree.ts';
import { exitCode } from '../model/error.ts';
import { toJson } from '../report/json.ts';
import { count } from '../report/words.ts';
import { assess } from '../run/assess.ts';
import { type CommonFlags, type Io, logOf } from '../run/io.ts';
import { askingCluster, readNamespaces } from '../run/namespaces.ts';
import { liveSource } from '../run/source.ts';
import { openWorkspace } from '../run/workspace.ts';
import { tellWhy } from './quiet.ts';

export interface SnapshotFlags extends CommonFlags {
  readonly output: string;
}

/**
 * `snapshot`: polls what the namespaces of the work tree need and writes it to a file, from which `render` and `plan` give
 * the same bytes at any later time, offline.
 *
 * @returns the exit code: 3 when some of it could not be read
 */
export async function runSnapshot(io: Io, flags: SnapshotFlags): Promise<number> {
  const workspace = await openWorkspace(io, flags);
  const source = liveSource(io, workspace.config.athenz, flags);
  try {
    const tree = workTree(workspace.root, workspace.repository?.objectFormat ?? 'sha1', workspace.repository?.git);
    // Planned as well, so that an absence that would remove access is looked at a second time and so recorded.
    const inventory = await readNamespaces(workspace, tree, askingCluster(io, workspace));
    const { snapshot } = await assess({ workspace, tree, inventory, source });
    const file = resolve(io.cwd, flags.output);
    await writeSnapshot(file, snapshot);
    const reads = [...snapshot.domains];
    const unknown = reads.flatMap(([name, read]) => (read.kind === 'unknown' ? [{ name, ...read.problem }] : []));
    const log = logOf(io, flags);
    for (const { code, message } of unknown) log.warn(`${code}: ${message}`);
    const facts = { file, takenAt: snapshot.takenAt, listed: snapshot.list.length, domains: reads.length, unknown };
    if (flags.json) io.out(toJson(facts));
    else if (!flags.quiet)
      io.out(`Wrote ${flags.output}: ${count(reads.length, 'domain')}, ${unknown.length} of them unknown.\n`);
    const code = unknown.length > 0 ? exitCode.partial : exitCode.done;
    tellWhy(io, flags, code, `${unknown.length} of ${count(reads.length, 'domain')} could not be read`);
    return code;
  } finally {
    await source.close();
  }
}
