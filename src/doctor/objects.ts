import type { Config } from '../config/types.ts';
import type { ArgoApplier, FluxApplier } from './applier.ts';
import { isServerSide } from './argocd.ts';
import { type Finding, ok, warning } from './finding.ts';

/** What applies the rendered files; nothing is known where both are empty. */
interface Appliers {
  readonly argo: readonly ArgoApplier[];
  readonly flux: readonly FluxApplier[];
}

/** Subjects from which on client-side apply refuses a binding, with names of 128 letters. */
const fewestSubjects = 1350;

/** What a config asks for and not every way to apply it can do. */
export function checkObjects(
  { names, limits }: Pick<Config, 'names' | 'limits'>,
  { argo, flux }: Appliers,
): readonly Finding[] {
  const unknown = argo.length + flux.length === 0;
  const findings: Finding[] = [];
  const isClientSide = unknown || argo.some((it) => !isServerSide(it));
  if (limits.maxSubjects > fewestSubjects && isClientSide) {
    const message = `limits.maxSubjects is ${limits.maxSubjects}: client-side apply refuses a binding from ${fewestSubjects} to 2900 subjects on, the longer their names the sooner`;
    const fix = `set it to ${fewestSubjects} or less, or apply server-side (Argo CD: ServerSideApply=true; Flux does)`;
    findings.push(warning('limits', message, fix));
  }
  if (names === 'operator' && (unknown || argo.length > 0)) {
    const message = 'names: operator puts ":" into names: Argo CD without argo-cd#15380 does not prune such objects';
    findings.push(ok('names', message));
  }
  return findings;
}
