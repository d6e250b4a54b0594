/** RFC 1123 label: what Kubernetes asks of a namespace, and what we ask of a cluster's name. */
export const labelPattern = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
export const label = new RegExp(`^${labelPattern}$`);
