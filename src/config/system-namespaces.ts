/**
 * Namespaces of the platform itself, left out unless they are mapped elsewhere on purpose: access to them comes from
 * the platform's own manifests, never from a team's Athenz domain. Names, or globs of `*`. Documented in docs/reference/config.md.
 */
export const systemNamespaces: readonly string[] = [
  'kube-*',
  'default',
  'argocd',
  'athenz',
  'athenz-*',
  'calico-system',
  'cert-manager',
  'flux-system',
  'gatekeeper-system',
  'ingress-nginx',
  'istio-system',
  'kyverno',
  'local-path-storage',
  'openshift',
  'openshift-*',
  'tigera-operator',
];
