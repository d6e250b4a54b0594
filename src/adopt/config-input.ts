import type { ConfigInput } from '../config/schema.ts';
import type { ProposedConfig } from './result.ts';

/** What a config says besides what was found in the cluster. */
export interface ProposeOptions {
  /** What the cluster is called from now on. */
  readonly cluster: string;
  /** The file that lists the namespaces, seen from the config. */
  readonly namespaces: string;
  readonly athenz: Pick<ConfigInput['athenz'], 'zmsUrl' | 'certPath' | 'keyPath' | 'caPath'>;
  readonly kube: NonNullable<ConfigInput['clusters'][number]['kube']>;
}

/** The config that renders what the operator wrote. */
export function proposeConfig(
  proposal: ProposedConfig,
  { cluster, namespaces, athenz, kube }: ProposeOptions,
): ConfigInput {
  const { domain, userDomain, roles } = proposal;
  return {
    athenz: { ...athenz, ...(userDomain === 'user' ? {} : { userDomain }) },
    clusters: [{ name: cluster, domain, namespaces: { files: [namespaces] }, kube }],
    roles: roles.map(({ athenzRole, rules }) => ({
      athenzRole,
      rules: rules.map(({ apiGroups, resources, verbs, resourceNames }) => ({
        apiGroups: [...apiGroups],
        resources: [...resources],
        verbs: [...verbs],
        ...(resourceNames === undefined ? {} : { resourceNames: [...resourceNames] }),
      })),
    })),
    names: 'operator',
  };
}
