import type { Plan } from '../../core/plan.ts';
import { type UnitId, unitKey } from '../../core/unit.ts';
import { pluralOf } from '../../model/text.ts';
import type { GeneratorReport, RunReport } from '../run-report.ts';
import { gauge, type Metric, type Sample, seconds } from './metric.ts';

/** What the last run planned, by generator. */
export function generatorMetrics({ generators, failed }: Pick<RunReport, 'generators' | 'failed'>): readonly Metric[] {
  const each = (samples: (it: GeneratorReport) => readonly Sample[]) => generators.flatMap(samples);
  const planned = [
    gauge('athenz_gitops_units', 'Units, such as namespaces, by what the last run found.', each(unitsOf)),
    gauge(
      'athenz_gitops_changes',
      'Changes that the last run planned, by effect: add, remove or modify.',
      each(({ generator: { name: generator }, plan }) =>
        (['add', 'remove', 'modify'] as const).map((effect) => ({
          labels: { generator, effect },
          value: plan.changes.filter((it) => it.effect === effect).length,
        })),
      ),
    ),
    gauge(
      'athenz_gitops_held',
      'Parts that the last run held until a person looks.',
      each(({ generator: { name: generator }, plan: { held, kept } }) => [
        { labels: { generator }, value: held.length, unjudged: unjudgedIn(kept) },
      ]),
    ),
    gauge(
      'athenz_gitops_kept',
      'Parts that stay unchanged because something could not be read.',
      each(({ generator: { name: generator }, plan }) => [{ labels: { generator }, value: plan.kept.length }]),
    ),
    gauge(
      'athenz_gitops_oldest_kept_timestamp_seconds',
      'Since when the oldest of them could not be read; 0: everything could.',
      each(({ generator: { name: generator }, plan }) => {
        const times = plan.kept.map(({ since = plan.at }) => seconds(since));
        return [{ labels: { generator }, value: times.length === 0 ? 0 : times.reduce((a, b) => Math.min(a, b)) }];
      }),
    ),
    gauge(
      'athenz_gitops_next_expiry_timestamp_seconds',
      'When the next grant expires; 0: none does.',
      each(({ generator: { name: generator }, plan: { nextExpiry } }) => [
        { labels: { generator }, value: nextExpiry === undefined ? 0 : seconds(nextExpiry) },
      ]),
    ),
    ...generators.map(weightMetrics),
  ];
  const silent = failed.map(({ generator }) => generator);
  const unplanned = [
    ...generators.map(({ generator: { name } }) => ({ labels: { generator: name }, value: 0 })),
    ...silent.map((generator) => ({ labels: { generator }, value: 1 })),
  ];
  return [
    ...planned.map((it) => ({ ...it, silent })),
    gauge('athenz_gitops_unplanned', 'Whether the last run could not plan a generator at all.', unplanned),
  ];
}

/** How many parts could not be read, of which any may be held. Where an inventory is incomplete, nobody knows how many. */
function unjudgedIn(kept: Plan['kept']): number {
  const isWhole = kept.some(({ namespace, name }) => namespace === undefined && name === undefined);
  return isWhole ? Number.POSITIVE_INFINITY : kept.length;
}

/** Each unit once, so that the sum is that of all units: held before unread before changed. */
function unitsOf({ generator: { name: generator }, plan }: GeneratorReport): readonly Sample[] {
  return plan.totals.flatMap(({ cluster, units }) => {
    const held = keysIn(plan.held, cluster);
    const kept = keysIn(plan.kept, cluster, held);
    const changed = keysIn(plan.files, cluster, held.union(kept));
    const found = { held: held.size, kept: kept.size, changed: changed.size };
    const unchanged = Math.max(0, units - held.size - kept.size - changed.size);
    return Object.entries({ ...found, unchanged }).map(([outcome, value]) => ({
      labels: { generator, cluster, outcome },
      value,
    }));
  });
}

function keysIn(all: readonly UnitId[], cluster: string, except: ReadonlySet<string> = new Set()): ReadonlySet<string> {
  const own = all.filter((it) => it.cluster === cluster && (it.namespace !== undefined || it.name !== undefined));
  return new Set(own.map(unitKey).filter((key) => !except.has(key)));
}

/** Named after what limits count: `athenz_gitops_grants`, `athenz_gitops_copies`. */
function weightMetrics({ generator: { words }, plan }: GeneratorReport): Metric {
  const noun = pluralOf(words.nouns.weight).replaceAll(/[^a-z]/g, '_');
  return gauge(
    `athenz_gitops_${noun}`,
    'In git at the base branch, and once everything proposed is merged.',
    totals(plan),
  );
}

function totals({ totals }: Plan): readonly Sample[] {
  return totals.flatMap(({ cluster, before, after }) => [
    { labels: { cluster, tree: 'base' }, value: before },
    { labels: { cluster, tree: 'proposed' }, value: after },
  ]);
}
