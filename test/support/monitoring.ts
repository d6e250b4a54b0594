import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readMetrics } from '../../src/report/metrics/exposition.ts';
import type { Metric } from '../../src/report/metrics/metric.ts';
import { loopMetrics } from '../../src/report/metrics/watch.ts';
import { projectRoot } from './generated.ts';
import { deployFolder } from './manifests.ts';

/** An alert of `deploy/prometheus/rules.yaml`. */
export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity?: string };
  readonly annotations: { readonly summary?: string; readonly description?: string };
}

export const rulesFile = join(deployFolder, 'prometheus', 'rules.yaml');
export const rulesTestFile = join(deployFolder, 'prometheus', 'rules.test.yaml');

export async function readAlerts(): Promise<readonly Alert[]> {
  const { groups } = parse(await readFile(rulesFile, 'utf8')) as { readonly groups: readonly { rules: Alert[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

/** A panel of `deploy/grafana/dashboard.json`. */
export interface Panel {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly refId: string; readonly expr: string }[];
}

interface Dashboard {
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string }[] };
  readonly panels: readonly Panel[];
}

export async function readDashboard(): Promise<Dashboard> {
  return JSON.parse(await readFile(join(deployFolder, 'grafana', 'dashboard.json'), 'utf8')) as Dashboard;
}

/** A metric that an expression selects, with the labels that it asks for or keeps. */
export interface Selected {
  readonly metric: string;
  /** Labels of its selector, and those by which an expression groups. */
  readonly labels: readonly string[];
}

/** What a PromQL expression selects. Not a parser: it knows the few ways in which ours are written. */
export function selectedIn(expr: string): readonly Selected[] {
  const grouped = [...expr.matchAll(/\bby \(([a-z_, ]+)\)/g)].flatMap(([, names = '']) => names.split(/, */));
  return [...expr.matchAll(/\b((?:athenz|process)_[a-z_]+)(?:\{([^}]*)\})?/g)].map(
    ([, metric = '', selector = '']) => ({
      metric,
      labels: [...grouped, ...[...selector.matchAll(/([a-z_]+)=/g)].map(([, name = '']) => name)],
    }),
  );
}

/** All metrics: of a run that has something of everything to tell, and of a loop. */
export async function knownMetrics(): Promise<readonly Metric[]> {
  const watch = { cluster: 'prod', kind: 'Service', open: 1, lost: 0, restarts: 0, events: 0, lastEventAt: undefined };
  return [
    ...readMetrics(await readFile(join(projectRoot, 'test/data/report/metrics.prom'), 'utf8')),
    ...loopMetrics({
      queue: { depth: 0, oldest: undefined, retries: 0 },
      isLeader: true,
      startedAt: 0,
      memory: 0,
      watches: [watch],
    }),
  ];
}
