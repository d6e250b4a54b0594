import { Counter, Gauge, Registry } from 'prom-client';
import type { Metric } from './metric.ts';

/**
 * Metrics in the text format of Prometheus. Counters go on from what was written before; so does everything that this run says
 * nothing about, such as the last success after a failure.
 *
 * @param before what `exposition` gave for the runs before; anything else counts as nothing
 */
export async function exposition(metrics: readonly Metric[], before = ''): Promise<string> {
  const registry = new Registry();
  const earlier = readMetrics(before);
  const now = new Map(metrics.map((it) => [it.name, it]));
  for (const metric of [...metrics, ...earlier.filter(({ name }) => !now.has(name))]) {
    const was = now.has(metric.name) ? (earlier.find(({ name }) => name === metric.name)?.samples ?? []) : [];
    if (metric.kind === 'counter') register(registry, metric, was);
    else register(registry, { ...metric, samples: gauged(metric, was) });
  }
  return registry.metrics();
}

/** The samples of a gauge, with what stays of those before. */
function gauged({ samples, silent = [] }: Metric, was: Metric['samples']): Metric['samples'] {
  const now = samples.map(({ labels, value, unjudged = 0 }) => {
    const before = unjudged === 0 ? undefined : was.find((it) => sameLabels(it.labels, labels));
    return { labels, value: Math.max(value, Math.min(before?.value ?? 0, value + unjudged)) };
  });
  return [...now, ...was.filter(({ labels: { generator = '' } }) => silent.includes(generator))];
}

function sameLabels(one: Metric['samples'][number]['labels'], other: typeof one): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

/** @param added samples of the same counter, of runs before */
function register(registry: Registry, metric: Metric, added: Metric['samples'] = []): void {
  const { name, help, kind, samples } = metric;
  const all = [...samples, ...added];
  const labelNames = [...new Set(all.flatMap(({ labels }) => Object.keys(labels)))];
  if (kind === 'gauge') {
    const gauge = new Gauge({ name, help, labelNames, registers: [registry] });
    for (const { labels, value } of samples) gauge.set(labels, value);
    return;
  }
  const counter = new Counter({ name, help, labelNames, registers: [registry] });
  for (const { labels, value } of all) counter.inc(labels, value);
}

/** A value may hold anything but a line feed: `s`, as U+2028 and a carriage return end no line here. */
const line = /^([a-z_]+)(?:\{(.*)\})? ([0-9.e+]+)$/s;

/** Reads back what `exposition` wrote. Each line is whole or not there: what is none is left out. */
export function readMetrics(text: string): readonly Metric[] {
  const all = new Map<string, { help: string; kind: Metric['kind']; samples: Metric['samples'][number][] }>();
  for (const it of text.split('\n')) {
    const [, help = '', words = ''] = /^# HELP (athenz_[a-z_]+) (.*)$/.exec(it) ?? [];
    if (help !== '') all.set(help, { help: words, kind: 'gauge', samples: [] });
    const [, typed = ''] = /^# TYPE (athenz_[a-z_]+) counter$/.exec(it) ?? [];
    const counted = all.get(typed);
    if (counted !== undefined) counted.kind = 'counter';
    const [, name = '', labels = '', value = ''] = line.exec(it) ?? [];
    if (Number.isFinite(Number(value)) && value !== '') {
      all.get(name)?.samples.push({ labels: labelsIn(labels), value: Number(value) });
    }
  }
  return [...all].flatMap(([name, it]) => (it.samples.length === 0 ? [] : [{ name, ...it }]));
}

/** `a="1",b="2"`; a quote, a backslash and a line break in a value are escaped. */
function labelsIn(text: string): Readonly<Record<string, string>> {
  const pairs = text.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/gs);
  return Object.fromEntries([...pairs].map(([, name = '', value = '']) => [name, unescaped(value)]));
}

function unescaped(value: string): string {
  return value.replaceAll(/\\(.)/gs, (_, it: string) => (it === 'n' ? '\n' : it));
}
