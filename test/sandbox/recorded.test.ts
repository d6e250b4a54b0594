import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createAuthority } from '../../src/sandbox/authority.ts';
import { openSandbox } from '../support/authority.ts';
import { call } from './client.ts';
import { comparable } from './comparable.ts';
import { readExchange, recordings, resend, sandboxAfter } from './exchange.ts';
import { metaPreparations } from './meta-preparations.ts';
import { preparations as beforeReads } from './preparations.ts';
import { lab } from './recorded-state.ts';
import { settingPreparations } from './setting-preparations.ts';
import { writePreparations } from './write-preparations.ts';

interface Row {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly decision: string;
}

/** The index of all recordings, with the decision whether each is compared. */
const table: readonly Row[] = readFileSync(new URL('INDEX.md', recordings), 'utf8')
  .split('\n')
  .filter((line) => /^\| \S+\/\S+ \|/.test(line))
  .map((line) => {
    const [, name = '', , request = '', , decision = ''] = line.split('|').map((cell) => cell.trim());
    const [method = '', path = ''] = request.split(' ');
    return { name, method, path, decision };
  });
const compared = table.filter(({ decision }) => decision === 'compared');
const preparations = { ...beforeReads, ...settingPreparations, ...writePreparations, ...metaPreparations };
const authority = createAuthority();

for (const { name } of compared) {
  test(`answers ${name} as recorded`, async () => {
    const { steps, without } = preparations[name] ?? { steps: lab };
    const exchange = readExchange(name);
    await using sandbox = await sandboxAfter(steps, await authority);
    const { status, headers, body, text } = await resend(sandbox, exchange);
    assert.deepEqual(
      comparable({ status, headers, body: body ?? text }, without),
      comparable(exchange.response, without),
    );
  });
}

test('the index lists every recording once, with a decision', () => {
  const decisions = ['write', 'endpoint', 'setting', 'history', 'race', 'outage', 'transport', 'rounding', 'other'];
  for (const { name, decision } of table) assert.ok(['compared', ...decisions].includes(decision), name);
  const names = table.map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)]);
  assert.equal(names.length, 380, 'the index must list the whole set');
  const files = readdirSync(recordings, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));
  for (const file of files) assert.ok(names.includes(file.replace(/\.json$/, '')), `${file} is not in the index`);
  const known = new Set(compared.map(({ name }) => name));
  for (const name of Object.keys(preparations)) assert.ok(known.has(name), `${name} is prepared but not compared`);
});

test('excluded recordings have a method that matches their decision', () => {
  for (const { name, method, decision } of table) {
    if (decision === 'write') assert.match(method, /^(POST|PUT|DELETE)$/, name);
    if (decision === 'endpoint') assert.equal(method, 'GET', name);
  }
});

test('the sandbox does not serve the paths of excluded endpoints and writes', async () => {
  await using sandbox = await openSandbox({ authority: await authority });
  const excluded = table.filter(({ decision }) => decision === 'endpoint' || decision === 'write');
  assert.notEqual(excluded.length, 0);
  for (const { name, method, path } of excluded) {
    const { status, body, text } = await call(sandbox, path.replace('/zms/v1', ''), { method });
    assert.deepEqual([status, text === '' || body.servlet === 'zms-server'], [404, true], name);
  }
});
