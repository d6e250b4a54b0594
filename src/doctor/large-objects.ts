import type { SizedFile } from '../git/sizes.ts';
import { maxYamlBytes, parseYamlStream } from '../model/yaml.ts';
import { fieldsOf, textOf } from './fields.ts';

/** Bytes of all annotations of an object (kube-apiserver: "may not be more than 262144 bytes"), where client-side apply keeps a copy of it. */
export const annotationLimit = 262_144;

/** An object that client-side apply refuses, or soon will. */
export interface LargeObject {
  readonly path: string;
  /** As `RoleBinding team-a/admins`. */
  readonly name: string;
  /** Of the copy. */
  readonly bytes: number;
  /** `own`: its annotations say how Argo CD applies it, without that copy. */
  readonly apply: 'default' | 'own';
}

/**
 * The files that may hold such an object, the largest first. YAML may take less than half of what JSON does, as where lines end;
 * more files than a person would look at are not read.
 */
export function largeFiles(files: readonly SizedFile[]): readonly SizedFile[] {
  return files
    .filter(({ size, path }) => size > annotationLimit / 3 && size <= maxYamlBytes.manifests && /\.ya?ml$/.test(path))
    .sort((a, b) => b.size - a.size)
    .slice(0, 20);
}

/** The objects of a file from four fifths of the limit on; none of one that cannot be parsed. */
export function largeObjectsIn(path: string, content: Uint8Array): readonly LargeObject[] {
  return parsed(content).flatMap((value): readonly LargeObject[] => {
    const bytes = Buffer.byteLength(JSON.stringify(value) ?? '');
    if (bytes < 0.8 * annotationLimit) return [];
    const { kind, metadata } = fieldsOf(value);
    const { name, namespace, annotations } = fieldsOf(metadata);
    const [options = ''] = textOf(fieldsOf(annotations)['argocd.argoproj.io/sync-options']);
    const apply = /\b(ServerSideApply|Replace)=true\b/.test(options) ? 'own' : 'default';
    return [{ path, name: `${kind} ${[namespace, name].flatMap(textOf).join('/')}`, bytes, apply }];
  });
}

function parsed(content: Uint8Array): readonly unknown[] {
  try {
    return parseYamlStream(content, { maxBytes: maxYamlBytes.manifests }).map(({ value }) => value);
  } catch {
    return [];
  }
}
