import type { Outcome } from '../../model/outcome.ts';
import type { Namespaces } from '../objects/namespaces.ts';
import type { KubernetesObject } from '../objects/object.ts';
import type { CopiesConfig } from './config.ts';
import type { KindInfo } from './kinds.ts';
import type { Sources, Unreadable } from './sources.ts';
import type { InvalidSync, Sync } from './sync.ts';

/** Everything that decides the copies of one cluster. */
export interface CompileInput {
  readonly cluster: string;
  readonly config: CopiesConfig;
  readonly namespaces: Namespaces;
  readonly syncs: readonly (Sync | InvalidSync)[];
  /** Files of ObjectSyncs that could not be read. */
  readonly unreadable: readonly Unreadable[];
  readonly sources: Sources;
  readonly defined: ReadonlyMap<string, KindInfo>;
  /** What the cluster has of the sources of a sync, by `syncKey`; only where it was asked. */
  readonly live: ReadonlyMap<string, Outcome<readonly KubernetesObject[]>>;
}
