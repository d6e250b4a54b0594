import pLimit from 'p-limit';
import type { DomainDocument, Stamps } from '../model/domain.ts';
import { AppError, type Problem, toProblem } from '../model/error.ts';
import type { UserDomains } from '../model/principal.ts';
import type { DomainRead, Snapshot } from '../model/snapshot.ts';
import { indexTrust, type TrustIndex } from '../model/trust.ts';
import { type Delegation, neededBy, neededThrough } from './needs.ts';
import { type DomainReader, openReader, type Progress } from './reader.ts';
import type { Zms } from './zms.ts';

/** Which roles of which domains a run needs. */
export type Wanted = ReadonlyMap<string, ReadonlySet<string>>;

export interface PollOptions {
  readonly zms: Zms;
  readonly wanted: Wanted;
  readonly userDomain: UserDomains;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly progress?: Progress;
}

/**
 * Polls ZMS: the complete list of domains, then the document of each wanted domain, of each domain its roles point at
 * through groups and trusts, and of the groups in trusted roles. Those are three waves at most, as a trust goes one level
 * deep and groups do not nest.
 *
 * A complete list each time, no cursor: only absence from it shows a deletion, and late commits cannot get lost.
 *
 * @returns a snapshot in which every needed domain has its outcome
 * @throws AppError `ZMS_…` when the list itself cannot be read: then nothing is known
 */
export async function poll({ zms, wanted, userDomain, now, progress }: PollOptions): Promise<Snapshot> {
  const takenAt = new Date(now()).toISOString();
  const list = await zms.listDomains();
  const reader = collectReads(openReader({ zms, stamps: list, ...(progress === undefined ? {} : { progress }) }));
  await reader.readAll(wanted.keys());
  const next = new Set<string>();
  const delegations: Delegation[] = [];
  for (const [domain, roles] of wanted) {
    const document = reader.documentOf(domain);
    if (document === undefined) continue;
    const needed = neededBy(document, roles, userDomain);
    for (const name of needed.groups) next.add(name);
    for (const delegation of needed.delegations) {
      next.add(delegation.trust);
      delegations.push(delegation);
    }
  }
  await reader.readAll(next);

  const last = new Set<string>();
  const indexes = new Map<string, TrustIndex>();
  for (const delegation of delegations) {
    const { trust } = delegation;
    const document = reader.documentOf(trust);
    if (document === undefined) continue;
    const index = indexes.get(trust) ?? indexTrust(document);
    indexes.set(trust, index);
    for (const name of neededThrough(document, index, delegation, userDomain)) last.add(name);
  }
  await reader.readAll(last);
  return { takenAt, zmsUrl: zms.url, list: list.all(), domains: reader.reads };
}

/**
 * Takes the second look at domains that the list does not have.
 *
 * @returns the snapshot with each of them confirmed absent, or unknown when ZMS still has it or cannot say
 */
export async function confirmAbsences(zms: Zms, snapshot: Snapshot, names: Iterable<string>): Promise<Snapshot> {
  return { ...snapshot, domains: new Map([...snapshot.domains, ...(await lookAgain(zms, names))]) };
}

/** As `confirmAbsences`, the outcomes alone. */
export async function lookAgain(zms: Zms, names: Iterable<string>): Promise<ReadonlyMap<string, DomainRead>> {
  const limit = pLimit(zms.concurrency);
  const looked = [...names].map((name) => limit(async () => [name, await lookAt(zms, name)] as const));
  return new Map(await Promise.all(looked));
}

async function lookAt(zms: Zms, name: string): Promise<DomainRead> {
  try {
    if (!(await zms.domainExists(name))) return { kind: 'absent', confirmed: true };
    const message = `looking for the domain ${name}: missing from the domain list, but ZMS still has it`;
    return { kind: 'unknown', problem: { code: 'ZMS_STALE', message, next: 'the next run checks again' } };
  } catch (error) {
    return { kind: 'unknown', problem: toProblem(error) };
  }
}

/** With not one document read there is nothing to go by, however complete the list is. @throws AppError `ZMS_NOTHING_READ` */
export function refuseBlindness({ domains }: Pick<Snapshot, 'domains'>): void {
  const reads = [...domains.values()];
  const failed = reads.flatMap((read) => (read.kind === 'unknown' ? [read.problem] : []));
  if (!reads.some((read) => read.kind === 'value')) throwBlind(failed.length, failed[0]);
}

/** @param problem the first, where there is one */
export function throwBlind(failed: number, problem: Problem | undefined): void {
  if (problem === undefined) return;
  const next = problem.next === undefined ? {} : { next: problem.next };
  const message = `none of ${failed} domain documents could be read. ${problem.code}: ${problem.message}`;
  throw new AppError('ZMS_NOTHING_READ', message, next);
}

export interface ReadOptions<D extends DomainDocument> {
  readonly zms: Zms<D>;
  /** Of every domain. */
  readonly stamps: Stamps;
  readonly names: Iterable<string>;
  readonly progress?: Progress;
}

/** Reads the documents of these domains, from the cache where the list says that nothing has changed. */
export async function readDomains<D extends DomainDocument>({
  zms,
  stamps,
  names,
  progress,
}: ReadOptions<D>): Promise<ReadonlyMap<string, DomainRead<D>>> {
  const reader = collectReads(openReader({ zms, stamps, ...(progress === undefined ? {} : { progress }) }));
  await reader.readAll(names);
  return reader.reads;
}

/** Keeps every outcome of a reader. */
function collectReads<D extends DomainDocument>(reader: DomainReader<D>) {
  const reads = new Map<string, DomainRead<D>>();
  return {
    reads,
    documentOf(name: string): D | undefined {
      const outcome = reads.get(name);
      return outcome?.kind === 'value' ? outcome.value : undefined;
    },
    async readAll(names: Iterable<string>): Promise<void> {
      const missing = [...new Set(names)].filter((name) => !reads.has(name)).sort();
      await Promise.all(missing.map(async (name) => void reads.set(name, await reader.read(name))));
    },
  };
}
