import type { Setting, Watched } from '../../core/generator.ts';
import type { MirrorsConfig } from './config.ts';
import { serviceNameKey } from './endpoints.ts';
import { isInRun } from './gather.ts';

/** The Services that rules select, and the slices of Services in their namespaces. */
export function watchedBy({ config, clusters }: Setting<MirrorsConfig>): readonly Watched[] {
  return config.services.flatMap((rule): readonly Watched[] => {
    const { source, selector, mode } = rule;
    if (!('cluster' in source) || !isInRun({ rule, clusters })) return [];
    return source.namespaces.flatMap((namespace) => {
      const services = { group: '', kind: 'Service', namespace, labelSelector: selector };
      const slices = { group: 'discovery.k8s.io', kind: 'EndpointSlice', namespace, labelSelector: serviceNameKey };
      const queries = mode === 'endpointslice' ? [services, slices] : [services];
      return queries.map((query) => ({ cluster: source.cluster, query }));
    });
  });
}
