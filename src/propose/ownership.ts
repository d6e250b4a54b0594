import { ownerText } from '../model/owner.ts';
import { overlapOf } from '../model/path.ts';

/** A folder of the repository that belongs to a config, and nothing else in it. */
type Folder = string;

/** A config whose proposals go to the same base, as far as telling them apart goes. */
export interface OtherConfig {
  /** From the repository's root. */
  readonly path: string;
  readonly id: string | null;
  /** Its output folders. */
  readonly folders: readonly Folder[];
}

/** What a config may call its own. */
export interface Claim {
  /** Goes into every branch, trailer and marker, see `ownerText`. */
  readonly owner: string;
  /** The same config before it had an id: what it proposed then is its own still. */
  readonly before?: string;
  readonly folders: readonly Folder[];
  /** The other configs of the base. */
  readonly others: readonly OtherConfig[];
}

/** What says whose a proposal is: an owner, else the files that it changes. */
export interface Claimed {
  readonly ownedBy?: string;
  readonly files?: readonly string[];
}

/** `unknown`: it names no owner, and no config's folders hold all that it changes. */
export type Ownership =
  | { readonly kind: 'own' }
  | { readonly kind: 'other'; readonly owner: string }
  | { readonly kind: 'unknown' };

/** Whose a proposal is. One that was made before there were owners belongs to the config whose folders hold all its files. */
export function ownershipOf({ ownedBy, files }: Claimed, claim: Claim): Ownership {
  if (ownedBy !== undefined) {
    return ownedBy === claim.owner || ownedBy === claim.before ? { kind: 'own' } : { kind: 'other', owner: ownedBy };
  }
  if (files === undefined) return { kind: 'unknown' };
  if (containAll(claim.folders, files)) return { kind: 'own' };
  const other = claim.others.find(({ folders }) => containAll(folders, files));
  return other === undefined ? { kind: 'unknown' } : { kind: 'other', owner: ownerOf(claim, other) };
}

/** Two configs that would get in each other's way, in words that name both; undefined where none do. */
export function findConflict(config: OtherConfig, others: readonly OtherConfig[]): string | undefined {
  for (const other of others) {
    const both = `${config.path} and ${other.path}`;
    if (config.id !== null && config.id === other.id) return `${both} have the same id, "${config.id}"`;
    const shared = config.folders.flatMap((folder) => other.folders.flatMap((it) => overlapOf(folder, it) ?? []))[0];
    if (shared !== undefined) return `${both} both own the output folder ${shared}`;
  }
  return undefined;
}

/** The owners of all configs there are, see `ownerText`. */
export function ownersOf(claim: Claim): readonly string[] {
  return [claim.owner, ...claim.others.map((other) => ownerOf(claim, other))];
}

function ownerOf({ owner }: Claim, { id, path }: OtherConfig): string {
  return ownerText({ generator: owner.slice(0, owner.indexOf(':')), config: id ?? `/${path}` });
}

function containAll(folders: readonly Folder[], files: readonly string[]): boolean {
  return files.every((file) => folders.some((folder) => file.startsWith(`${folder}/`)));
}
