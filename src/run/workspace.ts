import { realpath } from 'node:fs/promises';
import { basename, dirname, join, posix, relative, resolve, sep } from 'node:path';
import { mapGlob } from '../config/globs.ts';
import { suggest } from '../config/issues.ts';
import { loadConfig } from '../config/load.ts';
import type { ClusterConfig, Config } from '../config/types.ts';
import { configKeys } from '../core/generator.ts';
import { withCa } from '../git/credential.ts';
import { pathFrom, pathInside } from '../git/path.ts';
import { findRepository, openRepository, type Repository } from '../git/repository.ts';
import { AppError } from '../model/error.ts';
import { compileLayout } from '../model/layout.ts';
import type { CommonFlags, Io } from './io.ts';

/** The config and the repository that holds it. */
export interface Workspace {
  /** With every path and glob of files in the repository relative to its root. */
  readonly config: Config;
  /** Only part of the clusters is looked at, by `--cluster`. */
  readonly filtered: boolean;
  /** All of the config's, also those that are not looked at: a generator may read one to render for another. */
  readonly clusters: readonly Pick<ClusterConfig, 'name' | 'domain' | 'kube'>[];
  /** Makes a path of the config, relative to its folder, one from the root. @throws AppError `CONFIG_INVALID` */
  inRoot(path: string): string;
  /** Absolute path that those paths start from. */
  readonly root: string;
  readonly repository: Repository | undefined;
  /** The config's path from the root; of a link, where it leads, as one config is one whatever it is called by. */
  readonly configPath: string;
}

/** As a workspace, where git is needed. */
export interface GitWorkspace extends Workspace {
  readonly repository: Repository;
}

/**
 * Loads the config and finds the repository that holds it; without one, the config's own folder is the root.
 *
 * @throws AppError `CONFIG_…`, or `USAGE` for a `--cluster` that is not configured
 */
export async function openWorkspace(io: Io, flags: CommonFlags): Promise<Workspace> {
  const config = await readConfig(io, flags);
  const dir = await realpath(config.dir);
  const repository = await findRepository(dir, withCa(io.env, config.forge.caPath), io.stop());
  return complete(config, { dir, file: await realpath(config.file) }, repository, flags);
}

/** As `openWorkspace`, of a config that is not written yet, in a folder that need not be there. */
export async function workspaceOf(io: Io, config: Config): Promise<Workspace> {
  const dir = await realFolder(config.dir);
  const repository = await findRepository(dir, withCa(io.env, config.forge.caPath), io.stop());
  return complete(config, { dir, file: join(dir, basename(config.file)) }, repository, {});
}

/** A folder without links on the way, as far as it is there. */
async function realFolder(dir: string): Promise<string> {
  try {
    return await realpath(dir);
  } catch {
    return dirname(dir) === dir ? dir : join(await realFolder(dirname(dir)), basename(dir));
  }
}

/** As `openWorkspace`. @throws also AppError `GIT_NOT_A_REPOSITORY` */
export async function openGitWorkspace(io: Io, flags: CommonFlags): Promise<GitWorkspace> {
  const config = await readConfig(io, flags);
  const dir = await realpath(config.dir);
  const repository = await openRepository(dir, withCa(io.env, config.forge.caPath), io.stop());
  return { ...complete(config, { dir, file: await realpath(config.file) }, repository, flags), repository };
}

/** With the keys of the program's generators. */
async function readConfig(io: Io, flags: CommonFlags): Promise<Config> {
  const file = resolve(io.cwd, flags.config);
  const near = relative(io.cwd, file);
  const shown = near.startsWith(`..${sep}..`) ? file : near;
  return loadConfig(file, configKeys(await io.generators()), shown);
}

/** @param real folder and file of the config, without links on the way */
function complete(
  config: Config,
  { dir, file }: { readonly dir: string; readonly file: string },
  repository: Repository | undefined,
  flags: Pick<CommonFlags, 'cluster'>,
): Workspace {
  const root = repository?.root ?? dir;
  const inRoot = rebase(pathFrom(root, dir));
  const { output } = config;
  const clusters = chooseClusters(config, flags.cluster ?? []).map(
    (cluster): ClusterConfig => ({
      ...cluster,
      namespaces: rebaseFiles(cluster.namespaces, inRoot),
    }),
  );
  const outputPath = inRoot(output.path);
  const layout = compileLayout(outputPath);
  if (clusters.some((cluster) => layout.rootOf(cluster.name) === '')) {
    throw new AppError(
      'CONFIG_INVALID',
      `output.path ${output.path} would make athenz-gitops own the root of the repository`,
      {
        next: 'start it with a folder used only by athenz-gitops',
      },
    );
  }
  const templates = output.templates === null ? null : inRoot(output.templates);
  return {
    config: { ...config, clusters, output: { path: outputPath, templates, keep: output.keep.map(inRoot) } },
    filtered: clusters.length < config.clusters.length,
    clusters: config.clusters,
    inRoot,
    root,
    repository,
    configPath: pathInside(root, file) ?? pathFrom(root, join(dir, basename(config.file))),
  };
}

function rebaseFiles(
  namespaces: ClusterConfig['namespaces'],
  inRoot: (path: string) => string,
): ClusterConfig['namespaces'] {
  return 'files' in namespaces
    ? { ...namespaces, files: namespaces.files.map((glob) => mapGlob(glob, inRoot)) }
    : namespaces;
}

/** Turns a path relative to the config's folder into one relative to the root. */
function rebase(folder: string): (path: string) => string {
  return (path) => {
    const joined = posix.join(folder, path);
    if (joined !== '..' && !joined.startsWith('../')) return joined;
    throw new AppError('CONFIG_INVALID', `the path ${path} is outside the repository`, {
      next: 'use a path inside the repository of the config',
    });
  };
}

function chooseClusters(config: Config, names: readonly string[]): readonly ClusterConfig[] {
  if (names.length === 0) return config.clusters;
  const known = config.clusters.map((cluster) => cluster.name);
  for (const name of names) {
    if (!known.includes(name)) {
      throw new AppError('USAGE', `--cluster ${name}: there is no such cluster${suggest(name, known)}`, {
        next: `choose from ${config.file}`,
      });
    }
  }
  if (config.forge.groupBy === 'all' && new Set(names).size < known.length) {
    throw new AppError('USAGE', '--cluster cannot be used with forge.groupBy "all": all clusters share one proposal', {
      next: 'leave out --cluster, or set forge.groupBy to cluster',
    });
  }
  return config.clusters.filter((cluster) => names.includes(cluster.name));
}
