import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeNote } from '../../src/git/commit.ts';
import { memoryFile } from '../../src/git/notes.ts';
import type { Loss } from '../../src/model/access.ts';
import { pullLabels } from '../../src/model/pull.ts';
import { type Fixture, openFixture } from '../support/fixture.ts';
import { openGitHubFixture, proposed } from '../support/github-fixture.ts';
import type { Files } from '../support/repository.ts';
import type { RunResult } from '../support/result.ts';
import { sampleOf } from '../support/tier.ts';

const domain = 'acme.eks.search';
const admins = 'k8s_ns_admins';
const noteRef = `refs/notes/${proposed}`;
const guarded = (text: string) => text.replace(/^limits:\n.*\n/m, `limits: {neverEmpty: [${admins}]}\n`);

/** What Athenz says of the only admin: a member, suspended, or nothing at all. */
function say({ sandbox }: Fixture, what: 'granted' | 'suspended' | 'forgotten'): void {
  const member = what === 'suspended' ? { name: 'user.ada', suspended: true as const } : { name: 'user.ada' };
  sandbox.update((state) => {
    const old = state.domains[domain];
    if (old === undefined) throw new Error(`the sample has no domain ${domain}`);
    const roles = { ...old.roles, [admins]: { members: what === 'forgotten' ? [] : [member] } };
    return { domains: { ...state.domains, [domain]: { ...old, roles } } };
  });
}

async function openGuarded(config = guarded, files: Files = {}): Promise<Fixture> {
  const fixture = await openFixture({ uncommitted: true, config });
  await fixture.write(files);
  say(fixture, 'granted');
  await fixture.expect(0, ['render', '--quiet']);
  await fixture.commit({}, 'Rendered');
  return fixture;
}

function lossOf({ plan }: RunResult): Loss | undefined {
  return plan.changes.find((it) => it.kind === 'lose');
}

test('a suspension is removed after Athenz has forgotten it, until it is merged', async () => {
  await using fixture = await openGuarded();
  const sync = async (code = 0) => JSON.parse((await fixture.expect(code, ['sync', '--json'])).out) as RunResult;
  const memory = () => fixture.git('for-each-ref', '--format=%(objectname)', noteRef);
  say(fixture, 'suspended');
  await sync();
  say(fixture, 'forgotten');
  const forgotten = await sync();
  assert.deepEqual(
    [forgotten.proposals.map(({ action }) => action), lossOf(forgotten)?.reason, lossOf(forgotten)?.proven],
    [['up-to-date'], 'suspended', true],
  );
  const { out } = await fixture.expect(0, ['plan']);
  assert.match(out, /user\.ada .*suspended in Athenz \(as of 20.* UTC; no longer in Athenz\)/);

  // Somebody deletes the branch: what is remembered outlives it.
  fixture.git('branch', '--quiet', '-D', proposed);
  const again = await sync();
  assert.deepEqual([again.proposals[0]?.action, lossOf(again)?.reason], ['create', 'suspended']);
  assert.match(fixture.git('log', '-1', '--notes=*', proposed), /Merging this changes who may do what/);

  fixture.git('merge', '--quiet', proposed);
  assert.notEqual(memory(), '');
  await sync();
  assert.equal(memory(), '', 'nothing is left to prove');
});

const perNamespace = (text: string) => guarded(text).replace('kind: local', 'kind: local\n  groupBy: namespace');

/** A path that does not tell which namespace it is of. */
const ambiguous = (text: string) =>
  `${perNamespace(text)}\noutput: {path: "output/{cluster}/{role}-{namespace}.yaml"}\n`;

for (const [what, config, said] of [
  ['its file cannot be read', perNamespace, /^Up to date: athenz-gitops\/main\/prod\.search /m],
  ['nothing tells that it is there', ambiguous, /prod\.search.*could not be read/],
] as const) {
  test(`a suspension stays proposed where the namespace cannot be read any more, as ${what}, exit 3`, async () => {
    await using fixture = await openGuarded(config);
    say(fixture, 'suspended');
    await fixture.expect(0, ['sync']);
    const branches = () => fixture.git('for-each-ref', 'refs/heads/athenz-gitops');
    const before = branches();
    await fixture.commit({ 'clusters/prod/namespaces.yaml': 'a: [\n' });
    const { out } = await fixture.expect(3, ['sync']);
    assert.equal(branches(), before);
    assert.match(out, said);
  });
}

test('a suspension stays proposed by a run for another cluster', async () => {
  const dev = '  - {name: dev, domain: "acme.eks.{namespace}", namespaces: {files: [clusters/dev/*.yaml]}}\n\nroles:\n';
  await using fixture = await openGuarded((text) => perNamespace(text).replace('roles:\n', dev), {
    'clusters/dev/namespaces.yaml': '[checkout]\n',
  });
  say(fixture, 'suspended');
  await fixture.expect(0, ['sync']);
  const branches = () => fixture.git('for-each-ref', 'refs/heads/athenz-gitops');
  const before = branches();
  await fixture.expect(0, ['sync', '--cluster', 'dev']);
  assert.equal(branches(), before);
  assert.match(before, /prod\.search/);
});

test('a proof is forgotten once Athenz grants it again', async () => {
  await using fixture = await openGuarded();
  say(fixture, 'suspended');
  await fixture.expect(0, ['sync']);
  say(fixture, 'granted');
  await fixture.expect(0, ['sync']);
  say(fixture, 'forgotten');
  const { out } = await fixture.expect(4, ['sync', '--json']);
  assert.deepEqual(
    (JSON.parse(out) as RunResult).plan.held.map(({ code, losses }) => [code, losses[0]?.reason]),
    [['LIMIT_NEVER_EMPTY', 'origin-unknown']],
  );
});

const noted = [
  ['this config', 'rbac:/athenz-gitops.yaml', ['suspended', true, []]],
  ['another config', 'rbac:/dev.yaml', ['origin-unknown', false, ['LIMIT_NEVER_EMPTY']]],
  ['another generator', 'copies:/athenz-gitops.yaml', ['origin-unknown', false, ['LIMIT_NEVER_EMPTY']]],
  ['nobody', undefined, ['origin-unknown', false, ['LIMIT_NEVER_EMPTY']]],
] as const;
for (const [whose, owner, expected] of sampleOf(noted, ['another config'])) {
  test(`a proof that ${whose} noted ${expected[1] ? 'counts' : 'does not count'}`, async () => {
    await using fixture = await openGuarded();
    say(fixture, 'suspended');
    await fixture.expect(0, ['sync']);
    // Both in the note of this config's own branch and in one that no scope has.
    const refs = [noteRef, `${noteRef}.gone`];
    for (const ref of refs) await renote(fixture, ref, owner);
    const noted = () => refs.map((ref) => fixture.git('for-each-ref', '--format=%(objectname)', ref));
    const before = noted();
    say(fixture, 'forgotten');
    const { out, err } = await fixture.expect(expected[1] ? 0 : 4, ['plan', '--json']);
    const { plan } = JSON.parse(out) as RunResult;
    const loss = lossOf({ plan } as RunResult) ?? plan.held.flatMap(({ losses }) => losses)[0];
    assert.deepEqual([loss?.reason, loss?.proven, plan.held.map(({ code }) => code)], expected, err);

    if (owner === undefined || expected[1]) return;
    // Nor is it this config's to change, whatever it has to remember itself.
    fixture.git('branch', '--quiet', '-D', proposed);
    await fixture.expect(4, ['sync']);
    assert.deepEqual(noted(), before);
  });
}

/** Makes the note of the proposal once more, as another owner would have made it. */
async function renote({ git, own }: Fixture, ref: string, owner: string | undefined): Promise<void> {
  const show = (format: string) => git('log', '-1', `--format=${format}`, noteRef);
  const line = owner === undefined ? '' : `Athenz-Gitops-Owner: ${owner}\n`;
  const note = await writeNote(own, {
    message: show('%B').replace(/^Athenz-Gitops-Owner: .*\n/m, line),
    author: { name: show('%an'), email: show('%ae') },
    when: Date.now(),
    beside: { [memoryFile]: `${git('show', `${noteRef}:${memoryFile}`)}\n` },
  });
  git('update-ref', ref, note);
}

test('a proof outlives a declined pull request', async () => {
  await using fixture = await openGitHubFixture({ config: guarded });
  const { github } = fixture;
  say(fixture, 'granted');
  await fixture.expect(0, ['render', '--quiet']);
  await fixture.commit({}, 'Rendered');
  fixture.publish();
  say(fixture, 'suspended');
  await fixture.sync();
  github.close(1);
  assert.equal((await fixture.sync(4)).proposals[0]?.action, 'declined');
  say(fixture, 'forgotten');
  const declined = await fixture.sync(4);
  assert.deepEqual(
    [declined.proposals[0]?.action, declined.plan.held, lossOf(declined)?.reason],
    ['declined', [], 'suspended'],
  );

  // Asked for after all, it is what it was.
  github.setLabels(1, [pullLabels.rebuild]);
  assert.deepEqual(lossOf(await fixture.sync())?.proven, true);
  assert.match(github.pull(2).body ?? '', /suspended in Athenz \(as of /);
});

test('a pull request closed where what is left is held says so', async () => {
  await using fixture = await openGitHubFixture({ config: guarded });
  const { github } = fixture;
  say(fixture, 'granted');
  fixture.setRole(domain, 'k8s_ns_viewers', ['user.new']);
  await fixture.expect(0, ['render', '--quiet']);
  await fixture.commit({}, 'Rendered');
  fixture.publish();
  fixture.setRole(domain, 'k8s_ns_viewers', ['user.new', 'user.newer']);
  await fixture.sync();
  fixture.setRole(domain, 'k8s_ns_viewers', ['user.new']);
  say(fixture, 'forgotten');
  assert.equal((await fixture.sync(4)).proposals[0]?.action, 'delete');
  const said = github
    .pull(1)
    .comments.map(({ body }) => body)
    .join('\n');
  assert.match(said, /what is left is held and needs approval, so `main` does not match Athenz\. Held: 1 removal\./);
});
