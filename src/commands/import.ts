import { join, resolve } from 'node:path';
import { filesBeside, forgeOf } from '../adopt/beside.ts';
import { compareAccess } from '../adopt/compare.ts';
import { inferProposal, namespacesFile, namespacesText, proposedConfig } from '../adopt/files.ts';
import { checkImportFlags, type ImportFlags, openSource, snapshotOf } from '../adopt/input.ts';
import { findLookalikes } from '../adopt/lookalikes.ts';
import type { AdoptionPlan } from '../adopt/plan.ts';
import { type ReadCluster, readCluster } from '../adopt/read-cluster.ts';
import type { AdoptionResult } from '../adopt/result.ts';
import { renderAdoption } from '../adopt/text.ts';
import { importAdvice, nextStep, writeProposal } from '../adopt/write.ts';
import { toHeld } from '../generators/rbac/result.ts';
import { exitCode } from '../model/error.ts';
import { defaultConfigName } from '../model/owner.ts';
import { toJson } from '../report/json.ts';
import type { Io } from '../run/io.ts';
import { printText, useColor } from '../run/terminal.ts';
import { refuseExisting } from '../setup/config-file.ts';
import { describeFiles } from '../setup/describe.ts';
import { tellActionsOfImport } from './actions.ts';
import { tellWhy } from './quiet.ts';

/**
 * `import`: reads what an operator wrote into a cluster, proposes the config that renders the same, and tells what the
 * first apply would change for whom. It writes nothing but, with `--dir`, the proposal.
 *
 * @returns the exit code: 3 when something of the cluster or of Athenz could not be read
 * @throws AppError `USAGE`, `CLUSTER_…`, `IMPORT_NOTHING_FOUND`, and when Athenz could not be read at all
 */
export async function runImport(io: Io, flags: ImportFlags): Promise<number> {
  checkImportFlags(flags);
  const dir = resolve(io.cwd, flags.dir ?? '.');
  const file = join(dir, defaultConfigName);
  if (flags.dir !== undefined) await refuseExisting(file, join(flags.dir, defaultConfigName), importAdvice);
  const given = await snapshotOf(io, flags);
  const read = await readCluster(io, flags);
  const inferred = inferProposal(read, flags);
  const zmsUrl = flags.zmsUrl ?? given?.zmsUrl ?? '';
  const { answers, forge } = await forgeOf(io, flags, dir);
  const { text, config } = proposedConfig(io, flags, read, inferred, { zmsUrl, dir, forge });
  const beside = await filesBeside(io, flags, answers, config);
  const source = openSource(io, flags, config.athenz, given);
  try {
    const { decided, snapshot } = await compareAccess(source, config, inferred.proposal, read);
    const files = [
      { path: defaultConfigName, text },
      { path: namespacesFile(flags), text: namespacesText(inferred.proposal) },
      ...decided.files.flatMap(({ path, after }) => (after === undefined ? [] : [{ path, text: after.text }])),
    ];
    const { bindings, held } = decided;
    const result: AdoptionResult = {
      format: 'athenz-gitops import 1',
      exitCode: exitCodeOfImport(decided, read),
      cluster: read.cluster,
      polledAt: snapshot.takenAt,
      zmsUrl: snapshot.zmsUrl,
      requests: { cluster: read.requests, athenz: source.requests },
      proposal: inferred.proposal,
      left: inferred.left,
      unproposed: inferred.unproposed,
      lookalikes: findLookalikes(inferred.proposal, snapshot.list),
      bindings,
      held: held.map(toHeld),
      problems: read.problems,
      files,
      ...(flags.dir === undefined ? {} : { dir }),
    };
    if (flags.dir !== undefined) await writeProposal(config, files, beside);
    if (flags.json) io.out(toJson(result));
    else if (!flags.quiet) {
      const next = nextStep(io, config, files, flags.dir !== undefined);
      printText(
        io,
        `${renderAdoption(result, { color: useColor(io) })}\n${next}\n${describeFiles(beside.files, answers, false)}`,
      );
    }
    tellWhy(io, flags, result.exitCode);
    await tellActionsOfImport(io, result);
    return result.exitCode;
  } finally {
    await source.close();
  }
}

/** By precedence: held back, could not be read, done. */
function exitCodeOfImport({ bindings, held }: AdoptionPlan, { problems }: ReadCluster): number {
  if (held.length > 0) return exitCode.held;
  const unknown = bindings.some((binding) => binding.unknown !== undefined);
  return unknown || problems.length > 0 ? exitCode.partial : exitCode.done;
}
