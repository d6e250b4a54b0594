import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SourceState } from '../../src/core/generator.ts';
import type { Plan } from '../../src/core/plan.ts';
import { exposition, readMetrics } from '../../src/report/metrics/exposition.ts';
import type { Metric } from '../../src/report/metrics/metric.ts';
import { type MeteredRun, runMetrics } from '../../src/report/metrics/run.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { assertGolden } from '../support/golden.ts';
import { trials } from '../support/properties.ts';
import { reportOf } from '../support/proposal.ts';

const began = Date.parse('2026-11-28T12:00:00Z');

function run(told: Partial<MeteredRun> = {}): MeteredRun {
  return { began, ended: began + 2500, version: '1.2.3', exitCode: 0, report: reported(), ...told };
}

/** A run that has something of everything to tell. */
function reported(): RunReport {
  const problem = { code: 'ZMS_TIMEOUT', message: 'no response' } as const;
  const held = {
    cluster: 'prod',
    namespace: 'checkout',
    code: 'LIMIT_REMOVED_GRANTS',
    message: 'too many',
    next: 'approve',
    changes: [],
  } as const;
  const report = reportOf([], {
    kept: [{ cluster: 'prod', namespace: 'search', part: 'k8s_ns_admins', problem }],
    held: [held],
    files: [{ cluster: 'prod', namespace: 'labs', path: 'output/prod/labs/rbac.yaml', before: 'a' }],
    totals: [{ cluster: 'prod', units: 60, before: 100, after: 98 }],
    nextExpiry: '2026-12-01T00:00:00.000Z',
    proposals: [
      { generator: 'rbac', scope: 'prod', branch: 'b', action: 'create', removalsSince: '2026-11-20T00:00:00Z' },
      { generator: 'rbac', scope: 'dev', branch: 'c', action: 'declined', removalsSince: '2026-11-02T00:00:00Z' },
      { generator: 'rbac', scope: 'qa', branch: 'd', action: 'none' },
    ],
  });
  const [first] = report.generators;
  return { ...report, generators: [{ ...first, sources: first.sources.map(withTraffic) }] };
}

function withTraffic(source: SourceState): SourceState {
  return {
    ...source,
    traffic: {
      responses: [
        { endpoint: 'document', status: '200', count: 8 },
        { endpoint: 'document', status: '503', count: 2 },
        { endpoint: 'document', status: 'timeout', count: 1 },
        { endpoint: 'domain', status: '404', count: 3 },
        { endpoint: 'domain_list', status: '200', count: 1 },
      ],
      retries: 3,
      cached: 20,
      recalled: 40,
      isDown: false,
      credentialExpires: '2027-01-01T00:00:00.000Z',
    },
  };
}

test('a clock that is set back during a run breaks no counter', async () => {
  const text = await exposition(runMetrics(run({ ended: began - 3_600_000 })));
  assert.match(text, /^athenz_gitops_run_seconds_total 0$/m);
});

test('the metrics of a run, in the text format of Prometheus', async () => {
  await assertGolden('metrics.prom', await exposition(runMetrics(run())));
});

test('counters add up over runs, and gauges are those of the last one', async () => {
  const first = await exposition(runMetrics(run()));
  const second = await exposition(runMetrics(run({ began: began + 60_000, ended: began + 61_000 })), first);
  assert.match(second, /^athenz_gitops_runs_total\{exit_code="0"\} 2$/m);
  assert.match(second, /^athenz_gitops_run_seconds_total 3\.5$/m);
  assert.match(second, /^athenz_api_errors_total\{source="zms",endpoint="document"\} 6$/m);
  assert.match(second, /^athenz_sync_duration_seconds 1$/m);
  assert.match(second, /^athenz_gitops_units\{.*outcome="unchanged"\} 57$/m);
});

test('a run during which the clock was set back takes nothing off a counter', async () => {
  const first = await exposition(runMetrics(run()));
  const second = await exposition(runMetrics(run({ began, ended: began - 3_600_000 })), first);
  assert.match(second, /^athenz_gitops_run_seconds_total 2\.5$/m);
  assert.match(second, /^athenz_sync_duration_seconds 0$/m);
});

test('a failed run keeps what it says nothing about, the last success too', async () => {
  const first = await exposition(runMetrics(run()));
  const { report: _, ...failed } = run({ exitCode: 1, began: began + 60_000, ended: began + 61_000 });
  const second = await exposition(runMetrics(failed), first);
  const success = /^athenz_gitops_last_success_timestamp_seconds (\d+(\.\d+)?)$/m;
  assert.equal(success.exec(second)?.[1], success.exec(first)?.[1]);
  assert.match(second, /^athenz_gitops_last_run_exit_code 1$/m);
  assert.match(second, /^athenz_gitops_runs_total\{exit_code="0"\} 1$/m);
  assert.match(second, /^athenz_gitops_runs_total\{exit_code="1"\} 1$/m);
  assert.match(second, /^athenz_gitops_grants\{cluster="prod",tree="base"\} 100$/m);
});

/** The run of `reported`, held parts and unread ones as given. */
function held(parts: number, kept: Plan['kept'] = [], before = ''): Promise<string> {
  const { generators, ...report } = reported();
  const [{ plan, ...first }] = generators;
  const [one] = plan.held;
  assert.ok(one);
  const told = {
    ...report,
    generators: [{ ...first, plan: { ...plan, held: Array(parts).fill(one), kept } }] as const,
  };
  return exposition(runMetrics(run({ report: told })), before);
}

const unread = { cluster: 'prod', problem: { code: 'ZMS_TIMEOUT', message: 'no response' } } as const;
const part = { ...unread, namespace: 'search', part: 'k8s_ns_admins' };
for (const [what, now, kept, expected] of [
  ['nothing is unread', 0, [], 0],
  ['a part that may be held is unread', 0, [part], 1],
  ['two are, and one more is held', 1, [part, part], 3],
  ['more is held than before', 7, [part], 7],
  ['an inventory is incomplete', 1, [unread], 5],
] as const) {
  test(`5 held parts are ${expected} after a run that holds ${now} where ${what}`, async () => {
    const text = await held(now, kept, await held(5));
    assert.match(text, new RegExp(`^athenz_gitops_held\\{generator="rbac"\\} ${expected}$`, 'm'));
  });
}

test('a generator that could not be planned keeps what was said of it', async () => {
  const [first] = reported().generators;
  const { words } = first.generator;
  const nouns = { ...words.nouns, weight: 'copy' };
  const copies = { ...first, generator: { ...first.generator, name: 'copies', words: { ...words, nouns } } };
  const before = await exposition(runMetrics(run({ report: { ...reported(), generators: [first, copies] } })));
  const problem = { code: 'GIT_FAILED', message: 'broken' } as const;
  const report = { ...reported(), failed: [{ generator: 'copies', problem }] };
  const text = await exposition(runMetrics(run({ report })), before);
  const lines = (all: string, pattern: RegExp) => all.split('\n').filter((it) => pattern.test(it));
  const told = /^athenz_gitops_(held|kept|proposals|units).*generator="copies"/;
  assert.ok(lines(before, told).length > 3);
  assert.deepEqual(lines(text, told), lines(before, told));
  assert.deepEqual(lines(text, /^athenz_gitops_unplanned/), [
    'athenz_gitops_unplanned{generator="rbac"} 0',
    'athenz_gitops_unplanned{generator="copies"} 1',
  ]);
  assert.match(await exposition(runMetrics(run()), text), /^athenz_gitops_held\{generator="rbac"\} 1$\n\n/m);
});

for (const [exitCode, succeeded] of [
  [0, true],
  [3, true],
  [4, true],
  [1, false],
] as const) {
  test(`a run with exit code ${exitCode} ${succeeded ? 'counts' : 'does not count'} as the last success`, async () => {
    const text = await exposition(runMetrics(run({ exitCode })));
    assert.equal(text.includes('\nathenz_gitops_last_success_timestamp_seconds '), succeeded);
  });
}

test('no metric has a label with many values', () => {
  const allowed =
    /^(action|cluster|code|effect|endpoint|exit_code|generator|origin|outcome|source|status|tree|version)$/;
  for (const { name, samples } of runMetrics(run())) {
    for (const { labels } of samples)
      for (const label of Object.keys(labels)) assert.match(label, allowed, `${name} ${label}`);
  }
});

const name = fc.stringMatching(/^athenz_[a-z]{1,8}$/);
const labels = fc.dictionary(fc.constantFrom('cluster', 'code'), fc.string({ unit: 'binary' }), { maxKeys: 2 });
const metric: fc.Arbitrary<Metric> = fc.record({
  name,
  help: fc.stringMatching(/^[A-Za-z ,.;:]{1,40}$/).map((it) => it.trim() || 'x'),
  kind: fc.constantFrom('gauge', 'counter'),
  samples: fc.uniqueArray(fc.record({ labels, value: fc.nat() }), {
    minLength: 1,
    maxLength: 4,
    selector: (it) => JSON.stringify(Object.entries(it.labels).sort()),
  }),
});

test('what is written is read back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(metric, { maxLength: 4, selector: (it) => it.name }), async (metrics) => {
      const text = await exposition(metrics);
      assert.deepEqual(sorted(readMetrics(text)), sorted(metrics));
      // A gauge stays, and a counter that nothing is added to.
      assert.equal(await exposition([], text), text);
    }),
    { numRuns: trials(100) },
  );
});

test('a file that is no metrics counts as nothing', async () => {
  const text = await exposition(runMetrics(run()));
  for (const before of ['', 'not metrics', '# HELP x', 'athenz_gitops_runs_total NaN\n', '{"a": 1}'])
    assert.equal(await exposition(runMetrics(run()), before), text);
});

function sorted(metrics: readonly Metric[]): readonly string[] {
  return metrics
    .flatMap(({ name, help, kind, samples }) =>
      samples.map(({ labels, value }) => JSON.stringify([name, help, kind, Object.entries(labels).sort(), value])),
    )
    .sort();
}
