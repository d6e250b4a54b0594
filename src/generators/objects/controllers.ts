/** Options of Argo CD for one object, with commas between them (argo-cd, user-guide/sync-options). */
export const syncOptionsKey = 'argocd.argoproj.io/sync-options';

const flux = 'kustomize.toolkit.fluxcd.io';

/** `disabled`: Flux does not prune the object (fluxcd.io, kustomizations, "Controlling the apply behavior of resources"). */
export const pruneKey = `${flux}/prune`;
/** `Merge`, `Override` …: how Flux applies the object. */
export const ssaKey = `${flux}/ssa`;
