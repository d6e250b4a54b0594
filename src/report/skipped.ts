import type { SkippedNamespaces } from '../model/inventory.ts';
import { count, type Show, someOf } from '../model/text.ts';

/** What the inventory leaves out by its settings, a sentence each. */
export function skippedSentences(skipped: readonly SkippedNamespaces[], show: Show): readonly string[] {
  return skipped.flatMap(({ cluster, namespaces, files }) => [
    ...(namespaces.length === 0
      ? []
      : [`${count(namespaces.length, 'namespace')} of ${show(cluster)}, excluded: ${someOf(namespaces.map(show))}`]),
    ...(files.length === 0
      ? []
      : [`${count(files.length, 'namespace file')} of ${show(cluster)}, excluded: ${someOf(files.map(show))}`]),
  ]);
}
