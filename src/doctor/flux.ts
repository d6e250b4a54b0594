import { count } from '../model/text.ts';
import type { Applied } from './applied.ts';
import { type Base, checkApplied, emptyFolders, nameOf, notesOf } from './applied-checks.ts';
import type { FluxApplier } from './applier.ts';
import type { Finding } from './finding.ts';

/**
 * What Flux makes of rendered files, by a Kustomization that applies them.
 *
 * @param variables paths of files that hold `${`
 */
export function checkFlux(applied: Applied<FluxApplier>, base: Base, variables: readonly string[]): readonly Finding[] {
  const { applier, folders } = applied;
  const { prune, suspended, targetNamespace, serviceAccount } = applier;
  const notes = notesOf('flux', applied);
  if (suspended !== undefined) {
    notes.warn(`${suspended} is suspended: nothing is applied or revoked`, 'set spec.suspend: false');
  }
  if (!prune) notes.warn('does not prune: removed namespaces and roles keep their access', 'set spec.prune: true');
  if (targetNamespace !== undefined) {
    const message = `moves every object to the namespace ${targetNamespace}, so that all roles grant access there`;
    notes.fail(message, 'remove spec.targetNamespace');
  }
  checkApplied(applied, base, notes);
  for (const { path, all } of emptyFolders(applied).slice(0, 1)) {
    const follows = prune && all.length > 0 ? ': Flux prunes everything that it applied from there' : '';
    const fix = 'merge a first proposal, or correct spec.path';
    notes.warn(`${nameOf(path)} holds no manifest in ${base.branch}${follows}`, fix);
  }
  if (applier.substitutes) {
    const taken = new Set(folders.flatMap((it) => it.taken.map(({ path }) => path)));
    const replaced = variables.filter((path) => taken.has(path));
    const [first] = replaced;
    if (first !== undefined) {
      const message = `spec.postBuild replaces \${…} in ${count(replaced.length, 'file')}, such as ${first}`;
      notes.warn(message, 'remove spec.postBuild, or use another Kustomization for these files');
    }
  }
  return notes.findings(serviceAccount && ` as ServiceAccount ${serviceAccount}, which needs bind and escalate`);
}
