import type { ClusterReader, SourceState, World } from '../../core/generator.ts';
import { AppError, toProblem } from '../../model/error.ts';
import { label } from '../../model/label.ts';
import type { ObjectQuery } from '../../model/object-query.ts';
import type { Outcome } from '../../model/outcome.ts';
import { Damaged, objectsIn, toJson } from '../objects/manifests.ts';
import { inCluster, type KubernetesObject } from '../objects/object.ts';
import { type LabelSelector, selectorText } from '../objects/selector.ts';
import { serviceNameKey } from './endpoints.ts';

/** Objects of a kind, all of them, or why they are not known: never a part of them. */
export type Listed = Exclude<Outcome<readonly KubernetesObject[]>, { kind: 'absent' }>;

/** Reads several clusters, each opened once and when it is first asked. */
export interface Clusters {
  services(cluster: string, namespace: string, selector?: LabelSelector): Promise<Listed>;
  /** The EndpointSlices of some Services; Endpoints where the API server does not have that kind. */
  endpoints(cluster: string, namespace: string, services: readonly string[]): Promise<Listed>;
  /** How they were read; closes them. */
  close(): Promise<readonly SourceState[]>;
}

interface Session {
  readonly reader: Exclude<Outcome<ClusterReader>, { kind: 'absent' }>;
  readonly lists: Listed[];
}

export function openClusters(world: Pick<World, 'openCluster'>): Clusters {
  const sessions = new Map<string, Promise<Session>>();
  const sessionOf = (cluster: string): Promise<Session> => {
    const known = sessions.get(cluster) ?? open(world, cluster);
    sessions.set(cluster, known);
    return known;
  };
  const list = async (cluster: string, query: ObjectQuery): Promise<Listed> => {
    const { reader, lists } = await sessionOf(cluster);
    const listed = reader.kind === 'value' ? await readList(reader.value, query) : reader;
    lists.push(listed);
    return listed;
  };
  return {
    services: (cluster, namespace, selector) =>
      list(cluster, {
        group: '',
        kind: 'Service',
        namespace,
        ...(selector === undefined ? {} : { labelSelector: selectorText(selector) }),
      }),
    async endpoints(cluster, namespace, services) {
      if (services.length === 0) return { kind: 'value', value: [] };
      const labelSelector = ofServices(services);
      const query = { group: 'discovery.k8s.io', kind: 'EndpointSlice', namespace, labelSelector };
      const slices = await list(cluster, query);
      const isMissing = slices.kind === 'unknown' && slices.problem.code === 'CLUSTER_KIND_MISSING';
      return isMissing ? list(cluster, { group: '', kind: 'Endpoints', namespace }) : slices;
    },
    async close() {
      const states: SourceState[] = [];
      for (const [cluster, opened] of sessions) {
        const { reader, lists } = await opened;
        states.push(stateOf(cluster, reader.kind === 'value' ? reader.value.requests : 0, lists));
        if (reader.kind === 'value') await reader.value.close();
      }
      return states;
    },
  };
}

/** Longer queries are refused by some servers: all slices of Services are listed then. */
const longestSelector = 1500;

function ofServices(services: readonly string[]): string {
  // Any other is no Service, and would be another query.
  const text = `${serviceNameKey} in (${services.filter((name) => label.test(name)).join(',')})`;
  return text.length <= longestSelector ? text : serviceNameKey;
}

async function open({ openCluster }: Pick<World, 'openCluster'>, cluster: string): Promise<Session> {
  try {
    return { reader: { kind: 'value', value: await openCluster(cluster) }, lists: [] };
  } catch (error) {
    // Also where the config does not say how it is reached: access does not wait for that.
    if (!(error instanceof AppError)) throw error;
    return { reader: { kind: 'unknown', problem: toProblem(error) }, lists: [] };
  }
}

async function readList(reader: ClusterReader, query: ObjectQuery): Promise<Listed> {
  try {
    const items = await reader.list(query);
    return { kind: 'value', value: items.flatMap((item) => objectsIn(toJson(item), inCluster)) };
  } catch (error) {
    if (error instanceof AppError) return { kind: 'unknown', problem: toProblem(error) };
    if (!(error instanceof Damaged)) throw error;
    const message = `reading the ${query.kind}s in ${query.namespace}: ${error.message}`;
    const problem = { code: 'MIRROR_SOURCE_UNREADABLE', message, next: 'correct it in the cluster' } as const;
    return { kind: 'unknown', problem };
  }
}

function stateOf(cluster: string, requests: number, lists: readonly Listed[]): SourceState {
  const read = lists.filter(({ kind }) => kind === 'value').length;
  return {
    name: `cluster ${cluster}`,
    requests,
    noun: 'list',
    needed: lists.length,
    read,
    unknown: lists.length - read,
  };
}
