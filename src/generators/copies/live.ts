import type { ClusterReader, SourceState, World } from '../../core/generator.ts';
import { AppError, toProblem } from '../../model/error.ts';
import type { Outcome } from '../../model/outcome.ts';
import { Damaged, objectsIn, toJson } from '../objects/manifests.ts';
import { inCluster, type KubernetesObject, kindText, mapAt } from '../objects/object.ts';
import { selectorText } from '../objects/selector.ts';
import type { CompileInput } from './compile-input.ts';
import type { CopiesConfig } from './config.ts';
import { copyKeys } from './render.ts';
import { isSecret } from './secret.ts';
import { sourceKind, sourceText } from './sources.ts';
import { type Sync, syncKey } from './sync.ts';

type Live = CompileInput['live'];

/**
 * Reads from a cluster the sources that no file has, of the kinds that the config allows. Secrets are never among them.
 *
 * @returns what became of each, by `syncKey`; `state` where anything was to be read
 */
export async function readLive(
  cluster: string,
  { syncs, sources }: Pick<CompileInput, 'syncs' | 'sources'>,
  config: Pick<CopiesConfig, 'live'>,
  world: Pick<World, 'openCluster'>,
): Promise<{ readonly live: Live; readonly state?: SourceState }> {
  const wanted = syncs.filter((it): it is Sync => {
    if ('reason' in it || it.spec.secret !== undefined) return false;
    const kind = sourceKind(it);
    if (isSecret(kind)) return false;
    const { name } = it.spec.source;
    return config.live.includes(kindText(kind)) && (name === undefined || sources.at({ ...kind, name }).length === 0);
  });
  if (wanted.length === 0) return { live: new Map() };
  let reader: ClusterReader;
  try {
    reader = await world.openCluster(cluster);
  } catch (error) {
    // Also where the config does not say how it is reached: access does not wait for that.
    if (!(error instanceof AppError)) throw error;
    const problem = toProblem(error);
    const live: Live = new Map(wanted.map((sync) => [syncKey(sync), { kind: 'unknown', problem }]));
    return { live, state: stateOf(cluster, live, 0) };
  }
  try {
    const read = await Promise.all(wanted.map(async (sync) => [syncKey(sync), await readOne(reader, sync)] as const));
    const live = new Map(read);
    return { live, state: stateOf(cluster, live, reader.requests) };
  } finally {
    await reader.close();
  }
}

function stateOf(cluster: string, live: Live, requests: number): SourceState {
  const read = [...live.values()];
  return {
    name: `cluster ${cluster}`,
    requests,
    noun: 'source',
    needed: read.length,
    read: read.filter(({ kind }) => kind === 'value').length,
    unknown: read.filter(({ kind }) => kind === 'unknown').length,
  };
}

async function readOne(reader: ClusterReader, sync: Sync): Promise<Outcome<readonly KubernetesObject[]>> {
  const { name, selector, version } = sync.spec.source;
  try {
    const items = await reader.list({
      ...sourceKind(sync),
      ...(version === undefined ? {} : { version }),
      ...(name === undefined ? {} : { name }),
      ...(selector === undefined ? {} : { labelSelector: selectorText(selector) }),
    });
    // A copy is no source, of ours or of any other repository.
    const objects = items.flatMap((item) => objectsIn(toJson(item), inCluster)).filter((it) => !isCopy(it));
    return objects.length === 0 ? { kind: 'absent' } : { kind: 'value', value: objects };
  } catch (error) {
    if (error instanceof AppError) return { kind: 'unknown', problem: toProblem(error) };
    if (!(error instanceof Damaged)) throw error;
    const message = `reading ${sourceText(sync)}: ${error.message}`;
    return { kind: 'unknown', problem: { code: 'COPY_SOURCE_UNREADABLE', message, next: 'correct it in the cluster' } };
  }
}

function isCopy({ body }: KubernetesObject): boolean {
  return Object.hasOwn(mapAt(mapAt(body, 'metadata'), 'annotations'), copyKeys.source);
}
