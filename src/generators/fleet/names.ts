import { createHash } from 'node:crypto';

/** The longest release name of Helm (helm.sh, `MaxReleaseNameLen`). */
const longestRelease = 53;
/** The longest name of an Application, which becomes the value of a label (argo-cd, resource tracking). */
const longestApplication = 63;

/** The name of a module, cut where Helm would refuse it; a digest tells it from others that begin alike. */
export function releaseName(module: string): string {
  return module.length <= longestRelease ? module : cut(module, longestRelease);
}

/**
 * The name of an Application. Neither part has a dot, so no two are equal, and none ever changes because of others: the module would
 * be uninstalled and installed again.
 */
export function applicationName(cluster: string, module: string): string {
  const name = `${cluster}.${module}`;
  return name.length <= longestApplication ? name : cut(name, longestApplication);
}

/** Names the HelmComponent of a module on a cluster. */
export type ComponentName = (cluster: string, module: string) => string;

/**
 * Makes `<cluster>-<module>`, as the Kyma operator does. Where `b-c` and `c` are modules, clusters `a` and `a-b` would share
 * `a-b-c`: a module that ends like another one gets a digest behind it. So no two names are equal, whatever the clusters.
 *
 * @param modules the names of all
 */
export function nameComponents(modules: Iterable<string>): ComponentName {
  const all = new Set(modules);
  const isAmbiguous = (module: string) => {
    for (let at = module.indexOf('-'); at !== -1; at = module.indexOf('-', at + 1)) {
      if (all.has(module.slice(at + 1))) return true;
    }
    return false;
  };
  const ambiguous = new Set([...all].filter(isAmbiguous));
  return (cluster, module) => {
    const name = `${cluster}-${module}`;
    return ambiguous.has(module) ? `${name}-${digestOf(`${cluster}\0${module}`)}` : name;
  };
}

function cut(text: string, most: number): string {
  return `${text.slice(0, most - 9).replace(/[.-]+$/, '')}-${digestOf(text)}`;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
