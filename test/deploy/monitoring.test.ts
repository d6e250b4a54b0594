import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { projectRoot } from '../support/generated.ts';
import {
  knownMetrics,
  type Panel,
  readAlerts,
  readDashboard,
  rulesTestFile,
  selectedIn,
} from '../support/monitoring.ts';

const alerts = await readAlerts();
const dashboard = await readDashboard();
const onCall = await readFile(join(projectRoot, 'docs/how-to/on-call.md'), 'utf8');

/** Labels by metric. */
const known = new Map(
  (await knownMetrics()).map(({ name, samples }) => [
    name,
    new Set(samples.flatMap(({ labels }) => Object.keys(labels))),
  ]),
);
/** Added by Prometheus. */
const scraped = ['namespace', 'job', 'instance'];

const expressions = [
  ...alerts.map(({ alert, expr }) => [alert, expr] as const),
  ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [`panel ${title}`, expr] as const)),
];
for (const [name, expr] of expressions) {
  test(`${name} asks for metrics that there are: ${expr.replaceAll(/\s+/g, ' ')}`, () => {
    const selected = selectedIn(expr);
    assert.ok(selected.length > 0);
    for (const { metric } of selected) assert.ok(known.has(metric), metric);
    const own = new Set([...scraped, ...selected.flatMap(({ metric }) => [...(known.get(metric) ?? [])])]);
    for (const label of selected.flatMap(({ labels }) => labels)) assert.ok(own.has(label), label);
  });
}

test('each alert says what is wrong, what that means, and how urgent it is', () => {
  for (const { alert, labels, annotations } of alerts) {
    assert.match(alert, /^AthenzGitops[A-Z]/);
    assert.match(labels.severity ?? '', /^(warning|critical)$/, alert);
    assert.match(annotations.summary ?? '', /[^.]$/, alert);
    assert.match(annotations.description ?? '', /\.$/, alert);
  }
});

test('each alert has a row in docs/how-to/on-call.md, and a test that it fires', async () => {
  const names = alerts.map(({ alert }) => alert);
  assert.equal(new Set(names).size, names.length);
  assert.deepEqual(
    [...onCall.matchAll(/^\| `(AthenzGitops\w+)` \|/gm)].map(([, name]) => name),
    names,
  );
  const { tests } = parse(await readFile(rulesTestFile, 'utf8')) as {
    readonly tests: readonly { readonly alert_rule_test: readonly Expected[] }[];
  };
  const all = tests.flatMap(({ alert_rule_test }) => alert_rule_test);
  for (const name of names) {
    const own = all.filter(({ alertname }) => alertname === name);
    assert.ok(
      own.some(({ exp_alerts }) => (exp_alerts ?? []).length > 0),
      `${name} never fires`,
    );
    assert.ok(
      own.some(({ exp_alerts }) => exp_alerts === undefined),
      `${name} always fires`,
    );
  }
});

interface Expected {
  readonly alertname: string;
  readonly exp_alerts?: readonly object[];
}

test('each metric of the documentation is on the dashboard or in an alert, or is of no use there', () => {
  const used = new Set(expressions.flatMap(([, expr]) => selectedIn(expr).map(({ metric }) => metric)));
  const unused = [...known.keys()].filter((name) => !used.has(name));
  assert.deepEqual(unused.sort(), [
    'athenz_gitops_build_info',
    'athenz_gitops_changes',
    'athenz_gitops_next_expiry_timestamp_seconds',
    'athenz_gitops_run_seconds_total',
    'athenz_gitops_watch_last_event_timestamp_seconds',
    'process_start_time_seconds',
  ]);
});

test('the panels of the dashboard neither overlap nor share an id, and its variables are in use', () => {
  const { panels, templating } = dashboard;
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const cells = panels.flatMap(cellsOf);
  assert.equal(new Set(cells).size, cells.length);
  for (const { title, description, targets, gridPos } of panels) {
    assert.match(description, /\.$/, title);
    assert.ok(gridPos.x + gridPos.w <= 24, title);
    assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, title);
  }
  const text = JSON.stringify(panels);
  for (const { name } of templating.list) assert.ok(text.includes(`$${name}`) || text.includes(`\${${name}}`), name);
});

function cellsOf({ gridPos: { x, y, w, h } }: Panel): readonly string[] {
  return Array.from({ length: w * h }, (_, at) => `${x + (at % w)} ${y + Math.floor(at / w)}`);
}
