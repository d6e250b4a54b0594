import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose, openHealthyFixture } from '../support/diagnosis.ts';
import { openFixture } from '../support/fixture.ts';
import { makeFolder } from '../support/folder.ts';
import { hostileNames } from '../support/hostile.ts';
import { assertHarmless } from '../support/outside.ts';
import { openRemoteFixture } from '../support/remote-fixture.ts';
import { fingerprint, gitEnv } from '../support/repository.ts';
import { runMain } from '../support/run.ts';

test('a healthy setup passes, and doctor only reads', async () => {
  await using fixture = await openHealthyFixture();
  const pushes = await fixture.github.pushes();
  const fingerprints = () => Promise.all([fixture.dir, fixture.github.git.dir].map((dir) => fingerprint(dir)));
  const before = await fingerprints();
  const requestsBefore = fixture.github.requests.length;
  const { code, out, err } = await fixture.run(['doctor']);
  assert.equal(err, '');
  assert.deepEqual(out.match(/^(warning|error|skipped).*/gm), null, out);
  assert.match(out, /\n\nAll checks passed\.\n$/);
  assert.equal(code, 0);
  for (const check of ['config', 'certificate', 'zms', 'documents', 'git', 'push', 'token', 'workflow', 'last success'])
    assert.match(out, new RegExp(`^ok {7}${check} `, 'm'));

  assert.deepEqual(await fingerprints(), before);
  assert.deepEqual(await fixture.github.pushes(), pushes);
  // git fetches with POST too; only pushes go to git-receive-pack.
  const writes = fixture.github.requests.slice(requestsBefore).filter(({ face, method, path }) => {
    return method !== 'GET' && !(face === 'git' && path.endsWith('/git-upload-pack'));
  });
  assert.deepEqual(writes, []);
  assert.deepEqual([...new Set(fixture.sandbox.requests.map(({ method }) => method))], ['GET']);
});

test('a failed check skips only the checks that depend on it', async () => {
  await using fixture = await openHealthyFixture({ config: (text) => text.replace('certPath: ', 'certPath: none/') });
  const { findings } = await diagnose(fixture, { env: gitEnv });
  const by = (status: string) => findings.filter((it) => it.status === status).map(({ check }) => check);
  assert.deepEqual(by('error'), ['certificate', 'token']);
  assert.deepEqual(by('skipped'), ['key', 'zms', 'remote', 'repository', 'last success']);
  for (const check of ['limits', 'namespaces', 'ca', 'git', 'history', 'workflow'])
    assert.ok(by('ok').includes(check), check);
  assert.deepEqual(fixture.sandbox.requests, []);
});

test('an invalid config reports every mistake, skips other checks and exits 2', async () => {
  await using fixture = await openFixture({
    config: (text) => text.replace('zmsUrl', 'zmsUrls').replace('name: prod', 'name: PROD'),
  });
  const { code, out } = await fixture.run(['doctor']);
  assert.equal(code, 2);
  assert.match(out, /^error {4}config .*CONFIG_INVALID: .*zmsUrls: unknown key.*\n +.*name: must be .*\n +→ correct/m);
  assert.match(out, /^skipped {2}zms /m);
  assert.equal((await diagnose(fixture)).code, 2);
  assert.deepEqual(fixture.sandbox.requests, []);
});

test('a missing config reports its path and exits 2', async () => {
  await using folder = await makeFolder();
  const { code, out } = await runMain(['doctor'], { cwd: folder.dir });
  assert.equal(code, 2);
  assert.match(
    out,
    /^error {4}config .*athenz-gitops\.yaml.*\n +→ write one with athenz-gitops init, or give its path with --config FILE$/m,
  );
});

test('a local forge runs no GitHub checks', async () => {
  await using fixture = await openRemoteFixture();
  const { code, findings } = await diagnose(fixture);
  assert.equal(code, 0);
  assert.deepEqual(
    findings.filter(({ check }) => /token|repository|labels|workflow|remote/.test(check)),
    [],
  );
  assert.ok(findings.some(({ check, status }) => check === 'push' && status === 'ok'));
});

test('--quiet prints only errors, and NO_COLOR disables colour', async () => {
  await using fixture = await openHealthyFixture();
  assert.equal((await fixture.run(['doctor', '--quiet'])).out, '');
  const env = gitEnv;
  assert.match(
    (await fixture.run(['doctor', '--quiet'], { env })).out,
    /^error {4}token .*\n +→ set GITHUB_TOKEN.*\n$/,
  );
  const terminal = { outIsTerminal: true };
  assert.match((await fixture.run(['doctor'], terminal)).out, /^\u001b\[32mok {5} *\u001b\[39m {2}config/);
  const plain = await fixture.run(['doctor'], { ...terminal, env: { ...fixture.env, NO_COLOR: '1' } });
  assertHarmless(plain.out);
});

test('hostile file names are escaped', async () => {
  await using fixture = await openHealthyFixture();
  const names = hostileNames.filter((name) => name !== '' && !name.includes('\0') && !name.includes('/'));
  const fileNames = names.filter((name) => name.isWellFormed() && Buffer.byteLength(name) < 200);
  assert.ok(fileNames.length > 20);
  const broken = Object.fromEntries(
    fileNames.map((name) => [`.github/workflows/${name}.yml`, 'run: "athenz-gitops sync']),
  );
  await fixture.write(broken);
  await fixture.commit({ 'clusters/prod/a\u001b[31m\n.yaml': 'kind: [' });
  const { findings } = await diagnose(fixture);
  assert.equal(
    findings.filter(({ check, status }) => check === 'workflow' && status === 'warning').length,
    fileNames.length,
  );
  const { out } = await fixture.run(['doctor']);
  assertHarmless(out);
  for (const line of out.trimEnd().split('\n').slice(0, -1)) assert.match(line, /^(ok|warning|error|skipped| {5}|$)/);
});
