import { count, type Show, shortTime } from '../model/text.ts';
import type { Alert, RunReport } from './run-report.ts';

/** What has lasted longer than it may; milliseconds, `null`: for ever. */
export interface AlertAges {
  /** That something could not be read. */
  readonly unread: number | null;
  /** That a removal waits to be merged. */
  readonly removals: number | null;
}

/**
 * What is too old.
 *
 * @param now milliseconds since the epoch
 */
export function alertsOf(
  { generators, proposals }: Pick<RunReport, 'generators' | 'proposals'>,
  ages: AlertAges,
  now: number,
): readonly Alert[] {
  const isOld = (since: string, age: number | null) => age !== null && now - Date.parse(since) >= age;
  const unread = generators.flatMap(({ generator: { name: generator }, plan }): Alert[] => {
    const old = plan.kept.flatMap(({ since }) => (since !== undefined && isOld(since, ages.unread) ? [since] : []));
    const [since] = old.toSorted();
    return since === undefined ? [] : [{ kind: 'unread', generator, parts: old.length, since }];
  });
  const removals = proposals.flatMap(({ generator, scope, removalsSince: since }): Alert[] =>
    since !== undefined && isOld(since, ages.removals) ? [{ kind: 'removal', generator, scope, since }] : [],
  );
  return [...unread, ...removals];
}

/** A sentence each, without a dot. */
export function describeAlert({ kind, scope = '', parts = 0, since }: Alert, show: Show): string {
  const time = shortTime(since);
  return kind === 'unread'
    ? `${count(parts, 'part')} could not be read since ${time}: what Athenz says of ${parts === 1 ? 'it' : 'them'} is not in git`
    : `removals of ${show(scope)} wait to be merged since ${time}: until then that access stands`;
}
