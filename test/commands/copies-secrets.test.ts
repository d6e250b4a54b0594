import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { configMap, syncFile } from '../support/copies.ts';
import { caBundle } from '../support/copies-fixture.ts';
import { openGitHubFixture } from '../support/github-fixture.ts';
import { type Files, gitIn } from '../support/repository.ts';

/** Letters alone in all its forms: Markdown escapes anything else, and it would not be found. */
const value = 'swordfishOfThePlatformTeamX';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const forms = [value, base64(value), base64(base64(value))];

/** Ways in which the value may stand in a source. */
const contents = {
  data: `data: {token: ${base64(value)}}`,
  text: `stringData: {token: ${value}}`,
  key: `stringData: {token:${value}}`,
  broken: `stringData: {token: *${value}}`,
};

const sources = Object.entries(contents).map(([name, content]) => {
  return [
    `sources/${name}.yaml`,
    `apiVersion: v1\nkind: Secret\nmetadata: {name: ${name}, namespace: default}\n${content}\n`,
  ];
});
const syncs = Object.keys(contents).map((name) => {
  return [`inputs/copies/${name}.yaml`, syncFile(name, { group: '', kind: 'Secret', name }, [{ namespace: '*' }])];
});

function assertHidden(what: string, text: string): void {
  for (const form of forms) assert.ok(!text.includes(form), `${form} is in ${what}`);
}

/** Every object that a repository has and its main branch has not, also those that nothing leads to any more; and the refs. */
function besidesMain(dir: string): string {
  const own = new Set(gitIn(dir, 'rev-list', '--objects', '--no-object-names', 'main').split('\n'));
  const all = gitIn(dir, 'cat-file', '--batch-all-objects', '--batch-check=%(objectname)').split('\n');
  return gitIn(dir, 'show', ...all.filter((id) => !own.has(id))) + gitIn(dir, 'for-each-ref');
}

/** Every file below a folder. */
async function textsIn(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name));
  return (await Promise.all(files.map(async (file) => `${file}\n${await readFile(file, 'latin1')}`))).join('\n');
}

test('the value of a refused Secret is in no request to GitHub, no file of the cache and no object of git', async () => {
  for (const form of forms) assert.match(form, /^\w+$/);
  await using fixture = await openGitHubFixture({
    cached: true,
    rendered: true,
    config: (text) => `${text}\ncopies: {marker: null}\n`,
  });
  const { github, dir, paths } = fixture;
  const printed: string[] = [];
  const change = async (files: Files, members: readonly string[]) => {
    await fixture.commit(files, 'Copies');
    fixture.publish();
    fixture.setRole('acme.eks.search', 'k8s_ns_admins', members);
    const { out, err } = await fixture.expect(4, ['sync', '--log-level', 'debug']);
    printed.push(out, err);
  };

  await change(
    {
      ...Object.fromEntries([...sources, ...syncs]),
      'sources/ca.yaml': configMap('ca-bundle'),
      'inputs/copies/ca.yaml': syncFile('ca', caBundle, [{ namespace: '*' }]),
    },
    ['user.dara', 'user.nell'],
  );
  const copies =
    github.pulls().find(({ title }) => title.includes('copies prod')) ?? assert.fail('nothing is proposed');
  const body = (copies.body ?? '').replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code));
  assert.match(body, /Secret default\/data in sources\/data\.yaml holds 1 plaintext key \(token\)/);
  assert.match(body, /Secret default\/key in sources\/key\.yaml holds 1 plaintext key:/);
  assert.match(body, /sources\/broken\.yaml cannot be read/);
  await change({ 'sources/ca.yaml': configMap('ca-bundle', 'default', { key: 'new' }) }, ['user.dara', 'user.omar']);
  const gone = ['inputs/copies/ca.yaml', 'inputs/copies/broken.yaml', 'sources/broken.yaml'];
  await change(Object.fromEntries(gone.map((path) => [path, null])), ['user.dara']);
  assert.deepEqual([github.pull(copies.number).state, github.pull(copies.number).comments.length], ['closed', 1]);

  assertHidden('what is printed', printed.join('\n'));
  assertHidden('requests to GitHub', github.requests.map(({ path, body }) => `${path} ${body}`).join('\n'));
  assertHidden('pull requests', JSON.stringify(github.pulls()));
  const cache = await textsIn(join(dirname(paths.credentials.keyPath), 'cache'));
  assert.match(cache, /acme\.eks\.search/);
  assertHidden('the cache', cache);
  for (const repository of [github.git.dir, dir]) {
    const text = besidesMain(repository);
    assert.match(text, /ca-bundle/);
    assertHidden(repository, text);
  }
});
