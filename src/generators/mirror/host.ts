const name = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** Why an ExternalName Service must not lead to a host, if it must not. */
export function hostProblem(host: string): string | undefined {
  if (!name.test(host)) return 'must be a DNS name in lower case';
  // Each cluster resolves these by itself, to what it has of that name.
  return /(^|\.)(svc|svc\.cluster\.local|cluster\.local)$/.test(host)
    ? 'must not be a name of the cluster itself: it resolves in the destination'
    : undefined;
}
