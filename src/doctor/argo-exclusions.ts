import { maxYamlBytes, parseYaml, YamlError } from '../model/yaml.ts';
import { readArgoGlob } from './argo-glob.ts';
import { type Fields, fieldsOf, listOf } from './fields.ts';

/** A kind, in the cluster that an Application applies it to. */
export interface AppliedKind {
  readonly group: string;
  readonly kind: string;
  /** Addresses of the cluster, as Argo CD may name it. */
  readonly servers: readonly string[];
}

/**
 * Whether Argo CD leaves a kind out, by `resource.exclusions` and `resource.inclusions` of its ConfigMap argocd-cm (argo-cd,
 * util/settings, `ResourcesFilter`): what is left out is not applied, and an Application without it is Synced.
 *
 * @returns the setting that does it; undefined: it is applied
 */
export function excludedBy(
  data: Readonly<Record<string, unknown>>,
  applied: AppliedKind,
): 'resource.exclusions' | 'resource.inclusions' | undefined {
  const exclusions = entriesIn(data['resource.exclusions']);
  if (exclusions.some((it) => isMatch(it, applied))) return 'resource.exclusions';
  const inclusions = entriesIn(data['resource.inclusions']);
  const isIncluded = inclusions.length === 0 || inclusions.some((it) => isMatch(it, applied));
  return isIncluded ? undefined : 'resource.inclusions';
}

function entriesIn(text: unknown): readonly Fields[] {
  if (typeof text !== 'string' || text.trim() === '') return [];
  try {
    const { value } = parseYaml(text, { maxBytes: maxYamlBytes.config, mergeKeys: 'read' });
    return listOf(value).map(fieldsOf);
  } catch (error) {
    // Argo CD does not read it either.
    if (error instanceof YamlError) return [];
    throw error;
  }
}

function isMatch(entry: Fields, { group, kind, servers }: AppliedKind): boolean {
  return matches(entry['apiGroups'], [group]) && matches(entry['kinds'], [kind]) && matches(entry['clusters'], servers);
}

/** An entry that does not name any is about all. */
function matches(globs: unknown, texts: readonly string[]): boolean {
  const list = listOf(globs);
  if (list.length === 0) return true;
  return list.some((glob) => {
    const isGlob = typeof glob === 'string' ? readArgoGlob(glob) : undefined;
    return isGlob !== undefined && texts.some(isGlob);
  });
}
