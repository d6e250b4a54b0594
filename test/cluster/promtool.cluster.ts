import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { before, test } from 'node:test';
import { request } from 'undici';
import { openFixture } from '../support/fixture.ts';
import { makeFolder } from '../support/folder.ts';
import { projectRoot } from '../support/generated.ts';
import { readDashboard, rulesFile, rulesTestFile } from '../support/monitoring.ts';
import { gitEnv } from '../support/repository.ts';
import { findPackaged } from './server/packaged.ts';

// What Prometheus' own tool says of the metrics, rules and dashboard. It needs no cluster: node --test runs this file alone.

let path = '';
before(async () => {
  await using folder = await makeFolder();
  const { signal } = new AbortController();
  ({ path } = await findPackaged('promtool', 'prometheus', { dir: folder.dir, signal }));
});

/** Runs it; what it says where it finds something wrong. */
async function promtool(args: readonly string[], input = ''): Promise<string> {
  const child = spawn(path, args, { stdio: 'pipe' });
  child.stdin.end(input);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return code === 0 && err === '' ? '' : `${out}${err}exit code ${code}`;
}

test('promtool accepts the metrics of a run', async () => {
  const metrics = await readFile(join(projectRoot, 'test/data/report/metrics.prom'), 'utf8');
  assert.equal(await promtool(['check', 'metrics'], metrics), '');
  assert.match(await promtool(['check', 'metrics'], `${metrics}\n# TYPE a counter\na 1\n`), /"_total" suffix/);
});

test('promtool accepts what watch gives before and after its first run', async () => {
  await using fixture = await openFixture({ cached: true });
  const controller = new AbortController();
  const scraped: string[] = [];
  let url = '';
  const scrape = async () => {
    const { body } = await request(`${url}/metrics`);
    scraped.push(await body.text());
  };
  let first: Promise<void> | undefined;
  const { code, err } = await fixture.run(['watch', '--listen', '127.0.0.1:0', '--poll', 'off'], {
    env: gitEnv,
    stop: () => controller.signal,
    heard(line) {
      url = /probes and metrics at (\S+)/.exec(line)?.[1] ?? url;
      if (url !== '') first ??= scrape();
    },
    clock: {
      now: () => Date.now(),
      async sleep(_, signal) {
        // Without a signal it is a try of a read that waits for the next one.
        if (signal === undefined) return;
        await first;
        await scrape();
        controller.abort('SIGTERM');
      },
    },
  });
  assert.equal(code, 0, err);
  assert.match(scraped[1] ?? '', /^athenz_gitops_last_success_timestamp_seconds \d/m);
  for (const metrics of scraped) assert.equal(await promtool(['check', 'metrics'], metrics), '');
});

test('promtool accepts the rules, and each alert fires when it should', async () => {
  assert.equal(await promtool(['check', 'rules', rulesFile]), '');
  assert.equal(await promtool(['test', 'rules', rulesTestFile]), '');
});

test('promtool accepts the expressions of the dashboard', async () => {
  await using folder = await makeFolder();
  const { panels } = await readDashboard();
  const rules = panels.flatMap(({ id, targets }) =>
    targets.map(({ refId, expr }) => ({ record: `panel_${id}_${refId}`, expr: expr.replaceAll('$job', 'a|b') })),
  );
  const check = async (all: typeof rules) => {
    await writeFile(join(folder.dir, 'rules.yaml'), JSON.stringify({ groups: [{ name: 'panels', rules: all }] }));
    return promtool(['check', 'rules', join(folder.dir, 'rules.yaml')]);
  };
  assert.equal(await check(rules), '');
  assert.match(await check([...rules, { record: 'panel', expr: 'sum by a (b)' }]), /parse error|unexpected/);
});
