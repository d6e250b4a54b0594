import type { Namespaces } from '../objects/namespaces.ts';
import type { Gathered } from './gather.ts';

/** Everything that decides the Services of the clusters of a run. */
export interface CompileInput extends Pick<Gathered, 'readings' | 'there'> {
  /** Of the run, with their namespaces. */
  readonly clusters: ReadonlyMap<string, Namespaces>;
}

/** Something that is left out on purpose. */
export interface Skipped {
  readonly cluster: string;
  readonly reason: string;
}
