/** What is used of `package-lock.json`, format 3. */
export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

type Ranges = Readonly<Record<string, string>>;

interface LockedPackage {
  readonly version?: string;
  readonly dependencies?: Ranges;
  readonly optionalDependencies?: Ranges;
  readonly peerDependencies?: Ranges;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** Exact versions for what some packages need. */
export interface Pins {
  /** Name → version, of everything that is at the top of `node_modules`. */
  readonly versions: Readonly<Record<string, string>>;
  /** Paths in `node_modules` of those that are there in a second version, which `versions` cannot say. */
  readonly nested: readonly string[];
}

/**
 * The versions of the lock file for these packages and all that they need. With each of them as a dependency of its own, npm installs
 * exactly these: it places a package's own dependencies first, and uses them for the ranges of the others.
 *
 * A shrinkwrap would say it too, but npm follows one only where the registry's data announces it: for no tarball (npm/cli#5349),
 * and from no Artifactory, Verdaccio or GitHub Packages (npm/cli#4583, npm/cli#7977).
 *
 * @throws Error when the lock file lacks one of them
 */
export function pinsOf(names: readonly string[], lock: Lock): Pins {
  const places = new Set<string>();
  const waiting = names.map((name) => placeOf(name, '', lock) ?? fail(name));
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    if (places.has(place)) continue;
    places.add(place);
    waiting.push(...neededBy(place, lock));
  }
  const all = [...places].sort();
  const top = all.filter((place) => place.lastIndexOf('node_modules/') === 0);
  return {
    versions: Object.fromEntries(top.map((place) => [place.slice('node_modules/'.length), versionOf(place, lock)])),
    nested: all.filter((place) => !top.includes(place)),
  };
}

function neededBy(place: string, lock: Lock): readonly string[] {
  const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = lock.packages[place] ?? {};
  const optional = Object.keys(optionalDependencies ?? {});
  const required = [
    ...Object.keys(dependencies ?? {}).filter((name) => !optional.includes(name)),
    ...Object.keys(peerDependencies ?? {}).filter((name) => peerDependenciesMeta?.[name]?.optional !== true),
  ];
  return [
    ...required.map((name) => placeOf(name, place, lock) ?? fail(name)),
    ...optional.flatMap((name) => placeOf(name, place, lock) ?? []),
  ];
}

/** Where Node finds a package from another one's folder, in the lock file's terms: `node_modules/a/node_modules/b`. */
function placeOf(name: string, from: string, { packages }: Lock): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const place = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (place in packages) return place;
    if (folder === '') return undefined;
  }
}

function versionOf(place: string, lock: Lock): string {
  return lock.packages[place]?.version ?? fail(place);
}

function fail(name: string): never {
  throw new Error(`package-lock.json lacks ${name}: run npm install`);
}
