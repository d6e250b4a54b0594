import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { generators } from '../../src/generators/list.ts';
import { toy } from '../generators/toy.ts';
import { type Fixture, merge, openFixture } from '../support/fixture.ts';
import { gitIn } from '../support/repository.ts';
import type { RunResult } from '../support/result.ts';

// A generator that the program has never heard of, handed in by the list it is built from.

const both = { generators: async () => [...generators, toy] };
const branch = 'athenz-gitops/main/toy@+athenz-gitops_yaml.prod';

async function openToy(): Promise<Fixture> {
  const fixture = await openFixture({ rendered: true });
  await fixture.editConfig((text) => `${text}\ntoy: {folder: mottos, motto: motto.txt}\n`);
  await fixture.commit({ 'motto.txt': 'festina lente' }, 'Motto');
  return fixture;
}

async function exclude(fixture: Fixture, names: string): Promise<void> {
  await fixture.editConfig((text) => text.replace('namespaces:', `namespaces:\n      exclude: [${names}]`));
  await fixture.commit({}, 'Exclude');
}

async function json(fixture: Fixture, code: number, ...args: readonly string[]): Promise<RunResult> {
  return JSON.parse((await fixture.expect(code, [...args, '--json'], both)).out);
}

test('a further generator is planned, proposed, guarded, merged and pruned', async () => {
  await using fixture = await openToy();
  const { dir } = fixture;
  const planned = await fixture.expect(5, ['plan', '--exit-code'], both);
  assert.match(
    planned.out,
    /^toy prod {2}6 objects to add in 6 of 6 namespaces\n\n {2}ConfigMap\n {4}\+ checkout {6}motto {2}it says so$/m,
  );

  const { proposals, plan, others } = await json(fixture, 0, 'sync');
  assert.deepEqual(plan.files, []);
  assert.equal(others?.[0]?.generator, 'toy');
  const made = proposals
    .filter(({ action }) => action !== 'none')
    .map(({ generator, scope, action }) => [generator, scope, action]);
  assert.deepEqual(made, [['toy', 'prod', 'create']]);
  assert.match(
    gitIn(dir, 'log', '-1', '--format=%B', branch),
    /^athenz-gitops: toy prod: \d objects to add \(\d namespaces\)$[\s\S]*^Athenz-Gitops-Owner: toy:/m,
  );

  const guard = ['guard', '--base', 'main', '--head', branch];
  assert.equal((await fixture.run([...guard, '--head-ref', branch], both)).code, 0);
  gitIn(dir, 'checkout', '--quiet', '-b', 'by-hand');
  await fixture.commit({ 'mottos/prod/search.yaml': 'by hand\n' }, 'By hand');
  gitIn(dir, 'checkout', '--quiet', 'main');
  assert.equal((await fixture.run(['guard', '--base', 'main', '--head', 'by-hand'], both)).code, 4);

  merge(dir, branch);
  assert.match(await readFile(join(dir, 'mottos/prod/search.yaml'), 'utf8'), /motto: "festina lente"/);
  const settled = await json(fixture, 0, 'sync');
  assert.deepEqual(
    settled.proposals.map(({ action }) => action).filter((it) => it !== 'none'),
    ['delete'],
  );

  await exclude(fixture, 'search');
  await fixture.expect(0, ['sync'], both);
  merge(dir, branch);
  await assert.rejects(readFile(join(dir, 'mottos/prod/search.yaml')), { code: 'ENOENT' });
  assert.match(await readFile(join(dir, 'mottos/prod/labs.yaml'), 'utf8'), /festina/);
});

test('removals of a further generator are limited, and approved by their own digest', async () => {
  await using fixture = await openToy();
  await fixture.expect(0, ['sync'], both);
  merge(fixture.dir, branch);
  await exclude(fixture, 'checkout, search, labs');
  const held = await fixture.expect(4, ['plan'], both);
  assert.match(held.out, /held: 3 removals in prod exceed limits\.removed \(1 of 6 objects\)/);
  const digests = [...held.out.matchAll(/--accept-removals ([0-9a-f]{16})/g)].map(([, digest]) => digest);
  const own = digests.at(-1) ?? '';
  const planned = await fixture.run(['plan', '--accept-removals', own], both);
  assert.match(planned.out, /toy prod {2}3 objects to remove in/);
});

test('what is approved of one generator is not approved of another', async () => {
  await using fixture = await openToy();
  const three = { generators: async () => [...generators, toy, { ...toy, name: 'twin' }] };
  await fixture.editConfig((text) => `${text}twin: {folder: twins, motto: motto.txt}\n`);
  await fixture.commit({}, 'Twin');
  await fixture.expect(0, ['sync'], three);
  for (const name of ['toy', 'twin']) merge(fixture.dir, branch.replace('toy', name));
  await exclude(fixture, 'checkout, search, labs');
  const held = await fixture.expect(4, ['plan'], three);
  const digests = [...held.out.matchAll(/--accept-removals ([0-9a-f]{16})/g)].map(([, digest = '']) => digest);
  const planned = await fixture.expect(4, ['plan', '--accept-removals', digests.at(-1) ?? ''], three);
  assert.match(planned.out, /^toy prod {2}no change$/m);
  assert.match(planned.out, /^twin prod {2}3 objects to remove/m);
});

test('an input error of a further generator does not hold up a revocation', async () => {
  await using fixture = await openToy();
  await fixture.editConfig((text) => text.replace('motto: motto.txt', 'motto: moto.txt'));
  await fixture.commit({}, 'Typo');
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.eli']);
  const { out } = await fixture.expect(4, ['sync'], both);
  assert.match(out, /^held: toy: reading moto\.txt: it does not exist \(INVENTORY_UNREADABLE\)$/m);
  assert.match(out, /- user\.dara +k8s_ns_admins/);
  const proposed = gitIn(fixture.dir, 'show', 'athenz-gitops/main/prod:output/prod/search/rbac.yaml');
  assert.match(proposed, /user\.eli/);
  assert.doesNotMatch(proposed, /k8s_ns_admins[\s\S]*user\.dara[\s\S]*k8s_ns_viewers/);
});

test('a mistake in a further generator does not hold up a revocation either', async () => {
  await using fixture = await openToy();
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.eli']);
  const broken: typeof toy = {
    ...toy,
    open: async () => {
      throw new TypeError('not a function');
    },
  };
  const { out } = await fixture.expect(1, ['sync'], { generators: async () => [...generators, broken] });
  assert.match(out, /^held: toy: not a function \(INTERNAL\)$/m);
  assert.match(gitIn(fixture.dir, 'show', 'athenz-gitops/main/prod:output/prod/search/rbac.yaml'), /user\.eli/);
});

test('a source that cannot be read does not hold up a further generator', async () => {
  await using fixture = await openToy();
  await fixture.sandbox.close();
  const { out } = await fixture.expect(3, ['sync'], both);
  assert.match(out, /^held: rbac: .*\(ZMS_UNREACHABLE\)$/m);
  assert.match(gitIn(fixture.dir, 'show', `${branch}:mottos/prod/search.yaml`), /festina/);
});

test('a misspelt key and roots that overlap are errors that name both', async () => {
  await using fixture = await openToy();
  await fixture.editConfig((text) => text.replace('motto: motto.txt', 'moto: motto.txt'));
  assert.match((await fixture.expect(2, ['plan'], both)).err, /CONFIG_(UNKNOWN_KEY|INVALID)[\s\S]*moto[\s\S]*motto/);
  await fixture.editConfig((text) =>
    text.replace('{folder: mottos, moto: motto.txt}', '{folder: output, motto: motto.txt}'),
  );
  assert.match((await fixture.expect(2, ['plan'], both)).err, /rbac and toy would both own output/);
  assert.match((await fixture.expect(2, ['plan'])).err, /CONFIG_UNKNOWN_KEY[\s\S]*toy/);
});

test('changes of a further generator are listed below its own headings', async () => {
  await using fixture = await openToy();
  await fixture.expect(0, ['sync'], both);
  const printed = gitIn(fixture.dir, 'log', '-1', '--format=%B%N', '--notes=*', branch);
  assert.match(printed, /^\+ ConfigMap, checkout: motto, it says so$/m);
  assert.match(printed, /^\| ➕ \| ConfigMap \| `motto` \| checkout, labs, .* \| it says so \|$/m);
});

test('what a further generator does not count has a file, and is no change', async () => {
  await using fixture = await openToy();
  const { dir } = fixture;
  const { others } = await json(fixture, 0, 'sync');
  const totals = [{ cluster: 'prod', units: 6, before: 0, after: 6 }];
  assert.partialDeepStrictEqual(others?.[0], { plan: { totals } });
  merge(dir, branch);
  const cover = await readFile(join(dir, 'mottos/prod/cover.yaml'), 'utf8');
  assert.match(cover, /All mottos of the cluster/);

  await fixture.commit({ 'mottos/prod/cover.yaml': null }, 'By hand');
  assert.match(
    (await fixture.expect(5, ['plan', '--exit-code'], both)).out,
    /^toy prod {2}1 file, no object changes$/m,
  );
  await fixture.expect(0, ['sync'], both);
  assert.match(gitIn(dir, 'log', '-1', '--format=%B', branch), /^athenz-gitops: toy prod: 1 file, no object changes$/m);
  merge(dir, branch);
  assert.equal(await readFile(join(dir, 'mottos/prod/cover.yaml'), 'utf8'), cover);
});

test('a further generator takes over a foreign file where it is told to, and no other', async () => {
  await using fixture = await openToy();
  const { dir } = fixture;
  const foreign = (namespace: string) => `kind: ConfigMap\nmetadata: {name: motto, namespace: ${namespace}}\n`;
  const files = { 'mottos/prod/search.yaml': foreign('search'), 'mottos/prod/labs.yaml': foreign('reports') };
  await fixture.commit(files, 'By hand');
  const held = await fixture.expect(4, ['plan'], both);
  assert.match(held.out, /^ {2}held: 2 files were not written by athenz-gitops \(OUTPUT_FOREIGN\)/m);

  await fixture.editConfig((text) => text.replace('motto: motto.txt', 'motto: motto.txt, adopt: true'));
  await fixture.commit({}, 'Adopt');
  const { out } = await fixture.expect(4, ['sync'], both);
  assert.match(out, /^ {4}~ search +motto {2}it says so$/m);
  assert.match(
    out,
    /^ {2}held: labs: mottos\/prod\/labs\.yaml was not written by athenz-gitops; .* \(OUTPUT_FOREIGN\)$/m,
  );
  merge(dir, branch);
  assert.match(await readFile(join(dir, 'mottos/prod/search.yaml'), 'utf8'), /festina/);
  assert.equal(await readFile(join(dir, 'mottos/prod/labs.yaml'), 'utf8'), files['mottos/prod/labs.yaml']);
});
