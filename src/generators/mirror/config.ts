import { z } from 'zod';
import { fileGlobs } from '../../config/glob-schema.ts';
import { selector } from '../../config/kube-schema.ts';
import { parseCidr } from '../../model/ip.ts';
import { label } from '../../model/label.ts';
import { keep, marker, namespaceName, objectPath, share } from '../objects/config.ts';
import { hostProblem } from './host.ts';

const clusterName = z.string().regex(label, 'must be the name of a cluster');
const namespaces = z.array(namespaceName).min(1);
const branchName = z.string().min(1).max(200);
const labelKey = z
  .string()
  .regex(
    /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/,
    'must be the key of a label',
  );

const source = z.union(
  [
    z.strictObject({
      cluster: clusterName.describe('A cluster of this config, with "kube": its API server is asked.'),
      namespaces: namespaces.describe('Namespaces whose Services are read.'),
    }),
    z.strictObject({
      name: clusterName.describe(
        'In place of "cluster": what the source is called in labels and in names of EndpointSlices.',
      ),
      files: fileGlobs.describe('Files with its Services and EndpointSlices, of any namespace.'),
    }),
  ],
  { error: 'must be {cluster, namespaces} or {name, files}' },
);

const rule = z
  .strictObject({
    source,
    destination: z.strictObject({
      cluster: clusterName.describe('A cluster of this config.'),
      namespace: namespaceName.optional().describe('Default: that of the Service.'),
      verify: z
        .boolean()
        .default(true)
        .describe(
          'Looks for Services of others in the cluster before a new one is proposed. false: for a cluster that cannot be reached.',
        ),
    }),
    selector: selector.default('sync=true').describe('Labels of the Services to mirror, as kubectl takes them.'),
    mode: z
      .enum(['endpointslice', 'externalname', 'mcs', 'cilium', 'linkerd'])
      .default('endpointslice')
      .describe('What is rendered; only endpointslice puts addresses of Pods into git.'),
    host: z
      .string()
      .optional()
      .describe('Of mode externalname: the name to lead to, with {service}, {namespace} and {source}.'),
    ports: z
      .strictObject({
        default: z.int().min(1).max(65_535).optional().describe('Port of a Service that has none. Not set: skipped.'),
      })
      .prefault({}),
    onZeroReady: z
      .enum(['clear', 'keep'])
      .default('clear')
      .describe('When no endpoint is ready: no addresses, or the ones that are there.'),
    labels: z.array(labelKey).default([]).describe("Keys of the source's labels to copy."),
    createNamespace: z
      .boolean()
      .default(false)
      .describe('Also renders the Namespace, which is never pruned. For one that nothing else declares.'),
    refuseCidrs: z
      .array(
        z.string().refine((it) => parseCidr(it) !== undefined, { error: 'must be a network, such as 10.0.0.0/16' }),
      )
      .default([])
      .describe("The destination's own ranges of Pods and Services: an address in one is refused."),
  })
  .superRefine((it, context) => {
    const issue = (path: readonly string[], message: string) =>
      context.addIssue({ code: 'custom', path: [...path], message });
    if ((it.mode === 'externalname') !== (it.host !== undefined)) {
      issue(['host'], it.host === undefined ? 'is required for mode externalname' : 'is for mode externalname only');
    }
    const host = it.host?.replace(/\{(service|namespace|source)\}/g, 'x');
    const wrong = host === undefined ? undefined : hostProblem(host);
    if (wrong !== undefined) issue(['host'], wrong);
    const { namespace } = it.destination;
    const read = 'namespaces' in it.source ? it.source.namespaces : undefined;
    const isMoved = namespace !== undefined && (read === undefined || read.some((one) => one !== namespace));
    if (isMoved && (it.mode === 'mcs' || it.mode === 'cilium' || it.mode === 'linkerd')) {
      issue(['destination', 'namespace'], `must be that of the Service: mode ${it.mode} knows no other`);
    }
    if (it.mode === 'linkerd' && !('cluster' in it.source)) {
      issue(['source'], 'must be a cluster for mode linkerd: its Services are labelled');
    }
    const isSame = 'cluster' in it.source && it.source.cluster === it.destination.cluster;
    if (isSame && (namespace === undefined || read?.includes(namespace))) {
      issue(['destination'], 'must be another cluster, or another namespace');
    }
  });

/** What the config holds below `mirrors`. */
export const mirrorsSchema = z
  .strictObject({
    path: objectPath
      .default('mirrors/{cluster}/{namespace}/{object}.yaml')
      .describe(
        'Where objects go. {object} is the kind and the name: service.web, endpointslice.web-eu1-ipv4-0; {shard} may be used too. The folder belongs to athenz-gitops.',
      ),
    addresses: z
      .strictObject({
        branch: branchName.describe('A branch of forge.remote, never forge.base; it is made when it is needed.'),
      })
      .nullable()
      .default(null)
      .describe(
        'Commits EndpointSlices to a branch of their own, without a proposal, once their Service is merged. null: they are proposed with it.',
      ),
    services: z.array(rule).default([]).describe('Which Services are mirrored, and where to.'),
    marker,
    keep,
    limits: z
      .strictObject({
        maxRemovedServices: share
          .nullable()
          .prefault({})
          .describe(
            'Removals in a cluster beyond both are held until they are approved: a share of the Services that are there now, and a number. null: no limit.',
          ),
        maxAddedServices: share.nullable().default(null).describe('The same for additions.'),
      })
      .prefault({}),
  })
  .describe('Services of one cluster, for use in another.');

export type MirrorsConfig = z.output<typeof mirrorsSchema>;
export type Rule = MirrorsConfig['services'][number];

/** What the source of a rule is called. */
export function sourceName({ source: it }: Pick<Rule, 'source'>): string {
  return 'cluster' in it ? it.cluster : it.name;
}
