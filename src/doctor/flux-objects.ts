import { type FluxApplier, fromRoot } from './applier.ts';
import { type Fields, fieldsOf, textOf } from './fields.ts';

/**
 * Reads the Kustomizations of Flux among some manifests, each with the GitRepository that it is about where that is among them too
 * (fluxcd.io, kustomizations and gitrepositories). Those of other sources, such as an OCIRepository, are left out.
 *
 * @param manifests with the paths of their files
 */
export function readFluxObjects(
  manifests: readonly (readonly [file: string, manifest: Fields])[],
): readonly FluxApplier[] {
  const repositories = new Map(
    manifests.flatMap(([, it]) =>
      isKind(it, 'source.toolkit.fluxcd.io', 'GitRepository') ? [[keyOf(it), it] as const] : [],
    ),
  );
  return manifests.flatMap(([file, manifest]) => {
    if (!isKind(manifest, 'kustomize.toolkit.fluxcd.io', 'Kustomization')) return [];
    const spec = fieldsOf(manifest['spec']);
    const { name, namespace } = namesOf(manifest);
    const source = fieldsOf(spec['sourceRef']);
    // Without a path it is the whole repository.
    const folder = fromRoot(textOf(spec['path'])[0] ?? '');
    if (source['kind'] !== 'GitRepository' || folder === undefined) return [];
    const repository = repositories.get(keyOf({ metadata: { namespace, ...source } }));
    const [targetNamespace] = textOf(spec['targetNamespace']);
    const [account] = textOf(spec['serviceAccountName']);
    const suspended = spec['suspend'] === true ? `Kustomization ${name}` : suspendedSource(repository);
    return [
      {
        kind: 'Kustomization',
        name,
        file,
        folders: [{ kind: 'folder', path: folder }],
        ...(repository === undefined ? {} : referenceOf(fieldsOf(repository['spec']))),
        prune: spec['prune'] === true,
        ...(suspended === undefined ? {} : { suspended }),
        ...(targetNamespace === undefined ? {} : { targetNamespace }),
        substitutes: spec['postBuild'] !== undefined && spec['postBuild'] !== null,
        ...(account === undefined ? {} : { serviceAccount: `${namespace}/${account}` }),
      },
    ];
  });
}

function suspendedSource(repository: Fields | undefined): string | undefined {
  if (repository === undefined || fieldsOf(repository['spec'])['suspend'] !== true) return undefined;
  return `GitRepository ${namesOf(repository).name}`;
}

/** What a GitRepository fetches; without `ref` nothing is taken for known. */
function referenceOf(spec: Fields): Pick<FluxApplier, 'repository' | 'revision'> {
  const ref = fieldsOf(spec['ref']);
  const [repository] = textOf(spec['url']);
  // By precedence.
  const [revision] = [ref['name'], ref['commit'], ref['semver'], ref['tag'], ref['branch']].flatMap(textOf);
  return {
    ...(repository === undefined ? {} : { repository }),
    ...(revision === undefined ? {} : { revision }),
  };
}

function isKind(manifest: Fields, group: string, kind: string): boolean {
  return manifest['kind'] === kind && String(manifest['apiVersion']).startsWith(`${group}/`);
}

function namesOf(manifest: Fields): { readonly name: string; readonly namespace: string } {
  const metadata = fieldsOf(manifest['metadata']);
  return { name: textOf(metadata['name'])[0] ?? '', namespace: textOf(metadata['namespace'])[0] ?? '' };
}

function keyOf(manifest: Fields): string {
  const { name, namespace } = namesOf(manifest);
  return `${namespace}/${name}`;
}
