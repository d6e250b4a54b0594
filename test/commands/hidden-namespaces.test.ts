import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openFixture } from '../support/fixture.ts';

/*
 * A team moves its folder into a repository of its own: in its place stands a submodule or a link. What is behind it cannot be
 * read, which is not the same as its namespaces having left.
 */

const namespaces = ['checkout', 'labs', 'payments-api', 'payments-web', 'reports', 'search'];
const manifest = (name: string) => `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`;

for (const [glob, fileOf, kind] of [
  ['teams/*/namespaces/*.yaml', (team: string) => `teams/${team}/namespaces/ns.yaml`, 'submodule'],
  ['clusters/**/*.yaml', (team: string) => `clusters/${team}-v1.2/ns.yaml`, 'link'],
] as const) {
  test(`a ${kind} that hides namespaces of ${glob} removes nothing, until it is excluded`, async () => {
    await using fixture = await openFixture({
      config: (text) => text.replace('clusters/prod/*.yaml', JSON.stringify(glob)).replace(/limits:\n.*\n/, ''),
    });
    fixture.git('rm', '-rq', 'clusters');
    await fixture.commit(Object.fromEntries(namespaces.map((name) => [fileOf(name), manifest(name)])));
    await fixture.expect(0, ['render', '--quiet']);
    await fixture.commit({}, 'rendered');
    const folder = fileOf('search').split('/').slice(0, 2).join('/');
    fixture.git('rm', '-rq', folder);
    if (kind === 'link') await fixture.write({ [folder]: '->elsewhere' });
    else {
      fixture.git('update-index', '--add', '--cacheinfo', `160000,${fixture.git('rev-parse', 'HEAD')},${folder}`);
      // As a checkout without --recurse-submodules leaves it.
      await mkdir(join(fixture.dir, folder));
    }
    if (kind === 'link') fixture.git('add', '--all');
    fixture.git('commit', '--quiet', '--message=Move');
    for (const command of ['plan', 'render', 'provision']) {
      const { out, err } = await fixture.expect(3, [command, '--json']);
      assert.match(out, new RegExp(`reading the namespaces in ${folder}: it is a ${kind}, `), `${command} ${err}`);
    }
    assert.equal(fixture.git('status', '--short'), '');
    await fixture.editConfig((text) => text.replace(JSON.stringify(glob), `'${glob}', '!${folder}'`));
    const { out } = await fixture.run(['plan']);
    assert.match(out, /cause 1: the namespace is no longer in clusters\[\]\.namespaces .*\n\n {2}search\n/);
    assert.doesNotMatch(out, /INVENTORY_UNREADABLE/);
  });
}
