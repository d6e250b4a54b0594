import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { loadAll, YAML11_SCHEMA } from 'js-yaml';
import { parse, parseAllDocuments } from 'yaml';
import { type Data, withValue } from '../support/config.ts';
import { type Fixture, openFixture } from '../support/fixture.ts';
import { readFiles } from '../support/generated.ts';
import { strangeNames, yamlTraps } from '../support/hostile.ts';
import { assertHarmless } from '../support/outside.ts';
import { fingerprint, gitEnv } from '../support/repository.ts';
import type { RunResult } from '../support/result.ts';
import { shareOf } from '../support/tier.ts';

async function configOf({ paths }: Fixture): Promise<Data> {
  return parse(await readFile(paths.config, 'utf8'));
}

/** A terminal without colours and progress, which would add escapes of our own. */
const terminal = { outIsTerminal: true, errIsTerminal: true, env: { ...gitEnv, NO_COLOR: '1', CI: '1' } };

const label = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const athenzName = /^[a-z0-9_][a-z0-9_-]*(\.[a-z0-9_][a-z0-9_-]*)*$/;
const short = (name: string) => name.length <= 63 && label.test(name);

/** Config fields that become paths, branches and requests, and which names they accept. */
const fields: readonly (readonly [path: string, make: (name: string) => string, fits: (name: string) => boolean])[] = [
  ['clusters.0.name', (name) => name, short],
  ['clusters.0.domain', (name) => `acme.${name}.{namespace}`, (name) => athenzName.test(`acme.${name}`)],
  ['roles.0.athenzRole', (name) => name, (name) => athenzName.test(name)],
  ['forge.remote', (name) => `-${name}`, () => false],
  ['forge.base', (name) => `-${name}`, () => false],
  ['output.path', (name) => `a/${name}/../{namespace}.yaml`, () => false],
];
for (const [at, [path, make, fits]] of fields.entries()) {
  test(`rejects strange names in ${path} before any request`, async () => {
    await using fixture = await openFixture();
    const sample = await configOf(fixture);
    const { limits: _, ...rest } = sample as { [key: string]: Data };
    const before = (await fingerprint(fixture.dir)).filter((it) => !it.includes('athenz-gitops.yaml'));
    const rejected = strangeNames.filter((name) => !fits(name));
    for (const name of shareOf(rejected, at, 6)) {
      await writeFile(fixture.paths.config, JSON.stringify(withValue(rest, path, make(name))));
      const { err } = await fixture.expect(2, ['sync'], terminal);
      assertHarmless(err);
      const place = path.replace(/\.(\d)/, '[$1]');
      assert.match(err, /^error: CONFIG_INVALID:/);
      assert.doesNotMatch(err, /^ *(break|# heading|Signed-off-by)/m);
      assert.ok(
        err.includes(path === 'forge.base' && name.isWellFormed() ? 'Correct forge.base' : `: ${place}: `),
        err,
      );
    }
    assert.ok(rejected.length > 40);
    assert.deepEqual(fixture.sandbox.requests, []);
    assert.deepEqual(
      (await fingerprint(fixture.dir)).filter((it) => !it.includes('athenz-gitops.yaml')),
      before,
    );
  });
}

test('names that YAML 1.1 reads as other types work for clusters, namespaces and roles', async () => {
  await using fixture = await openFixture();
  const roles = [...yamlTraps, '__proto__', 'constructor', 'refs.heads'].map((athenzRole) => ({
    athenzRole,
    clusterRole: athenzRole,
  }));
  const namespaces = yamlTraps.filter((name) => label.test(name));
  const clusters = [...namespaces, 'constructor'].map((name) => ({
    name,
    domain: `${name}.{namespace}`,
    namespaces: { files: [name === 'on' ? 'names.txt' : 'names.yaml'] },
  }));
  const output = { path: 'output/{cluster}/{namespace}/{role}.yaml' };
  const { limits: _, ...rest } = (await configOf(fixture)) as { [key: string]: Data };
  const names = { 'names.txt': namespaces.join('\n'), 'names.yaml': JSON.stringify(namespaces) };
  await fixture.commit({ ...names, 'athenz-gitops.yaml': JSON.stringify({ ...rest, clusters, roles, output }) });
  fixture.sandbox.update(() => ({
    domains: { 'on.no': { roles: Object.fromEntries(roles.map((role) => [role.athenzRole, ['user.y']])) } },
  }));
  await fixture.expect(0, ['render', '--json']);
  const files = await readFiles(fixture.dir, 'output');
  assert.equal(files.size, clusters.length * namespaces.length * roles.length);
  for (const { athenzRole } of roles) {
    const text = files.get(`output/on/no/${athenzRole}.yaml`) ?? '';
    const expected = {
      metadata: { namespace: 'no', annotations: { 'athenz-gitops.io/athenz-role': `on.no:role.${athenzRole}` } },
      roleRef: { kind: 'ClusterRole', name: athenzRole },
      subjects: [{ kind: 'User', name: 'user.y' }],
    };
    const documents = parseAllDocuments(text, { version: '1.2' });
    for (const read of [loadAll(text, { schema: YAML11_SCHEMA }), documents.map((document) => document.toJS())]) {
      assert.equal(read.length, 1);
      assert.partialDeepStrictEqual(read[0], expected);
    }
  }
  await fixture.expect(0, ['render', '--check']);
});

test('a file with an invalid namespace name is reported, and nothing is removed', async () => {
  await using fixture = await openFixture({ rendered: true, config: (text) => text.replace('*.yaml', '**') });
  const names = strangeNames.filter((name) => !short(name));
  const lines = names.filter((name) => name.isWellFormed() && !/[\n\r#\ufeff]/.test(name) && name.trim() !== '');
  const manifest = (name: string) => JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const files = new Map([
    ...names.map((name, at) => [`clusters/prod/manifest-${at}.json`, manifest(name)] as const),
    ...names.map((name, at) => [`clusters/prod/list-${at}.yaml`, JSON.stringify([name])] as const),
    ...lines.map((name, at) => [`clusters/prod/lines-${at}.txt`, `${name}\n`] as const),
  ]);
  await fixture.commit({ ...Object.fromEntries(files), 'clusters/prod/namespaces.yaml': '- search\n' });
  for (const args of shareOf([['plan'], ['render', '--check'], ['sync']], 2, 3)) {
    const { out, err } = await fixture.expect(3, args, terminal);
    assertHarmless(out + err);
  }
  const { plan } = JSON.parse((await fixture.expect(3, ['plan', '--json'])).out) as RunResult;
  assert.deepEqual([plan.files, plan.changes], [[], []]);
  for (const path of files.keys()) {
    const kept = plan.kept.filter(({ problem }) => problem.message.startsWith(`reading the namespaces in ${path}: `));
    assert.deepEqual(
      kept.map(({ problem }) => problem.code),
      ['INVENTORY_BAD_NAME'],
      path,
    );
  }
});

/** Odd config values: an error or a result, but never an internal error. */
const oddValues: readonly (readonly [path: string, value: Data, code: number, pattern: RegExp])[] = [
  ['evil\n  Run evil', 'x', 2, /evil\\n {2}Run evil: unknown key/],
  ['clusters.0.namespaces.files', ['a\0b'], 2, /files\[0\]: must not contain control characters/],
  ['clusters.0.namespaces.exclude', ['\u009b31m'], 2, /exclude\[0\]: must not contain control characters/],
  ['clusters.0.namespaces.files', ['x'.repeat(70_000)], 2, /files\[0\]: must have at most 4,096 characters/],
  ['clusters.0.namespaces.files', ['clusters/prod/*.yaml', `${'x'.repeat(300)}/*.yaml`], 3, /INVENTORY_NO_MATCH/],
  ['output.keep', ['x'.repeat(70_000)], 2, /output\.keep\[0\]: must have at most 4,096/],
  ['output.templates', 'a\0b', 2, /output\.templates: must not contain control characters/],
  ['output.templates', 'x'.repeat(300), 2, /TEMPLATE_NOT_FOUND/],
  ['output.path', `${'ü'.repeat(128)}/{namespace}.yaml`, 2, /output\.path: makes a file or folder name of 256 bytes/],
  ['output.path', `a/{cluster}-{cluster}-{cluster}-{cluster}/{namespace}.yaml`, 0, /prod/],
  ['athenz.zmsUrl', 'https://localhost:1/\u009b31m', 1, /ZMS_UNREACHABLE/],
  ['output.path', 'out\u202eput/{cluster}/{namespace}.yaml', 0, /written below out\\u202eput/],
];
for (const [path, value, code, pattern] of oddValues) {
  test(`${path}: ${JSON.stringify(value).slice(0, 24)} exits ${code}, output escaped`, async () => {
    await using fixture = await openFixture();
    await writeFile(fixture.paths.config, JSON.stringify(withValue(await configOf(fixture), path, value)));
    const { out, err } = await fixture.expect(code, ['render', '--log-level', 'debug'], terminal);
    assertHarmless(out + err);
    assert.match(out + err, pattern);
    assert.doesNotMatch(err, /INTERNAL|^ *Run evil/m);
  });
}

test('responses of ZMS are escaped in errors, debug logs and progress', async () => {
  await using fixture = await openFixture();
  const evil = '\u001b[2J\u009b31m\u202e\r\n  Run evil.';
  const fault = { kind: 'status', contentType: 'application/json' } as const;
  for (const [status, body] of [
    [200, `${evil}{`],
    [400, JSON.stringify({ code: 400, message: evil })],
    [200, JSON.stringify({ domains: [{ domain: { name: evil, modified: evil } }] })],
  ] as const) {
    fixture.sandbox.intercept(() => ({ ...fault, status, body }));
    const { err } = await fixture.expect(1, ['plan', '--log-level', 'debug'], terminal);
    assert.match(err, /^error: ZMS_BAD_RESPONSE: /);
    assert.doesNotMatch(err, /^ *Run evil/m);
    assertHarmless(err);
  }
  await fixture.editConfig((text) => text.replace(/zmsUrl: .*/, 'zmsUrl: "https://localhost:1/\\e[31m"'));
  const { err } = await fixture.expect(1, ['plan'], { ...terminal, env: gitEnv });
  assert.match(err, /listing the domains of https:/);
  assertHarmless(err.replaceAll('\r\u001b[K', ''));
});
