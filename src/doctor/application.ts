import { sourceFolders } from './application-folders.ts';
import type { ArgoApplier } from './applier.ts';
import { type Fields, fieldsOf, listOf, textOf } from './fields.ts';

/**
 * Reads an Application or an ApplicationSet (argo-cd, operator-manual/application.yaml): one for each source with a path.
 *
 * @param file the manifest's path
 */
export function readApplication(file: string, manifest: Fields): readonly ArgoApplier[] {
  if (!/^argoproj\.io\//.test(String(manifest['apiVersion']))) return [];
  const { kind } = manifest;
  if (kind !== 'Application' && kind !== 'ApplicationSet') return [];
  const own = fieldsOf(manifest['spec']);
  const isSet = kind === 'ApplicationSet';
  const spec = isSet ? fieldsOf(fieldsOf(own['template'])['spec']) : own;
  const [name = ''] = textOf(fieldsOf(manifest['metadata'])['name']);
  const sync = syncOf(fieldsOf(spec['syncPolicy']));
  const common = { file, name, kind, at: isSet ? 'spec.template.spec' : 'spec', ...sync } as const;
  const patched = isSet && own['templatePatch'] !== undefined;
  const sources = spec['sources'] === undefined ? [spec['source']] : listOf(spec['sources']);
  return sources.map(fieldsOf).flatMap((source) => {
    const [path] = textOf(source['path']);
    if (path === undefined || source['chart'] !== undefined) return [];
    const folders = sourceFolders(path, isSet ? listOf(own['generators']) : []);
    return [{ ...common, patched, folders, ...sourceOf(source) }];
  });
}

function sourceOf(source: Fields) {
  const directory = fieldsOf(source['directory']);
  const [repository] = textOf(source['repoURL']).filter(isKnown);
  // Without one it is HEAD, the default branch.
  const [revision] = textOf(source['targetRevision'] ?? 'HEAD').filter(isKnown);
  const [include] = textOf(directory['include']).filter((it) => it !== '' && isKnown(it));
  const [exclude] = textOf(directory['exclude']).filter((it) => it !== '' && isKnown(it));
  const isTool = ['helm', 'kustomize', 'plugin'].some((name) => source[name] !== undefined);
  return {
    ...(repository === undefined ? {} : { repository }),
    ...(revision === undefined ? {} : { revision }),
    source: isTool ? 'tool' : 'directory',
    recurse: isOn(directory['recurse']),
    ...(include === undefined ? {} : { include }),
    ...(exclude === undefined ? {} : { exclude }),
  } as const;
}

function syncOf(policy: Fields) {
  const { automated } = policy;
  const settings = fieldsOf(automated);
  // `enabled: false` is as without (argo-cd, user-guide/auto_sync).
  const isOff = automated === undefined || automated === null || settings['enabled'] === false;
  return {
    sync: isOff ? 'manual' : 'automated',
    prune: isOn(settings['prune']),
    allowEmpty: settings['allowEmpty'] === true,
    syncOptions: listOf(policy['syncOptions']).flatMap(textOf),
  } as const;
}

/** What a generator fills in is taken for switched on. */
function isOn(value: unknown): boolean {
  return value === true || (typeof value === 'string' && !isKnown(value));
}

/** Whether a text says itself what it stands for. */
function isKnown(text: string): boolean {
  return !text.includes('{{');
}
