/** What is used of an SBOM in CycloneDX' JSON. */
export interface Sbom {
  readonly components: readonly { readonly 'bom-ref': string; readonly purl?: string }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
  readonly metadata: { readonly component?: { readonly 'bom-ref': string } };
}

/**
 * What is bundled, of an SBOM of everything in the lock file. `npm sbom --omit dev` itself omits too much: each package that one for
 * development needs too.
 *
 * @param notices of `noticesOf`
 * @throws Error when the SBOM lacks a package that is bundled
 */
export function bundledOf<S extends Sbom>(sbom: S, notices: string): S {
  const bundled = new Set(
    Array.from(notices.matchAll(/^-{80}\n\n(\S+) (\S+), /gm), ([, name, version]) => `${name}@${version}`),
  );
  const isBundled = (ref: string) => bundled.has(ref) || ref === sbom.metadata.component?.['bom-ref'];
  const components = sbom.components.filter((it) => bundled.has(it['bom-ref']));
  const there = new Set(components.map((it) => it['bom-ref']));
  const lacking = [...bundled].filter((ref) => !there.has(ref));
  if (bundled.size === 0 || lacking.length > 0) throw new Error(`the SBOM lacks ${lacking.join(', ') || 'everything'}`);
  const dependencies = sbom.dependencies
    .filter(({ ref }) => isBundled(ref))
    .map((it) => ({ ...it, dependsOn: (it.dependsOn ?? []).filter(isBundled) }));
  return { ...sbom, components, dependencies };
}
