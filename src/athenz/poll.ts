import pLimit from 'p-limit';
import { type DomainDocument, type DomainStamp, isDomainName, roleName } from '../model/domain.ts';
import { type Problem, toProblem } from '../model/error.ts';
import { parsePrincipal, type UserDomains } from '../model/principal.ts';
import type { DomainRead, Snapshot } from '../model/snapshot.ts';
import { isOutage, patience } from '../model/transient.ts';
import { indexTrust, type TrustIndex } from '../model/trust.ts';
import type { Zms } from './zms.ts';

/** Which roles of which domains a run needs. */
export type Wanted = ReadonlyMap<string, ReadonlySet<string>>;

export interface PollOptions {
  readonly zms: Zms;
  readonly wanted: Wanted;
  readonly userDomain: UserDomains;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told after each document: how many are read, of how many known to be needed so far. */
  readonly progress?: (done: number, total: number) => void;
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
  const reader = createReader(zms, list, progress);
  const groupDomains = (document: DomainDocument, roles: ReadonlySet<string>) =>
    document.roles
      .filter((role) => roles.has(role.name))
      .flatMap((role) => role.members)
      .map((member) => parsePrincipal(member.name, userDomain))
      .flatMap((principal) => (principal.kind === 'group' ? [principal.domain] : []));

  await reader.readAll(wanted.keys());
  const next = new Set<string>();
  const delegations: { readonly trust: string; readonly resource: string }[] = [];
  for (const [domain, roles] of wanted) {
    const document = reader.documentOf(domain);
    if (document === undefined) continue;
    for (const name of groupDomains(document, roles)) next.add(name);
    for (const { name, trust } of document.roles) {
      if (trust === undefined || !roles.has(name)) continue;
      next.add(trust);
      delegations.push({ trust, resource: roleName(domain, name) });
    }
  }
  await reader.readAll(next);

  const last = new Set<string>();
  const indexes = new Map<string, TrustIndex>();
  for (const { trust, resource } of delegations) {
    const document = reader.documentOf(trust);
    if (document === undefined) continue;
    const index = indexes.get(trust) ?? indexTrust(document);
    indexes.set(trust, index);
    for (const name of groupDomains(document, new Set(index(resource)))) last.add(name);
  }
  await reader.readAll(last);
  return { takenAt, zmsUrl: zms.url, list, domains: reader.reads };
}

/**
 * Takes the second look at domains that the list does not have.
 *
 * @returns the snapshot with each of them confirmed absent, or unknown when ZMS still has it or cannot say
 */
export async function confirmAbsences(zms: Zms, snapshot: Snapshot, names: Iterable<string>): Promise<Snapshot> {
  const limit = pLimit(zms.concurrency);
  const looked = await Promise.all(
    [...names].map((name) => limit(async () => [name, await lookAgain(zms, name)] as const)),
  );
  return { ...snapshot, domains: new Map([...snapshot.domains, ...looked]) };
}

async function lookAgain(zms: Zms, name: string): Promise<DomainRead> {
  try {
    if (!(await zms.domainExists(name))) return { kind: 'absent', confirmed: true };
    const message = `looking for the domain ${name}: missing from the domain list, but ZMS still has it`;
    return { kind: 'unknown', problem: { code: 'ZMS_STALE', message, next: 'the next run checks again' } };
  } catch (error) {
    return { kind: 'unknown', problem: toProblem(error) };
  }
}

function notTried(name: string): Problem {
  const message = `reading the document of ${name}: skipped: the last ${patience} reads failed`;
  return { code: 'ZMS_UNAVAILABLE', message, next: 'try again when ZMS is available' };
}

export interface ReadOptions<D extends DomainDocument> {
  readonly zms: Zms<D>;
  /** Complete. */
  readonly list: readonly DomainStamp[];
  readonly names: Iterable<string>;
  readonly progress?: PollOptions['progress'];
}

/** Reads the documents of these domains, from the cache where the list says that nothing has changed. */
export async function readDomains<D extends DomainDocument>({
  zms,
  list,
  names,
  progress,
}: ReadOptions<D>): Promise<ReadonlyMap<string, DomainRead<D>>> {
  const reader = createReader(zms, list, progress);
  await reader.readAll(names);
  return reader.reads;
}

function createReader<D extends DomainDocument>(
  zms: Zms<D>,
  list: readonly DomainStamp[],
  progress: PollOptions['progress'],
) {
  const stamps = new Map(list.map((stamp) => [stamp.name, stamp.modified]));
  const reads = new Map<string, DomainRead<D>>();
  // No more are begun than can be under way, so that the failures of those before them are known.
  const limit = pLimit(zms.concurrency);
  let failures = 0;
  let done = 0;
  let total = 0;

  async function read(name: string, modified: string): Promise<DomainRead<D>> {
    try {
      const cached = await zms.cachedDocument(name, modified);
      if (cached !== undefined) return { kind: 'value', value: cached };
      if (failures >= patience) return { kind: 'unknown', problem: notTried(name) };
      const document = await zms.domainDocument(name, modified);
      failures = 0;
      return { kind: 'value', value: document };
    } catch (error) {
      const problem = toProblem(error);
      failures = isOutage(problem.code) ? failures + 1 : 0;
      return { kind: 'unknown', problem };
    } finally {
      progress?.(++done, total);
    }
  }

  return {
    reads,
    documentOf(name: string): D | undefined {
      const outcome = reads.get(name);
      return outcome?.kind === 'value' ? outcome.value : undefined;
    },
    async readAll(names: Iterable<string>): Promise<void> {
      const pending: Promise<void>[] = [];
      for (const name of [...names].sort()) {
        if (reads.has(name)) continue;
        const modified = stamps.get(name);
        if (modified === undefined) {
          // A name that no domain can have needs no second look, which ZMS would answer with 400 for ever.
          reads.set(name, { kind: 'absent', confirmed: !isDomainName(name) });
        } else {
          total++;
          pending.push(limit(read, name, modified).then((outcome) => void reads.set(name, outcome)));
        }
      }
      await Promise.all(pending);
    },
  };
}
