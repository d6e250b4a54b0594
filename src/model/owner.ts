/** Whose a proposal is: a config, and the generator that made it. */
export interface Owner {
  readonly generator: string;
  /** What names the config: its `id`, else `/` and its path from the repository's root. */
  readonly config: string;
}

/** The name of a config where nobody gives another. */
export const defaultConfigName = 'athenz-gitops.yaml';

/** The owner of every proposal below `athenz-gitops/<base>/` whose branch names none. */
export const defaultOwner = ownerText({ generator: 'rbac', config: `/${defaultConfigName}` });

/**
 * An owner as one word of ASCII, for trailers and markers: `rbac:/teams/prod.yaml`, or `rbac:prod` for an id. No two owners
 * have the same: an id holds no `/`.
 */
export function ownerText({ generator, config }: Owner): string {
  const inert = config
    .toWellFormed()
    .replace(/[^A-Za-z0-9._/@+-]+/gu, (some) => encodeURIComponent(some).replace(/[!'()*~]/g, percent));
  return `${generator}:${inert}`;
}

/** What one may look like: anything else that was read back is none. */
export const ownerPattern = /^[a-z]+:[A-Za-z0-9._/@+%-]+$/;

/**
 * The last part of the branch of an owner's scope: `prod.search`, or `rbac@+teams+prod_yaml.prod.search` for any owner but the
 * default one. No two pairs have the same, also where case does not count: a scope has no `@`, an owner no `.`.
 *
 * @param owner from `ownerText`
 * @param scope its key: `all`, a cluster, or `cluster/namespace`
 */
export function branchSlug(owner: string, scope: string): string {
  const flat = scope.replaceAll('/', '.');
  const slug = owner === defaultOwner ? flat : `${segmentOf(owner)}.${flat}`;
  // git refuses names that end so, as that of a namespace `lock` would.
  return slug.endsWith('.lock') ? `${slug}_` : slug;
}

/** Reads one back. `owner` is not set where the slug names none: it is the default one's, or was made before there were any. */
export function readBranchSlug(slug: string): { readonly owner?: string; readonly scope: string } {
  const [, segment, scope] = /^([a-z]+@[^.]+)\.(.+)$/.exec(slug) ?? [];
  if (segment === undefined || scope === undefined) return { scope: slug };
  return { owner: segment.replace(/=[0-9a-f]{2}|[@+_]/g, unescaped), scope };
}

/** GitHub takes a name of 255 bytes, file systems too, with `.lock` behind it: two labels and a part have their room in it. */
export const longestSegment = 100;

export function segmentOf(owner: string): string {
  return owner.replace(/[^a-z0-9-]/g, (character) => marks.get(character) ?? `=${hexOf(character)}`);
}

const marks = new Map([
  [':', '@'],
  ['/', '+'],
  ['.', '_'],
]);

function unescaped(mark: string): string {
  if (mark.startsWith('=')) return String.fromCharCode(Number.parseInt(mark.slice(1), 16));
  return [...marks].find(([, it]) => it === mark)?.[0] ?? mark;
}

function percent(character: string): string {
  return `%${hexOf(character).toUpperCase()}`;
}

function hexOf(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(2, '0');
}
