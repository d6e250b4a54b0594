import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Problem } from '../../src/model/error.ts';
import { openSandbox } from '../support/authority.ts';
import { call } from './client.ts';

let dir = '';
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sandbox-'));
});
after(() => rm(dir, { recursive: true }));

const list = '/sys/modified_domains?metaonly=true';

test('reloads an edited state file and stamps only changed domains', async () => {
  const file = join(dir, 'edited.yaml');
  await writeFile(file, 'domains:\n  acme: {roles: {r: [user.ada]}}\n  other: {}\n');
  await using sandbox = await openSandbox({ file });
  const { headers } = await call(sandbox, list);
  await writeFile(file, '# more\ndomains:\n  acme: {roles: {r: [user.ada, user.bo]}}\n  other: {}\n');
  const { body } = await call(sandbox, list, { headers: { 'If-None-Match': headers.etag ?? '' } });
  assert.deepEqual(
    body.domains.map(({ domain }: { domain: { name: string } }) => domain.name),
    ['acme'],
  );
  assert.equal((await call(sandbox, '/domain/acme/role/r')).body.roleMembers.length, 2);
});

test('keeps the state after an invalid edit and reports it once', async () => {
  const file = join(dir, 'broken.yaml');
  await writeFile(file, 'domains: {acme: {}}\n');
  const problems: Problem[] = [];
  await using sandbox = await openSandbox({ file, onProblem: (problem) => problems.push(problem) });
  await writeFile(file, 'domains: {acme: {roles: {r: [ada]}}}\n');
  for (let round = 0; round < 2; round++) assert.equal((await call(sandbox, '/domain/acme')).status, 200);
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['CONFIG_INVALID'],
  );
  assert.ok(problems[0]?.message.startsWith(`${file}:1:30: `));

  await rm(file);
  assert.equal((await call(sandbox, '/domain/acme')).status, 200);
  assert.equal(problems[1]?.code, 'CONFIG_NOT_FOUND');

  await writeFile(file, 'domains: {fresh: {}}\n');
  assert.equal((await call(sandbox, '/domain/fresh')).status, 200);
  assert.equal((await call(sandbox, '/domain/acme')).status, 404);
});

test('does not start with an invalid state file', async () => {
  const file = join(dir, 'invalid.yaml');
  await writeFile(file, 'domains: []\n');
  await assert.rejects(openSandbox({ file }), { code: 'CONFIG_INVALID' });
});
