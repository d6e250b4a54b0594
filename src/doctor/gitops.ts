import type { Territory } from '../core/territory.ts';
import { commitTree } from '../git/commit-tree.ts';
import type { Git } from '../git/git.ts';
import type { Repository } from '../git/repository.ts';
import { filesHolding } from '../git/search.ts';
import { listSizes, type SizedFile } from '../git/sizes.ts';
import { isAtOrBelow, overlapOf } from '../model/path.ts';
import type { FileTree } from '../model/tree.ts';
import { configuredGenerators } from '../run/generators.ts';
import { type Applied, indexFolders, resolveApplied } from './applied.ts';
import type { Base } from './applied-checks.ts';
import type { Applier, ArgoApplier, FluxApplier } from './applier.ts';
import { findAppliers } from './appliers.ts';
import { checkArgo } from './argocd.ts';
import { baseCommit } from './base.ts';
import type { DoctorContext } from './context.ts';
import { type Finding, ok } from './finding.ts';
import { checkFlux } from './flux.ts';
import { type LargeObject, largeFiles, largeObjectsIn } from './large-objects.ts';
import { checkObjects } from './objects.ts';
import { isSameRepository } from './same-repository.ts';

/**
 * What applies the rendered files, as manifests of Argo CD and Flux in the base say. Everything is read from the base as the last
 * fetch saw it; of the rendered files only sizes are listed, and a few that are very large are read.
 */
export async function checkGitOps(context: DoctorContext): Promise<readonly Finding[]> {
  const { io, workspace } = context;
  const { repository, config } = workspace;
  if (repository === undefined) return [];
  const commit = await baseCommit(repository, workspace);
  if (commit === undefined) return [ok('gitops', `not checked: branch ${config.forge.base} has not been fetched yet`)];
  const territories = (await configuredGenerators(io, workspace)).map(({ territory }) => territory);
  const roots = territories.flatMap((it) => it.roots);
  const { git, objectFormat } = repository;
  const tree = commitTree(git, commit, objectFormat);
  const own = await addressesOf(repository, context);
  const appliers = (await findAppliers(git, commit, tree, roots)).filter(
    (it) => it.repository === undefined || isSameRepository(it.repository, own),
  );
  const folders = [...new Set(config.clusters.flatMap(({ name }) => territories.map((it) => it.rootOf(name))))];
  const files = appliers.length === 0 ? [] : await listSizes(git, commit, listed(appliers, roots));
  const isRendered = (path: string) =>
    territories.some((it) => it.isRenderedAt(path) && it.roots.some((root) => isAtOrBelow(root, path)));
  const index = indexFolders(files, folders);
  const applied = appliers
    .map((it) => resolveApplied(it, index, { roots, isRendered }))
    .filter((it) => it.folders.length > 0);
  const base: Base = {
    branch: config.forge.base,
    ...(await headOf(git, config.forge.remote)),
    clusterOf: (path) => (isRendered(path) ? territories.map((it) => clusterOf(it, path)).find(Boolean) : undefined),
  };
  const argo = applied.filter(isArgo);
  const flux = applied.filter(isFlux);
  const large =
    argo.length === 0
      ? []
      : await readLarge(
          tree,
          files.filter(({ path }) => isRendered(path)),
        );
  const variables = flux.some((it) => it.applier.substitutes)
    ? await filesHolding(git, commit, ['${'], { among: roots.map((root) => `:(top,literal)${root}`), except: [] })
    : [];
  return [
    ...argo.flatMap((it) => checkArgo(it, base, large)),
    ...flux.flatMap((it) => checkFlux(it, base, variables)),
    ...uncovered(folders, applied, base),
    ...checkObjects(config, { argo: argo.map((it) => it.applier), flux: flux.map((it) => it.applier) }),
  ];
}

function clusterOf(territory: Territory, path: string): string | undefined {
  return territory.appliedTo === undefined ? territory.clusterOf(path) : territory.appliedTo(path);
}

function isArgo(it: Applied): it is Applied<ArgoApplier> {
  return it.applier.kind !== 'Kustomization';
}

function isFlux(it: Applied): it is Applied<FluxApplier> {
  return it.applier.kind === 'Kustomization';
}

/** The output folders, and folders above them that are applied. */
function listed(appliers: readonly Applier[], roots: readonly string[]): readonly string[] {
  const named = appliers.flatMap(({ folders }) => folders.flatMap((it) => (it.kind === 'folder' ? [it.path] : [])));
  const above = named.filter((folder) => roots.some((root) => folder === '' || overlapOf(folder, root) === root));
  return [...new Set([...roots, ...above])];
}

async function addressesOf({ git }: Repository, { workspace }: DoctorContext): Promise<readonly string[]> {
  const { remote, repository } = workspace.config.forge;
  const url = remote === null ? undefined : await git.ask('remote', 'get-url', '--', remote);
  return [repository, url?.trim()].flatMap((it) => it ?? []);
}

/** The default branch of the remote, where a clone has noted it. */
async function headOf(git: Git, remote: string | null): Promise<Pick<Base, 'head'>> {
  if (remote === null) return {};
  const ref = await git.ask('symbolic-ref', '--quiet', `refs/remotes/${remote}/HEAD`);
  const prefix = `refs/remotes/${remote}/`;
  return ref?.startsWith(prefix) ? { head: ref.trim().slice(prefix.length) } : {};
}

async function readLarge(tree: FileTree, files: readonly SizedFile[]): Promise<readonly LargeObject[]> {
  const contents = await tree.read(largeFiles(files));
  return [...contents].flatMap(([path, content]) => largeObjectsIn(path, content));
}

/** The clusters' folders that no manifest here is about: those may be applied from elsewhere. */
function uncovered(folders: readonly string[], applied: readonly Applied[], { branch }: Base): readonly Finding[] {
  const paths = applied.flatMap((it) => it.folders.map(({ path }) => path));
  const missing = folders.filter(
    (folder) => !paths.some((path) => path === '' || overlapOf(path, folder) !== undefined),
  );
  if (missing.length === 0) return [];
  const message = `no Application or Kustomization in ${branch} applies ${missing.join(', ')}; one that is defined elsewhere is not checked`;
  return [ok('gitops', message)];
}
