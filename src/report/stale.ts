import type { StaleKustomization } from '../core/stale.ts';
import { type Show, someOf } from '../model/text.ts';

/** What is wrong with a kustomization that does not fit the rendered files, and what to do: a sentence each, without a dot. */
export function describeStale({ path, cluster, missing, unlisted }: StaleKustomization, show: Show): readonly string[] {
  const names = (paths: readonly string[]) => someOf(paths.map(show));
  return [
    ...(missing.length === 0
      ? []
      : [
          `${show(path)} names ${names(missing)}, which will not exist: kustomize fails, and no later change of ${show(cluster)} is applied. Remove ${missing.length === 1 ? 'it' : 'them'} from the list`,
        ]),
    ...(unlisted.length === 0
      ? []
      : [
          `${show(path)} does not name ${names(unlisted)}, which ${unlisted.length === 1 ? 'is' : 'are'} never applied. Add ${unlisted.length === 1 ? 'it' : 'them'} to resources`,
        ]),
  ];
}
