import { resolve } from 'node:path';
import { writeSnapshot } from '../athenz/snapshot-file.ts';
import { configuredRbac } from '../generators/rbac/generator.ts';
import { openRbac } from '../generators/rbac/open.ts';
import { workTree } from '../git/work-tree.ts';
import { exitCode } from '../model/error.ts';
import { checkStop } from '../model/halt.ts';
import { count } from '../model/text.ts';
import { toJson } from '../report/json.ts';
import { type CommonFlags, type Io, logOf } from '../run/io.ts';
import { askingCluster, gatherInventory } from '../run/namespaces.ts';
import { listOwned } from '../run/owned-files.ts';
import { walkTree } from '../run/walk-tree.ts';
import { openWorkspace } from '../run/workspace.ts';
import { type ReadFlags, worldOf } from '../run/world.ts';
import { tellWhy } from './quiet.ts';

export interface SnapshotFlags extends CommonFlags, Pick<ReadFlags, 'deadline'> {
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
  const { root, repository } = workspace;
  const tree = workTree(root, repository?.objectFormat ?? 'sha1', repository?.git);
  const inventory = await gatherInventory(workspace, tree, askingCluster(io, workspace));
  const configured = configuredRbac(workspace);
  const options = { tree, inventory, world: worldOf(io, workspace, flags) };
  const files = await listOwned(configured, tree);
  const opened = await openRbac({ ...configured.setting, ...options, templates: tree }, { recording: true });
  try {
    // Planned as well, so that an absence that would remove access is looked at a second time and so recorded.
    await walkTree(configured, options, opened, files);
    // What was cut off must not take the place of a snapshot that is whole.
    checkStop(io.stop(), 'taking the snapshot');
    const snapshot = opened.snapshot();
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
    await opened.close();
  }
}
