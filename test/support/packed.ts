import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Folder, makeFolder } from './folder.ts';
import { projectRoot } from './generated.ts';

const run = promisify(execFile);

/** What a release packs from. */
const sources = [
  ...['bin', 'packaging', 'schemas', 'src', 'templates', 'CHANGELOG.md', 'LICENSE', 'README.md'],
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'],
];

export const packageNames = ['athenz-gitops', 'athenz-gitops-sandbox'] as const;
export type PackageName = (typeof packageNames)[number];

export interface PackageFile {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** Both packages, packed. */
export interface Packed extends Folder {
  tarball(name: PackageName): string;
  /** Paths in the package, and the bytes of each. */
  list(name: PackageName): Promise<ReadonlyMap<string, number>>;
}

/** Compiles a copy of the sources and packs it, as `npm run packages` does. */
export async function pack(): Promise<Packed> {
  const folder = await makeFolder();
  const copy = join(folder.dir, 'copy');
  await mkdir(copy);
  for (const name of sources) await cp(join(projectRoot, name), join(copy, name), { recursive: true });
  await symlink(join(projectRoot, 'node_modules'), join(copy, 'node_modules'));
  // As the test's own Node, and with none of the settings that npm hands to scripts.
  const env = { PATH: process.env['PATH'], HOME: folder.dir };
  await run('tsc', ['-p', 'tsconfig.build.json'], { cwd: copy, env });
  await run(process.execPath, ['packaging/stage.ts', 'build'], { cwd: copy, env });
  const folders = packageNames.map((name) => `./build/${name}`);
  const { stdout } = await run('npm', ['pack', '--json', ...folders, '--pack-destination', folder.dir], {
    cwd: copy,
    env,
    maxBuffer: 2 ** 24,
  });
  const packed = Object.values(JSON.parse(stdout)) as readonly {
    readonly name: string;
    readonly filename: string;
    readonly files: readonly { readonly path: string; readonly size: number }[];
  }[];
  const find = (name: PackageName) => {
    const found = packed.find((it) => it.name === name);
    if (found === undefined) throw new Error(`npm packed no ${name}: ${stdout.slice(0, 500)}`);
    return found;
  };
  return {
    ...folder,
    tarball: (name) => join(folder.dir, find(name).filename),
    list: async (name) => new Map(find(name).files.map(({ path, size }) => [path, size])),
  };
}

/**
 * Puts packages into the `node_modules` of a folder, as npm would, with this clone's dependencies: only those that a package names
 * are there.
 */
export async function install(packed: Packed, dir: string, names: readonly PackageName[]): Promise<void> {
  for (const name of names) {
    const into = join(dir, 'node_modules', name);
    await mkdir(into, { recursive: true });
    await run('tar', ['-xzf', packed.tarball(name), '-C', into, '--strip-components=1']);
    for (const needed of Object.keys((await readPackage(into)).dependencies)) {
      const link = join(dir, 'node_modules', needed);
      await mkdir(dirname(link), { recursive: true });
      await symlink(join(projectRoot, 'node_modules', needed), link).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
    }
  }
}

export async function readPackage(dir: string): Promise<PackageFile> {
  return JSON.parse(await readFile(join(dir, 'package.json'), 'utf8')) as PackageFile;
}
