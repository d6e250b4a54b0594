import { decodePath, encodePath } from '../model/path.ts';
import type { TreeFile, TreeMode } from '../model/tree.ts';
import { readBlobs } from './commit-tree.ts';
import { flagOf, readSettings } from './config.ts';
import {
  type Attributes,
  asksIndex,
  attributeNames,
  type Conversion,
  type ConversionSettings,
  decideConversion,
  toStored,
} from './conversion.ts';
import type { Git } from './git.ts';

/** A regular file of the work tree. */
export interface DiskFile {
  readonly path: string;
  readonly mode: TreeMode;
  readonly content: Uint8Array;
}

/** The same as git would store it. */
export interface StoredFile {
  readonly mode: TreeMode;
  /** Text: why it is not known. */
  readonly content: Uint8Array | string;
}

/** Tells what git stores for files of a work tree: line ends, `$Id$` and modes are its business. */
export interface Store {
  /** By path. @throws AppError `GIT_FAILED` */
  storedAs(files: readonly DiskFile[]): Promise<ReadonlyMap<string, StoredFile>>;
  /** Of some paths those where git stores something else than what is written, and why. @throws AppError `GIT_FAILED` */
  unstorable(paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** What git has but not checked out here: submodules, and files outside of a sparse checkout. @throws AppError `GIT_FAILED` */
  notCheckedOut(): Promise<readonly TreeFile[]>;
}

/** Reads git's settings once, and starts no program that they or the attributes name. */
export function openStore(git: Git): Store {
  let read: Promise<StoreSettings> | undefined;
  const settings = () => (read ??= readStoreSettings(git));
  let listed: Promise<readonly TreeFile[]> | undefined;
  return {
    notCheckedOut: () => (listed ??= readNotCheckedOut(git)),
    async storedAs(files) {
      const conversions = await readConversions(
        git,
        files.map(({ path }) => path),
        await settings(),
      );
      const { fileMode, links } = await settings();
      const asking = files.filter(({ path, content }) => {
        const conversion = conversions.get(path);
        const converts = conversion?.kind === 'known' && asksIndex(conversion, content);
        return converts || !links || !fileMode;
      });
      const index = asking.length === 0 ? new Map<string, TreeFile>() : await readIndex(git);
      const stored = await readBlobs(
        git,
        asking.flatMap(({ path }) => index.get(path) ?? []),
      );
      return new Map(
        files.map(({ path, mode, content }): [string, StoredFile] => {
          const known = index.get(path)?.mode;
          const link = !links && known === '120000';
          const plain = fileMode ? mode : (known ?? '100644');
          const conversion = conversions.get(path) ?? { kind: 'known', lines: 'keep', ident: false };
          if (link) return [path, { mode: '120000', content }];
          const own = plain === '100755' ? plain : '100644';
          if (conversion.kind === 'unknown') return [path, { mode: own, content: whyUnknown(conversion) }];
          return [path, { mode: own, content: toStored(conversion, content, stored.get(path)) }];
        }),
      );
    },
    async unstorable(paths) {
      const conversions = await readConversions(git, paths, await settings());
      return new Map(
        [...conversions].flatMap(([path, it]) => (it.kind === 'unknown' ? [[path, whyUnknown(it)] as const] : [])),
      );
    },
  };
}

function whyUnknown({ attribute }: Conversion & { readonly kind: 'unknown' }): string {
  return `git stores other content than the file on disk (${attribute} in .gitattributes)`;
}

interface StoreSettings extends ConversionSettings {
  /** Whether the bit for executables on disk means something. */
  readonly fileMode: boolean;
  /** Whether links are links on disk. */
  readonly links: boolean;
}

async function readStoreSettings(git: Git): Promise<StoreSettings> {
  const settings = await readSettings(git, '^(core\\.(autocrlf|filemode|symlinks)|filter\\..*\\.(clean|process))$');
  const values = new Map(settings);
  const filters = [...values].flatMap(([key, value]) =>
    key.startsWith('filter.') && value !== '' ? [key.slice('filter.'.length, key.lastIndexOf('.'))] : [],
  );
  const flag = (key: string, otherwise: boolean) => {
    const value = values.get(key);
    return value === undefined ? otherwise : flagOf([key, value]);
  };
  const isInput = values.get('core.autocrlf')?.toLowerCase() === 'input';
  return {
    autoCrlf: isInput || flag('core.autocrlf', false),
    fileMode: flag('core.filemode', true),
    links: flag('core.symlinks', true),
    filters: new Set(filters),
  };
}

async function readConversions(
  git: Git,
  paths: readonly string[],
  settings: ConversionSettings,
): Promise<ReadonlyMap<string, Conversion>> {
  if (paths.length === 0) return new Map();
  const input = [encodePath(paths.map((path) => `${path}\0`).join(''))];
  const said = await git.read('reading attributes', ['check-attr', '-z', '--stdin', ...attributeNames], input);
  // `<path>\0<attribute>\0<value>\0`, in the order of both lists: git-check-attr(1).
  const texts = decodePath(said).split('\0');
  return new Map(
    paths.map((path, row) => {
      const first = row * attributeNames.length;
      const values = attributeNames.map((name, column) => [name, texts[(first + column) * 3 + 2] ?? 'unspecified']);
      return [path, decideConversion(Object.fromEntries(values) as Attributes, settings)];
    }),
  );
}

async function readIndex(git: Git): Promise<ReadonlyMap<string, TreeFile>> {
  return new Map((await listIndex(git)).map(({ file }) => [file.path, file]));
}

async function readNotCheckedOut(git: Git): Promise<readonly TreeFile[]> {
  return (await listIndex(git)).flatMap(({ tag, file }) => {
    if (file.mode === '160000') return [file];
    return tag === 'S' ? [{ ...file, unknown: 'it is not checked out (git sparse-checkout)' }] : [];
  });
}

/** `<tag> <mode> <oid> <stage>\t<path>\0`, git-ls-files(1); what is not merged is left out. */
async function listIndex(git: Git): Promise<readonly { readonly tag: string; readonly file: TreeFile }[]> {
  return decodePath(await git.read('reading the index', ['ls-files', '-t', '--stage', '-z']))
    .split('\0')
    .flatMap((line) => {
      const tab = line.indexOf('\t');
      const [tag = '', mode = '', oid = '', stage] = line.slice(0, Math.max(0, tab)).split(' ');
      return stage === '0' ? [{ tag, file: { path: line.slice(tab + 1), mode: mode as TreeMode, oid } }] : [];
    });
}
