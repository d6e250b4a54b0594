import { throwBlind } from '../../athenz/poll.ts';
import type { Problem } from '../../model/error.ts';
import type { DomainRead } from '../../model/snapshot.ts';
import { numberTexts } from '../../model/text-numbers.ts';
import type { Conditions } from './remembered.ts';
import type { AthenzSource } from './source.ts';

/** Reads of domains, and how they ended. */
export function trackReads(source: Pick<AthenzSource, 'read'>, recording: boolean) {
  const domains = numberTexts();
  /** By the domain's number. */
  const kinds: DomainRead['kind'][] = [];
  const corrected = new Map<string, DomainRead>();
  const recorded = new Map<string, DomainRead>();
  let problem: Problem | undefined;
  /** Whether an earlier run has told what comes of it. */
  const isRecalled: boolean[] = [];
  const keep = (domain: string, outcome: DomainRead) => {
    kinds[domains.add(domain)] = outcome.kind;
    if (outcome.kind === 'unknown') problem ??= outcome.problem;
    if (recording) recorded.set(domain, outcome);
    return outcome;
  };
  const amountOf = (kind: DomainRead['kind']) => kinds.filter((it) => it === kind).length;
  return {
    recorded,
    read: async (domain: string) => keep(domain, corrected.get(domain) ?? (await source.read(domain))),
    /** What did not have to be read, as it is known what comes of it. */
    recall(needs: Conditions['needs']) {
      for (const [domain, modified] of needs) {
        const number = domains.add(domain);
        kinds[number] ??= modified === null ? 'absent' : 'value';
        if (modified !== null) isRecalled[number] = true;
      }
    },
    has: (domain: string) => domains.find(domain) !== undefined,
    get recalled() {
      return isRecalled.filter(Boolean).length;
    },
    /** What a second look has shown. */
    correct(domain: string, outcome: DomainRead) {
      corrected.set(domain, outcome);
      keep(domain, outcome);
    },
    counts: () => ({ needed: domains.size, read: amountOf('value'), unknown: amountOf('unknown') }),
    /** With not one document read there is nothing to go by. @throws AppError `ZMS_NOTHING_READ` */
    refuseNone() {
      if (amountOf('value') === 0) throwBlind(amountOf('unknown'), problem);
    },
  };
}
