import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { generators } from '../../src/generators/list.ts';
import { writeCommit } from '../../src/git/commit.ts';
import { commitTree } from '../../src/git/commit-tree.ts';
import type { Proposal } from '../../src/model/proposal.ts';
import { claimProposals } from '../../src/propose/claim.ts';
import { configuredGenerators } from '../../src/run/generators.ts';
import { configWith } from '../support/config.ts';
import { type Fixture, openFixture } from '../support/fixture.ts';
import { workspaceIn } from '../support/git-workspace.ts';
import { openGitHubFixture } from '../support/github-fixture.ts';
import { makeRepository } from '../support/repository.ts';
import { shareOf } from '../support/tier.ts';

test('two configs each keep, count and withdraw their own pull requests', async () => {
  await using fixture = await openGitHubFixture({
    config: (text) => text.replace('kind: github', 'kind: github\n  maxOpenPullRequests: 1'),
  });
  const { github } = fixture;
  const configs = ['athenz-gitops.yaml', 'dev.yaml'];
  await addConfig(fixture, 'dev.yaml', 'rbac-dev');
  fixture.publish();
  for (const action of ['create', 'up-to-date']) {
    for (const [index, config] of configs.entries()) {
      const proposals = await sync(fixture, config);
      assert.deepEqual(
        proposals.map((it) => [it.action, it.pull?.number]),
        [[action, index + 1]],
      );
    }
  }
  assert.deepEqual(
    github.pulls().map(({ head, state }) => `${head} ${state}`),
    ['athenz-gitops/main/prod open', 'athenz-gitops/main/rbac@+dev_yaml.prod open'],
  );

  // An id takes the path's place: what was proposed under the path is the config's still.
  await addConfig(fixture, 'dev.yaml', 'rbac-dev', 'id: dev\n');
  fixture.publish();
  const branches = async () => (await sync(fixture, 'dev.yaml')).map(({ action, branch }) => `${action} ${branch}`);
  assert.deepEqual(await branches(), [
    'waiting athenz-gitops/main/rbac@dev.prod',
    'delete athenz-gitops/main/rbac@+dev_yaml.prod',
  ]);
  assert.deepEqual(await branches(), ['create athenz-gitops/main/rbac@dev.prod']);
  assert.match(github.pull(2).comments.at(-1)?.body ?? '', /^No longer needed: /);
  assert.deepEqual(
    github.pulls().map(({ state }) => state),
    ['open', 'closed', 'open'],
  );

  const { out } = await fixture.expect(0, ['doctor']);
  assert.match(out, /^ok +branches +1 branch of this config \(rbac:\/athenz-gitops\.yaml\)$/m);
  assert.match(out, /^ok +branches +of the config rbac:dev: athenz-gitops\/main\/rbac@dev\.prod$/m);
  assert.match(out, /^ok +pull requests +1 open pull request of this config$/m);
  assert.match(out, /^ok +pull requests +of rbac:dev: #3$/m);
});

test('a proposal without an owner belongs to the config that has all of its files', async () => {
  await using fixture = await openFixture();
  await addConfig(fixture, 'dev.yaml', 'rbac-dev');
  await fixture.expect(0, ['sync', '--config', 'dev.yaml']);
  // As it was proposed before there were owners.
  const made = 'athenz-gitops/main/rbac@+dev_yaml.prod';
  await withoutOwner(fixture, made, 'athenz-gitops/main/prod');
  await withoutOwner(fixture, made, 'athenz-gitops/main/theirs', { 'README.md': 'mine\n' });
  fixture.git('branch', '-D', made);

  const theirs = 'leave athenz-gitops/main/theirs';
  const actions = async (config: string, code = 0) =>
    (await sync(fixture, config, code)).map(({ action, branch }) => `${action} ${branch}`);
  assert.deepEqual(await actions('athenz-gitops.yaml', 4), ['blocked athenz-gitops/main/prod', theirs]);
  assert.deepEqual(await actions('dev.yaml'), [`create ${made}`, 'delete athenz-gitops/main/prod', theirs]);
  assert.deepEqual(await actions('athenz-gitops.yaml'), ['create athenz-gitops/main/prod', theirs]);
  await withoutOwner(fixture, 'athenz-gitops/main/prod', 'athenz-gitops/main/prod');
  assert.deepEqual(await actions('athenz-gitops.yaml'), ['up-to-date athenz-gitops/main/prod', theirs]);
});

/** A second config, and what is said of both. */
const clashes: readonly (readonly [what: string, folder: string, more: string, says: RegExp])[] = [
  ['the same output folder', 'output', '', /b\.yaml and a\.yaml both own the output folder output: /],
  ['an output folder inside', 'output/x', '', /b\.yaml and a\.yaml both own the output folder output\/x: /],
  ['the same id', 'rbac-b', 'id: it\n', /b\.yaml and a\.yaml have the same id, "it": /],
];

test('configs that get in each other’s way are an error that names both', async () => {
  await using fixture = await openFixture();
  fixture.git('mv', 'athenz-gitops.yaml', 'a.yaml');
  await addConfig(fixture, 'a.yaml', 'output', 'id: it\n', 'a.yaml');
  const commands = [
    ['sync', 2],
    ['plan', 2],
    ['doctor', 1],
  ] as const;
  for (const [at, [what, folder, more, says]] of clashes.entries()) {
    await addConfig(fixture, 'b.yaml', folder, more, 'a.yaml');
    for (const [command, code] of shareOf(commands, at, 3)) {
      const { out, err } = await fixture.expect(code, [command, '--config', 'b.yaml']);
      assert.match(out + err, says, what);
    }
  }
  // For another base, or under a name that no config has, it is in nobody's way.
  await addConfig(fixture, 'b.yaml', 'output', 'forge: {kind: local, base: other}\n', 'a.yaml');
  await fixture.expect(0, ['plan', '--config', 'a.yaml']);
  fixture.git('mv', 'b.yaml', 'b.yaml.example');
  await fixture.commit();
  await fixture.expect(0, ['plan', '--config', 'a.yaml']);
  // A config that is moved and not committed yet is one config.
  fixture.git('mv', 'a.yaml', 'moved.yaml');
  await fixture.expect(0, ['plan', '--config', 'moved.yaml']);
});

test('a config whose path makes branch names too long needs an id', async () => {
  await using repository = await makeRepository();
  const commit = await repository.commit();
  const state = { base: { commit, branch: 'main' }, tree: commitTree(repository.own, commit, 'sha1') };
  const ownerOf = async (letters: number, id: string | null = null) => {
    const workspace = workspaceIn(repository, configWith('id', id), 'c'.repeat(letters));
    const configured = await configuredGenerators({ generators: async () => generators }, workspace);
    return (await claimProposals(workspace, configured, state)).get('rbac')?.owner;
  };
  // A segment of 100 characters begins with "rbac@+".
  assert.equal(await ownerOf(94), `rbac:/${'c'.repeat(94)}`);
  await assert.rejects(ownerOf(95), { code: 'CONFIG_INVALID', message: /path is too long/, next: /^set id/ });
  assert.equal(await ownerOf(95, 'prod'), 'rbac:prod');
});

/** Commits a copy of a config with an output folder of its own. */
async function addConfig(
  fixture: Fixture,
  name: string,
  folder: string,
  more = '',
  from = 'athenz-gitops.yaml',
): Promise<void> {
  const text = (await readFile(`${fixture.dir}/${from}`, 'utf8')).replace(/^(id|output): .*\n/gm, '');
  const forge = more.startsWith('forge') ? text.replace(/^forge:\n( .*\n)+/m, '') : text;
  await fixture.commit({ [name]: `${forge}\noutput: {path: "${folder}/{cluster}/{namespace}/rbac.yaml"}\n${more}` });
}

async function sync(fixture: Fixture, config: string, code = 0): Promise<readonly Proposal[]> {
  return JSON.parse((await fixture.expect(code, ['sync', '--json', '--config', config])).out).proposals;
}

/** Makes a branch with the commit of another, as a version without owners made it. @param more files */
async function withoutOwner(
  { git, own }: Fixture,
  from: string,
  to: string,
  more: Record<string, string> = {},
): Promise<void> {
  const show = (format: string) => git('log', '-1', `--format=${format}`, from);
  const files = git('diff', '--name-only', `${from}^`, from).split('\n');
  const texts = { ...Object.fromEntries(files.map((path) => [path, `${git('show', `${from}:${path}`)}\n`])), ...more };
  const { commit } = await writeCommit(own, {
    base: show('%P'),
    files: Object.entries(texts).map(([path, text]) => ({ path, text })),
    message: show('%B').replace(/^Athenz-Gitops-Owner: .*\n/m, ''),
    author: { name: show('%an'), email: show('%ae') },
    when: 0,
  });
  git('update-ref', `refs/heads/${to}`, commit);
}
