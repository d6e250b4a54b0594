import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { normaliseState } from '../../src/sandbox/state.ts';
import { call } from '../support/github/client.ts';
import { everyPermission } from '../support/github/options.ts';
import { openGitHubFixture, proposed } from '../support/github-fixture.ts';
import { markerOf } from '../support/marker.ts';
import { assertHarmless, assertOwnMarkdown } from '../support/outside.ts';
import { gitEnv } from '../support/repository.ts';
import type { RunResult } from '../support/result.ts';
import { isChaos, sampleOf, shareOf } from '../support/tier.ts';

const note = /starts no checks/;

test("a workflow token's pull request notes that no checks start, and is written once", async () => {
  const actions = { kind: 'installation', login: 'github-actions[bot]', permissions: everyPermission } as const;
  await using fixture = await openGitHubFixture({ github: { tokens: { ghs_actions: actions } } });
  const options = { env: { ...gitEnv, GITHUB_TOKEN: 'ghs_actions' } };
  await fixture.expect(0, ['sync'], options);
  assert.match(fixture.github.pull(1).body ?? '', note);
  const requests = fixture.github.requests.length;
  await fixture.expect(0, ['sync'], options);
  const written = fixture.github.requests
    .slice(requests)
    .filter(({ method, face }) => face === 'api' && method !== 'GET');
  assert.deepEqual(written, []);
});

const forms = [
  ['as downloaded', (pem: string) => pem],
  ['on one line', (pem: string) => pem.replaceAll('\n', '\\n')],
] as const;
for (const [name, write] of sampleOf(forms, ['on one line'])) {
  test(`a GitHub App opens a pull request with its key ${name}`, async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const app = { id: 7, slug: 'acme-gitops', installationId: 70, publicKey, permissions: everyPermission };
    await using fixture = await openGitHubFixture({ github: { app, tokens: {} } });
    const pem = String(privateKey.export({ type: 'pkcs1', format: 'pem' }));
    const options = { env: { ...gitEnv, GITHUB_APP_ID: '7', GITHUB_APP_PRIVATE_KEY: write(pem) } };
    await fixture.expect(0, ['sync'], options);
    const { author, body } = fixture.github.pull(1);
    assert.equal(author, 'acme-gitops[bot]');
    assert.doesNotMatch(body ?? '', note);
    const { out } = await fixture.expect(0, ['sync', '--json'], options);
    assert.equal((JSON.parse(out) as RunResult).proposals[0]?.action, 'up-to-date');
  });
}

test("a fork's pull request from a branch of the same name is ignored", async () => {
  await using fixture = await openGitHubFixture({ rendered: true });
  const { github } = fixture;
  fixture.setRole('acme.eks.checkout', 'oncall', ['user.new']);
  await fixture.sync();
  github.merge(1);
  await fixture.sync();
  const { body: own } = await call(github, 'GET', 'pulls/1');
  fixture.setRole('acme.eks.checkout', 'oncall', ['user.new', 'user.newer']);
  const digest = (await fixture.sync(0, '--dry-run')).proposals[0]?.digest;
  const repo = { ...own.head.repo, full_name: 'mallory/gitops' };
  const marker = `<!-- athenz-gitops v1 ${JSON.stringify({ scope: 'prod', base: 'main', digest, polled: '' })} -->`;
  const foreign = { ...own, number: 99, merged_at: null, body: marker, head: { ...own.head, repo } };
  github.intercept(({ method, path, query }) => {
    if (method !== 'GET' || !path.endsWith('/pulls')) return undefined;
    const state = query.get('state') ?? 'open';
    return { kind: 'status', status: 200, body: JSON.stringify([{ ...foreign, state }]) };
  });
  const [proposal] = (await fixture.sync()).proposals;
  assert.deepEqual([proposal?.action, proposal?.pull?.number], ['create', 2]);
  assert.equal(github.pull(2).head, proposed);
});

const amount = isChaos ? 20 : 2;

test(`${amount},000 changes give a harmless body below 60,000 characters with its marker`, async () => {
  await using fixture = await openGitHubFixture();
  const names = Array.from({ length: 996 }, (_, index) => `user.person-${index}`);
  const hostile = ['user.@acme/everyone', 'user.<img src=x>', 'user.| # [x](//evil) `y` __z__', 'user.<!-- -->'];
  const everybody = [...hostile, ...names];
  const namespaces = Array.from({ length: amount }, (_, index) => `n${index}`);
  fixture.sandbox.update(() =>
    normaliseState({
      domains: {
        'acme.org': { groups: { everybody } },
        ...Object.fromEntries(
          namespaces.map((name) => [`acme.eks.${name}`, { roles: { oncall: ['acme.org:group.everybody'] } }]),
        ),
      },
    }),
  );
  await fixture.commit({ 'clusters/prod/namespaces.yaml': `${JSON.stringify(namespaces)}\n` });
  fixture.publish();
  const { proposals, plan } = await fixture.sync();
  assert.equal(plan.changes.length, amount * everybody.length);
  const { body, title } = fixture.github.pull(1);
  assert.ok(body !== null && body.length < 60_000, `${body?.length}`);
  assert.equal(markerOf(body)?.digest, proposals[0]?.digest);
  assertOwnMarkdown(body);
  assertHarmless(title);
  assert.equal((await fixture.sync()).proposals[0]?.action, 'up-to-date');
});

const hostileNames = ['user.a|b `c` #1 [d](//e)\n\n# f', 'user.@acme/everyone', 'user.</details><h1>x</h1>'];

test('a member name with Markdown, HTML or a mention affects only its table cell', async () => {
  const cells = async (member: string) => {
    await using fixture = await openGitHubFixture({ rendered: true });
    fixture.setRole('acme.eks.checkout', 'oncall', [member]);
    await fixture.sync();
    const body = fixture.github.pull(1).body ?? '';
    assertOwnMarkdown(body);
    const row = body.split('\n').find((line) => line.startsWith('| ➕')) ?? '';
    const cell = row.split('|')[4] ?? '';
    return { cell, rest: body.replace(cell, '').replace(/^(Polled|<!--) .*$/gm, '') };
  };
  const plain = await cells('user.plain');
  assert.equal(plain.cell.trim(), 'user.plain');
  for (const member of shareOf(hostileNames, 0, 3)) {
    const hostileCells = await cells(member);
    assert.equal(hostileCells.rest, plain.rest);
    assert.doesNotMatch(hostileCells.cell, /[@|[\]#](?!\d+;)/);
  }
});
