import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstat, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { readMetrics } from '../../src/report/metrics/exposition.ts';
import { openFixture } from '../support/fixture.ts';
import { gitEnv } from '../support/repository.ts';

// --metrics-file and --pushgateway: told after each run, however it ends; never what a run fails at.

/** The sum of a metric's samples with these labels. */
function sumOf(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const metric = readMetrics(text).find((it) => it.name === name);
  const own = metric?.samples.filter((it) => Object.entries(labels).every(([key, value]) => it.labels[key] === value));
  return own?.reduce((sum, { value }) => sum + value, 0);
}

test('a metrics file adds up over runs, and a failed run is in it', async () => {
  await using fixture = await openFixture({ cached: true });
  const args = ['sync', '--metrics-file', 'metrics/athenz.prom'];
  const read = () => readFile(join(fixture.dir, 'metrics/athenz.prom'), 'utf8');
  await fixture.expect(0, args);
  const first = await read();
  const documents = { endpoint: 'document', status: '200' };
  assert.equal(sumOf(first, 'athenz_gitops_requests_total', documents), 7);
  assert.equal(sumOf(first, 'athenz_gitops_units', { outcome: 'changed' }), 6);
  assert.ok((sumOf(first, 'athenz_gitops_certificate_expiry_timestamp_seconds') ?? 0) > Date.now() / 1000);
  assert.equal(sumOf(first, 'athenz_gitops_proposals', { action: 'create' }), 1);

  await fixture.expect(0, args);
  const second = await read();
  assert.equal(sumOf(second, 'athenz_gitops_requests_total', documents), 7);
  assert.equal(sumOf(second, 'athenz_gitops_requests_total', { endpoint: 'domain_list' }), 2);
  assert.equal(sumOf(second, 'athenz_gitops_reads_total', { origin: 'memo' }), 7);
  assert.equal(sumOf(second, 'athenz_gitops_runs_total', { exit_code: '0' }), 2);

  fixture.sandbox.intercept(() => ({ kind: 'status', status: 503, body: '', contentType: 'text/plain' }));
  await fixture.expect(1, args);
  const third = await read();
  assert.equal(sumOf(third, 'athenz_gitops_runs_total', { exit_code: '1' }), 1);
  const success = 'athenz_gitops_last_success_timestamp_seconds';
  assert.equal(sumOf(third, success), sumOf(second, success));
  assert.deepEqual(await readdir(join(fixture.dir, 'metrics')), ['athenz.prom']);
});

test('a usage error is counted too, and a file that cannot be written is a warning', async () => {
  await using fixture = await openFixture();
  await fixture.expect(2, ['sync', '--config', 'nowhere.yaml', '--metrics-file', 'athenz.prom']);
  const text = await readFile(join(fixture.dir, 'athenz.prom'), 'utf8');
  assert.equal(sumOf(text, 'athenz_gitops_runs_total', { exit_code: '2' }), 1);
  const { err } = await fixture.expect(0, ['sync', '--metrics-file', 'athenz-gitops.yaml/athenz.prom']);
  assert.match(err, /^warning: writing the metrics to athenz-gitops\.yaml\/athenz\.prom: |^warn: writing the metrics/m);
});

test('what is no file of metrics is not replaced by them', async () => {
  await using fixture = await openFixture();
  const config = await readFile(fixture.paths.config, 'utf8');
  const refused = async (file: string) => {
    const { err } = await fixture.expect(0, ['sync', '--metrics-file', file]);
    assert.ok(err.includes(`warn: writing the metrics to ${file}: `), err);
  };
  await refused('athenz-gitops.yaml');
  assert.equal(await readFile(fixture.paths.config, 'utf8'), config);
  const fifo = join(fixture.dir, 'fifo');
  execFileSync('mkfifo', [fifo]);
  await refused(fifo);
  assert.ok((await lstat(fifo)).isFIFO());
  const empty = join(fixture.dir, 'empty.prom');
  await writeFile(empty, '\n');
  await fixture.expect(0, ['sync', '--metrics-file', empty]);
  assert.equal(sumOf(await readFile(empty, 'utf8'), 'athenz_gitops_runs_total'), 1);
});

test('metrics are pushed to a Pushgateway, whose refusal is a warning', async () => {
  await using fixture = await openFixture();
  const seen: { readonly method: string; readonly url: string; readonly body: string }[] = [];
  let status = 200;
  const server = createServer(async (request, response) => {
    seen.push({ method: `${request.method}`, url: `${request.url}`, body: (await request.toArray()).join('') });
    response.writeHead(status).end('no room');
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  try {
    const { port } = server.address() as { port: number };
    const args = ['sync', '--pushgateway', `http://127.0.0.1:${port}/`];
    await fixture.expect(0, args, { env: gitEnv });
    status = 507;
    const { err } = await fixture.expect(0, args, { env: gitEnv });
    assert.match(err, /pushing the metrics to 127\.0\.0\.1:\d+: 507 no room/);
    assert.deepEqual(
      seen.map(({ method, url }) => [method, url]),
      Array(2).fill(['POST', '/metrics/job/athenz-gitops']),
    );
    assert.equal(sumOf(seen[0]?.body ?? '', 'athenz_gitops_runs_total'), 1);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('a Pushgateway has to be a URL', async () => {
  await using fixture = await openFixture();
  const { err } = await fixture.expect(2, ['sync', '--pushgateway', 'pushgateway:9091']);
  assert.match(err, /Give a URL such as http:\/\/pushgateway:9091/);
});
