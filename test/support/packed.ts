import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Folder, makeFolder } from './folder.ts';
import { projectRoot } from './generated.ts';

const run = promisify(execFile);

/** What a release packs from. */
const sources = [
  ...['bin', 'packaging', 'schemas', 'src', 'templates', 'CHANGELOG.md', 'LICENSE', 'README.md'],
  ...['package.json', 'tsconfig.json'],
];

export interface PackageFile {
  readonly name: string;
  readonly version: string;
}

/** The package, packed. */
export interface Packed extends Folder {
  readonly tarball: string;
  /** Paths in the package, and the bytes of each. */
  readonly files: ReadonlyMap<string, number>;
}

/** Bundles a copy of the sources and packs it, as `npm run package` does. */
export async function pack(): Promise<Packed> {
  const folder = await makeFolder();
  const copy = join(folder.dir, 'copy');
  await mkdir(copy);
  for (const name of sources) await cp(join(projectRoot, name), join(copy, name), { recursive: true });
  await symlink(join(projectRoot, 'node_modules'), join(copy, 'node_modules'));
  // As the test's own Node, and with none of the settings that npm hands to scripts.
  const env = { PATH: process.env['PATH'], HOME: folder.dir };
  await run(process.execPath, ['packaging/bundle.ts'], { cwd: copy, env });
  await run(process.execPath, ['packaging/stage.ts', 'build'], { cwd: copy, env });
  const args = ['pack', '--json', './build/athenz-gitops', '--pack-destination', folder.dir];
  const { stdout } = await run('npm', args, { cwd: copy, env, maxBuffer: 2 ** 24 });
  const [packed] = Object.values(JSON.parse(stdout)) as readonly {
    readonly filename: string;
    readonly files: readonly { readonly path: string; readonly size: number }[];
  }[];
  if (packed === undefined) throw new Error(`npm packed nothing: ${stdout.slice(0, 500)}`);
  const files = new Map(packed.files.map(({ path, size }) => [path, size]));
  return { ...folder, tarball: join(folder.dir, packed.filename), files };
}

/** Puts the package into the `node_modules` of a folder, as npm would: it needs no other. */
export async function install({ tarball }: Packed, dir: string): Promise<void> {
  const into = join(dir, 'node_modules/athenz-gitops');
  await mkdir(into, { recursive: true });
  await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', into]);
}

export async function readPackage(dir: string): Promise<PackageFile> {
  return JSON.parse(await readFile(join(dir, 'package.json'), 'utf8'));
}
