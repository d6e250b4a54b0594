import type { ZodType } from 'zod';
import type { Breaker } from '../model/breaker.ts';
import type { Clock } from '../model/clock.ts';
import type { Halt } from '../model/halt.ts';
import type { ClusterInventory } from '../model/inventory.ts';
import type { ObjectQuery } from '../model/object-query.ts';
import type { Traffic } from '../model/traffic.ts';
import type { FileTree, TreeFile } from '../model/tree.ts';
import type { Limits } from './budget.ts';
import type { Change, Held, Kept, Notes } from './change.ts';
import type { Decision, Desired, Differing, Parsed, Recalled } from './decision.ts';
import type { Direct } from './direct.ts';
import type { EntryReader, Proof } from './evidence.ts';
import type { Plan } from './plan.ts';
import type { Territory } from './territory.ts';
import type { UnitId } from './unit.ts';
import type { Words } from './words.ts';

/**
 * Turns what some sources say into the files of some folders. Everything that knows the sources and the objects is behind this
 * seam; what is proposed, limited, published and reported knows none of it.
 *
 * @template C its part of the config
 * @template S what a rendered file holds
 * @template U what it knows of a unit besides its files
 * @template D what it knows of a change
 */
export interface Generator<C = unknown, S = unknown, U = unknown, D = unknown> {
  /** Lower case letters: names it in owners, branches and results. */
  readonly name: string;
  /**
   * What the config may hold below the key of its name: without that key it is not configured. Not set: it is configured by the
   * config's own keys, and gets all of it.
   */
  readonly schema?: ZodType<C>;
  /** The folders it owns. */
  territory(setting: Setting<C>): Territory;
  /**
   * Objects of clusters whose changes start a run of `watch` at once. Each run asks for them again; their cluster has to allow `list` and
   * `watch`. It is a hint, and decides nothing: a run reads everything in full, whatever started it, and the next interval finds what no
   * event reported. `Opened.asOf` has to be from before the first read: a change since then is for another run.
   */
  watched?(setting: Setting<C>): readonly Watched[];
  /**
   * Set where the config asks to commit some files to a branch of their own, without a proposal: for example addresses, which change too
   * often to be reviewed. `OpenInput.tree` then has those files as they are there. They follow what is merged: as long as something is proposed of a
   * unit, its files there stay as they are.
   */
  direct?(setting: Setting<C>): Direct | undefined;
  /** Opens its sources: the only I/O. @throws AppError when nothing can be known without them */
  open(input: OpenInput<C>): Promise<Opened<S, U, D>>;
  /** What a file holds. Pure. */
  parse(file: TreeFile, content: Uint8Array): Parsed<S>;
  limits(setting: Setting<C>): Limits<D>;
  /** The part of a change that goes into the digest of a proposal; default: its effect and id. */
  digestOf?(change: Change<D>): string;
  readonly words: Words<D>;
  /** The order of changes in reports; default: by unit, then id. */
  compareChanges?(a: Change<D>, b: Change<D>): number;
  /** A plan as the JSON of a run has it; default: as it is, without texts. */
  toResult?(plan: Plan<D>): object;
  /** A text as an earlier version would have written it: a file that holds that counts as the text itself. */
  former?(text: string): string;
  /** Set where git's history is searched for the origin of entries that the sources do not know. */
  readonly entries?: EntryReader;
  /**
   * What a file gives, entry by entry, for whoever records merged changes: by a key, which is another one as soon as anything about
   * the entry is. Without namespace and cluster, which are known. Default: the unit itself.
   */
  given?(state: S): ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Reads back what `Proof.record` was saved as; undefined for anything else. */
  parseProof?(record: unknown): Proof | undefined;
}

/** Objects that are watched. */
export interface Watched {
  /** A cluster of the run, by its name in the config. */
  readonly cluster: string;
  readonly query: ObjectQuery;
}

/** What a generator is configured by. */
export interface Setting<C = unknown> {
  readonly config: C;
  /** The clusters of the run, in the config's order. */
  readonly clusters: readonly string[];
  /** Only part of the configured clusters is in this run. */
  readonly filtered: boolean;
  /** Makes a path of the config, which is relative to its folder, one from the repository's root. */
  inRoot(path: string): string;
}

/** What a generator is opened with. */
export interface OpenInput<C = unknown> extends Setting<C> {
  readonly inventory: readonly ClusterInventory[];
  /** The base commit, or the work tree. */
  readonly tree: FileTree;
  /** Where templates are: `tree`, or the commit of a pull request. */
  readonly templates: FileTree;
  readonly world: World;
}

/** What reaches outside of git: handed in, so that tests bring their own. */
export interface World {
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  /** A file with recorded answers of the sources; not set: they are read now. */
  readonly recorded?: string;
  /** The instant to look at; not set: when the sources were read. */
  readonly at?: Date;
  readonly progress: { show(text: string): void; clear(): void };
  readonly warn: (message: string) => void;
  /** When nothing more is read. */
  readonly halt: Halt;
  /** The breaker of a server, where it outlives a run. */
  readonly breakerOf?: (url: string) => Breaker;
  /** Opens a cluster of the config for reading. @throws AppError `CLUSTER_…` where it cannot be, or is another one */
  readonly openCluster: (cluster: string) => Promise<ClusterReader>;
}

/** Reads the objects of one cluster. */
export interface ClusterReader {
  /** The objects of a kind, each as the API server gives it. @throws AppError `CLUSTER_…` */
  list(query: ObjectQuery): Promise<readonly unknown[]>;
  readonly requests: number;
  close(): Promise<void>;
}

/** How a source was read. */
export interface SourceState {
  readonly name: string;
  readonly url?: string;
  readonly requests: number;
  /** What is read from it, such as `domain`. */
  readonly noun: string;
  /** How many were asked for; of those, what was read, and what could not be. The rest does not exist. */
  readonly needed: number;
  readonly read: number;
  readonly unknown: number;
  /** What that took; for metrics. */
  readonly traffic?: Traffic;
  /** Whether a domain of this name was needed: a change of any other changes nothing. Not set: it has no domains. */
  readonly concerns?: (name: string) => boolean;
}

/** A generator whose sources have been read. Pure from here on, but for `confirm` and `close`. */
export interface Opened<S = unknown, U = unknown, D = unknown> {
  /** As of when the sources were read, RFC 3339 UTC. */
  readonly asOf: string;
  /** The instant that is planned for, RFC 3339 UTC. */
  readonly at: string;
  readonly sources: readonly SourceState[];
  /** What is wrong with the input itself, once for all units that it concerns: `compare` keeps what is there of them. */
  readonly held?: readonly Held<D>[];
  /** What could not be read of the input, where no unit tells of it. */
  readonly kept?: readonly Kept[];
  /** Remarks on the input, as those of units. */
  readonly notes?: Notes;
  /** Every unit once, in the same order for the same input; what is recalled has to be as `unit` would give it. */
  desired(): AsyncIterable<Desired<U> | Recalled> | Iterable<Desired<U> | Recalled>;
  /** Whether `desired` has a unit. */
  isDesired(id: UnitId): boolean;
  /** One of them again; undefined for a unit that is not desired. */
  unit(id: UnitId): Promise<Desired<U> | undefined> | Desired<U> | undefined;
  /** Compares one unit. Pure. */
  compare(differing: Differing<S, U>): Decision<D>;
  /**
   * Asks the sources a second time.
   *
   * @returns whether anything is known better now, so that those have to be decided again
   */
  confirm?(unconfirmed: readonly string[]): Promise<boolean>;
  /** Whether the sources have what a proof is about, now: then it proves nothing any more. */
  has?(proof: Proof): Promise<boolean>;
  close(): Promise<void>;
}

/** The keys that generators add to the config, with what each may hold. */
export function configKeys(generators: readonly Generator[]): Readonly<Record<string, ZodType>> {
  return Object.fromEntries(
    generators.flatMap(({ name, schema }) => (schema === undefined ? [] : [[name, schema] as const])),
  );
}

/** Whether a generator is the one that the config's own keys are about: what it proposes is named without its name. */
export function isPrimary({ schema }: { readonly schema?: unknown }): boolean {
  return schema === undefined;
}
