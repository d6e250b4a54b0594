import { createHash } from 'node:crypto';

/** The longest release name of Helm (helm.sh, `MaxReleaseNameLen`). */
const longestRelease = 53;
/** The longest name of an Application, which becomes the value of a label (argo-cd, resource tracking). */
const longestApplication = 63;
/** The longest name of an object. */
const longestName = 253;

function withDigest(text: string, identity: string, most: number): string {
  const digest = createHash('sha256').update(identity).digest('hex').slice(0, 8);
  return `${text.slice(0, most - 9).replace(/[.-]+$/, '')}-${digest}`;
}

/** The name of a module, cut where Helm would refuse it; a digest tells it from others that begin alike. */
export function releaseName(module: string): string {
  return module.length <= longestRelease ? module : withDigest(module, module, longestRelease);
}

/** Names an object of a module on a cluster, where those of all clusters are in one namespace. */
export type NameOf = (cluster: string, module: string) => string;

/**
 * Makes `<cluster>-<module>`, as the Kyma operator does. Where `b-c` and `c` are modules, clusters `a` and `a-b` would share
 * `a-b-c`: a module that ends like another one gets a digest behind it. So no two names are equal, and none changes because of the
 * other clusters.
 *
 * @param modules the names of all
 * @param most length of a name
 */
export function nameObjects(modules: Iterable<string>, most: typeof longestApplication | typeof longestName): NameOf {
  const all = new Set(modules);
  const isAmbiguous = (module: string) => {
    for (let at = module.indexOf('-'); at !== -1; at = module.indexOf('-', at + 1)) {
      if (all.has(module.slice(at + 1))) return true;
    }
    return false;
  };
  const ambiguous = new Set([...all].filter(isAmbiguous));
  return (cluster, module) => {
    const plain = `${cluster}-${module}`;
    if (plain.length <= most && !ambiguous.has(module)) return plain;
    return withDigest(plain, `${cluster}\0${module}`, most);
  };
}

export const nameLengths = { Application: longestApplication, HelmComponent: longestName } as const;
