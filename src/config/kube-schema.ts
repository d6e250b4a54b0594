import { z } from 'zod';
import { text } from './text-schema.ts';

/** How a cluster's API server is reached, and which cluster it has to be. */
export const kube = z
  .strictObject({
    context: text.nullable().default(null).describe('Context of the kubeconfig. Default: its current one.'),
    kubeconfig: text
      .nullable()
      .default(null)
      .describe('File, relative to the config file. Default: $KUBECONFIG, else ~/.kube/config.'),
    inCluster: z.boolean().default(false).describe('Use the service account of the pod that athenz-gitops runs in.'),
    uid: z
      .guid({ error: 'must be the uid of the namespace kube-system, such as 6d3c1c62-9b6e-4a2f-8c63-0f6a4e1d2b3c' })
      .nullable()
      .default(null)
      .describe('uid of the namespace kube-system: any other cluster is refused.'),
  })
  .refine((it) => !it.inCluster || (it.context === null && it.kubeconfig === null), {
    path: ['inCluster'],
    error: 'cannot be used with "context" or "kubeconfig"',
  });

export type KubeConfig = z.output<typeof kube>;

/* A label selector (kubernetes.io/docs/concepts/overview/working-with-objects/labels). */
const name = '[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?';
const key = `([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?${name}`;
const value = `(${name})?`;
const values = `\\(\\s*${value}(\\s*,\\s*${value})*\\s*\\)`;
const requirement = `\\s*(!\\s*${key}|${key}\\s*((==|=|!=)\\s*${value}|\\s(in|notin)\\s*${values})?)\\s*`;
const selectorPattern = new RegExp(`^${requirement}(,${requirement})*$`);

export const selector = text.regex(
  selectorPattern,
  'must be a label selector, such as "athenz=enabled" or "team in (a, b)"',
);
