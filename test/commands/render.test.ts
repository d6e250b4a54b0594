import assert from 'node:assert/strict';
import { access, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Fixture, openFixture } from '../support/fixture.ts';
import { readFiles } from '../support/generated.ts';
import { openKiller } from '../support/kill.ts';
import { fingerprint, writeFiles } from '../support/repository.ts';

const namespaces = 'clusters/prod/namespaces.yaml';
const search = 'output/prod/search/rbac.yaml';

test('render writes a file for each namespace, and a second run writes nothing', async () => {
  await using fixture = await openFixture();
  const first = await fixture.expect(0, ['render']);
  assert.match(first.out, /6 files written below output: review with git status\.\n$/);
  const names = ['checkout', 'labs', 'payments-api', 'payments-web', 'reports', 'search'];
  const files = await readFiles(fixture.dir, 'output');
  assert.deepEqual(
    [...files.keys()],
    names.map((name) => `output/prod/${name}/rbac.yaml`),
  );
  const written = await stat(join(fixture.dir, search));
  assert.equal(written.mode & 0o777, 0o666 & ~process.umask());

  const before = await fingerprint(fixture.dir);
  const second = await fixture.expect(0, ['render']);
  assert.match(second.out, /^No changes\. Git matches Athenz\.\n/);
  assert.deepEqual(await fingerprint(fixture.dir), before);
});

test('only files that change are written', async () => {
  await using fixture = await openFixture();
  await fixture.expect(0, ['render']);
  fixture.setRole('acme.eks.search', 'k8s_ns_admins', ['user.dara', 'user.nell']);
  const before = new Set(await fingerprint(fixture.dir));
  const { out } = await fixture.expect(0, ['render']);
  assert.match(out, /1 file written below output: review with git diff\.\n$/);
  const changed = (await fingerprint(fixture.dir)).filter((line) => !before.has(line));
  assert.deepEqual(
    changed.map((line) => line.split(' ')[0]),
    [join(fixture.dir, search)],
  );
  assert.match(await readFile(join(fixture.dir, search), 'utf8'), /"user\.nell"/);
});

test('--check writes nothing and exits 5 on a difference, 0 without one', async () => {
  await using fixture = await openFixture();
  const before = await fingerprint(fixture.dir);
  assert.equal((await fixture.expect(5, ['render', '--check', '--quiet'])).err, 'exit code 5: 6 files to change\n');
  const differs = await fixture.expect(5, ['render', '--check']);
  assert.match(differs.out, /6 files differ: run athenz-gitops render to write them\.\n$/);
  assert.deepEqual(await fingerprint(fixture.dir), before);
  await fixture.expect(0, ['render']);
  await fixture.expect(0, ['render', '--check']);
  await fixture.write({ [search]: `${await readFile(join(fixture.dir, search), 'utf8')}# edited by hand\n` });
  const one = await fixture.expect(5, ['render', '--check']);
  assert.match(one.out, /1 file differs: run athenz-gitops render to write it\.\n$/);
});

test('reverts a manual edit, and compares access with the uncommitted output', async () => {
  await using fixture = await openFixture();
  await fixture.expect(0, ['render']);
  const rendered = await readFile(join(fixture.dir, search), 'utf8');
  await fixture.write({ [search]: rendered.replaceAll('"user.dara"', '"user.mallory"') });
  const { out } = await fixture.expect(0, ['render']);
  assert.match(out, /\+ user\.dara +k8s_ns_admins/);
  assert.match(out, /- user\.mallory +k8s_ns_admins +not in Athenz; origin unknown/);
  assert.equal(await readFile(join(fixture.dir, search), 'utf8'), rendered);
});

test('a removed namespace removes its file and the empty folder', async () => {
  await using fixture = await openFixture();
  await fixture.expect(0, ['render']);
  await dropNamespace(fixture, 'reports');
  await fixture.expect(0, ['render']);
  await assert.rejects(access(join(fixture.dir, 'output/prod/reports')));
  await access(join(fixture.dir, search));
});

test('a removed namespace leaves files in output.keep', async () => {
  await using fixture = await openFixture({
    config: (text) => `${text}\noutput:\n  keep: ['output/**/kustomization.yaml']\n`,
  });
  await fixture.expect(0, ['render']);
  await fixture.write({ 'output/prod/reports/kustomization.yaml': 'resources: [rbac.yaml]\n' });
  await dropNamespace(fixture, 'reports');
  await fixture.expect(0, ['render']);
  assert.deepEqual(
    [...(await readFiles(fixture.dir, 'output/prod/reports')).keys()],
    ['output/prod/reports/kustomization.yaml'],
  );
});

test('a namespace whose removal is held keeps its file unchanged, exit 4', async () => {
  await using fixture = await openFixture({
    config: (text) => `${text}\n`.replace('limits:', 'limits:\n  maxRemovedGrants: {percent: 0, floor: 0}'),
  });
  await fixture.expect(0, ['render']);
  await dropNamespace(fixture, 'search');
  const before = await fingerprint(fixture.dir);
  const { out } = await fixture.expect(4, ['render']);
  const [, digest] = /--accept-removals ([0-9a-f]{16})/.exec(out) ?? [];
  assert.deepEqual(await fingerprint(fixture.dir), before);
  await fixture.expect(4, ['render', '--accept-removals', 'f'.repeat(16)]);
  assert.deepEqual(await fingerprint(fixture.dir), before);
  await fixture.expect(0, ['render', '--accept-removals', digest ?? '']);
  await assert.rejects(access(join(fixture.dir, 'output/prod/search')));
});

test('a foreign file is reported and left alone, exit 4, and the rest is written', async () => {
  await using fixture = await openFixture();
  const foreign = {
    [search]: 'kind: Mine\n',
    'output/prod/README.md': 'Mine\n',
    'output/prod/labs': '->../../clusters',
  };
  await fixture.write(foreign);
  const { out } = await fixture.expect(4, ['render']);
  for (const path of [search, 'output/prod/README.md', 'output/prod/labs']) {
    assert.ok(out.includes(`${path} was not written by athenz-gitops`), path);
  }
  assert.equal(await readFile(join(fixture.dir, search), 'utf8'), 'kind: Mine\n');
  assert.deepEqual([...(await readFiles(fixture.dir, 'clusters')).keys()], [namespaces]);
  await access(join(fixture.dir, 'output/prod/checkout/rbac.yaml'));
});

for (const [name, path] of [
  ['the output folder', 'output'],
  ['the cluster folder', 'output/prod'],
] as const) {
  test(`fails before any write if ${name} is a symlink`, async () => {
    await using fixture = await openFixture();
    await fixture.write({ 'elsewhere/prod/x': 'x\n', [path]: path === 'output' ? '->elsewhere' : '->../elsewhere' });
    const before = await fingerprint(fixture.dir);
    for (const command of ['render', 'snapshot']) {
      const { err } = await fixture.expect(1, [command]);
      assert.match(
        err,
        new RegExp(`^error: OUTPUT_LINK: writing below ${path}: it is a link.*\n {2}Set output\\.path`),
      );
    }
    assert.deepEqual(await fingerprint(fixture.dir), before);
    assert.equal(fixture.sandbox.requests.length, 0, 'and before Athenz is asked');
  });
}

test('fails if the output folder is a git repository', async () => {
  await using fixture = await openFixture();
  fixture.git('init', '--quiet', 'output');
  const { err } = await fixture.expect(1, ['render']);
  assert.match(err, /OUTPUT_LINK: writing below output: it is a submodule/);
});

test('render works outside a git repository', async () => {
  await using fixture = await openFixture({ uncommitted: true });
  await writeFiles(fixture.dir, { '.git': null });
  await fixture.expect(0, ['render']);
  await fixture.expect(0, ['render', '--check']);
  assert.equal((await readFiles(fixture.dir, 'output')).size, 6);
});

test('paths are relative to the folder of the config', async () => {
  await using fixture = await openFixture({ uncommitted: true });
  await mkdir(join(fixture.dir, 'gitops'));
  await writeFiles(fixture.dir, {
    'gitops/athenz-gitops.yaml': (await readFile(fixture.paths.config, 'utf8')).replaceAll(
      /(?<=[ "])\.\.\//g,
      '../../',
    ),
    'gitops/clusters/prod/namespaces.yaml': await readFile(fixture.paths.namespaces, 'utf8'),
    'athenz-gitops.yaml': null,
    clusters: null,
  });
  await fixture.expect(0, ['render', '--config', 'gitops/athenz-gitops.yaml']);
  await fixture.expect(0, ['render', '--check'], { cwd: join(fixture.dir, 'gitops') });
  assert.equal((await readFiles(fixture.dir, 'gitops/output')).size, 6);
});

test('temporary files of a killed render are removed, even with nothing to write', async () => {
  await using fixture = await openFixture();
  const name = '.athenz-gitops.5f0c0a0e-32b6-4bd0-9a53-7d0c4b8a8f11.tmp';
  const leftovers = ['search', 'gone', '..'].map((folder) => [join('output/prod', folder, name), '# Gener']);
  for (const _ of ['first', 'second']) {
    await fixture.write(Object.fromEntries(leftovers));
    await fixture.expect(0, ['render']);
    assert.equal((await readFiles(fixture.dir, 'output')).size, 6);
    await assert.rejects(access(join(fixture.dir, 'output/prod/gone')));
  }
  await fixture.write(Object.fromEntries(leftovers));
  const before = await fingerprint(fixture.dir);
  await fixture.expect(0, ['render', '--check']);
  assert.deepEqual(await fingerprint(fixture.dir), before);
});

test('a rename by case alone removes the old file before writing the new one', async () => {
  await using fixture = await openFixture({ rendered: true });
  await using killer = await openKiller();
  await fixture.editConfig((text) => `${text}\noutput:\n  path: output/{cluster}/{namespace}/RBAC.yaml\n`);
  // On a case-insensitive file system, removing the old file later would remove the new one.
  assert.equal(await killer.run(fixture.dir, ['render'], { kind: 'write', at: 2, how: 'before' }), null);
  const left = [...(await readFiles(fixture.dir, 'output')).keys()];
  assert.equal(left.length, 5);
  assert.ok(left.every((path) => path.endsWith('/rbac.yaml')));
  await fixture.expect(0, ['render']);
  assert.equal((await readFiles(fixture.dir, 'output')).size, 6);
});

test('output.templates works with and without a trailing slash', async () => {
  for (const folder of ['templates', 'templates/']) {
    await using fixture = await openFixture({ config: (text) => `${text}\noutput:\n  templates: ${folder}\n` });
    const packaged = await readFiles(join(import.meta.dirname, '../..'), 'templates/rbac');
    const texts = [...packaged].map(([path, text]) => [
      path.replace('/rbac/', '/'),
      text.replace('labels:', 'labels:\n    example.com/ours: "yes"'),
    ]);
    await fixture.commit(Object.fromEntries(texts));
    await fixture.expect(0, ['render']);
    assert.match(await readFile(join(fixture.dir, search), 'utf8'), /example\.com\/ours/);
    await fixture.expect(0, ['plan']);
  }
});

async function dropNamespace({ dir, write }: Fixture, name: string): Promise<void> {
  const text = await readFile(join(dir, namespaces), 'utf8');
  await write({
    [namespaces]: text.replace(new RegExp(`---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}\n`), ''),
  });
}
