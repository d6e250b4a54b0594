/** What applies folders of a repository to a cluster, as a manifest in the repository says. */
export type Applier = ArgoApplier | FluxApplier;

interface Common {
  readonly name: string;
  /** The manifest's path. */
  readonly file: string;
  readonly folders: readonly SourceFolder[];
  /** URL of the repository that the folders are in; not set: not known. */
  readonly repository?: string;
  /** Branch, tag or commit; not set: not known. */
  readonly revision?: string;
}

/** An Application of Argo CD, or what an ApplicationSet makes Applications from. */
export interface ArgoApplier extends Common {
  readonly kind: 'Application' | 'ApplicationSet';
  /** Where the fields of the Application are: `spec`, or `spec.template.spec`. */
  readonly at: string;
  /** A patch may change each Application that is made: its fields are not known. */
  readonly patched: boolean;
  /** What the manifest says the folder holds; a directory may turn out to be a kustomization or a chart. */
  readonly source: 'directory' | 'tool';
  readonly recurse: boolean;
  readonly include?: string;
  readonly exclude?: string;
  readonly sync: 'manual' | 'automated';
  readonly prune: boolean;
  readonly allowEmpty: boolean;
  /** As `PruneLast=true`. */
  readonly syncOptions: readonly string[];
}

/** A Kustomization of Flux. */
export interface FluxApplier extends Common {
  readonly kind: 'Kustomization';
  readonly prune: boolean;
  /** The object that is suspended, as `Kustomization apps`. */
  readonly suspended?: string;
  readonly targetNamespace?: string;
  /** `spec.postBuild` is set: `${…}` is replaced. */
  readonly substitutes: boolean;
  /** That it applies as, `namespace/name`. */
  readonly serviceAccount?: string;
}

/** A folder by its path, or folders by a pattern in which `*` stands for one part of a path. */
export type SourceFolder =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'pattern'; readonly glob: string; readonly except: readonly string[] };

/** How findings name it. */
export function describeApplier({ kind, name, file }: Applier): string {
  return `${kind} ${name} in ${file}`;
}

/** A path of a manifest as one from the repository's root; undefined for what is outside. */
export function fromRoot(path: string): string | undefined {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}
