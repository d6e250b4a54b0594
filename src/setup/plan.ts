import { join } from 'node:path';
import type { Workspace } from '../run/workspace.ts';
import { exists } from '../runtime/file.ts';
import type { Answers } from './answers.ts';
import { codeOwnersPlaces, isOwned, ownerLines } from './code-owners.ts';
import { addLines, planFiles, type SetupFile } from './files.ts';
import { workflowFiles } from './github.ts';
import { linesToIgnore } from './ignored-files.ts';
import type { WorkflowName } from './workflow-answers.ts';

export interface SetupOptions {
  readonly workflow?: readonly WorkflowName[];
  readonly workflows?: boolean;
  readonly force?: boolean;
}

/** Everything that is written beside the config. @throws AppError `USAGE` where other files are in the way */
export async function planSetup(
  workspace: Workspace,
  answers: Answers,
  { workflow, workflows = true, force = false }: SetupOptions,
): Promise<readonly SetupFile[]> {
  const { root, config, configPath } = workspace;
  const namespaces = config.clusters.flatMap((it) => ('files' in it.namespaces ? it.namespaces.files : []));
  const place = { config: configPath, base: config.forge.base, namespaces };
  const wanted = answers.forge === 'github' && workflows ? await workflowFiles(answers, place, workflow) : [];
  const added = [
    { path: '.gitignore', comment: 'Keys and caches of athenz-gitops', lines: await linesToIgnore(workspace) },
    await codeOwners(workspace, answers.codeowners ?? []),
  ];
  const lines = await Promise.all(added.map((it) => (it.lines.length === 0 ? undefined : addLines(root, it))));
  return [...(await planFiles(root, wanted, force)), ...lines.filter((it) => it !== undefined)];
}

async function codeOwners(workspace: Workspace, owners: readonly string[]) {
  const there = await Promise.all(codeOwnersPlaces.map((path) => exists(join(workspace.root, path))));
  const path = codeOwnersPlaces[there.indexOf(true)] ?? codeOwnersPlaces[0];
  const comment = 'What decides about access to Kubernetes';
  return { path, comment, lines: owners.length === 0 ? [] : ownerLines(workspace, owners, path), stands: isOwned };
}
