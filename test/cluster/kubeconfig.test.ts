import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { findTarget } from '../../src/cluster/kubeconfig.ts';
import { AppError } from '../../src/model/error.ts';
import { makeFolder } from '../support/folder.ts';
import { kubeSettings, writeConfig } from '../support/kube/fixture.ts';

const https = { server: 'https://10.0.0.1:6443' };
const good = {
  'current-context': 'prod',
  clusters: [{ name: 'c', cluster: https }],
  users: [{ name: 'u', user: { token: 't' } }],
  contexts: [{ name: 'prod', context: { cluster: 'c', user: 'u' } }],
};
const context = (cluster: string, user: string) => [{ name: 'prod', context: { cluster, user } }];

/** An invalid file: its content, or undefined if missing; the error; and the requested context. */
const invalid: readonly (readonly [string, object | string | undefined, RegExp, context?: string])[] = [
  ['a missing file', undefined, /kubeconfig cannot be read as a kubeconfig: ENOENT/],
  ['invalid YAML', 'a: [', /kubeconfig cannot be read as a kubeconfig/],
  ['an empty file', '', /no current context is set/],
  ['plain text', 'hello', /no current context is set/],
  ['a cluster without a server', { ...good, clusters: [{ name: 'c', cluster: {} }] }, /server is missing/],
  ['a missing current context', { ...good, 'current-context': undefined }, /no current context is set/],
  ['an unknown context', good, /there is no context "prdo" \(did you mean "prod"\?\)/, 'prdo'],
  ['a context with an unknown cluster', { ...good, contexts: context('x', 'u') }, /"prod" names a cluster that/],
  ['a context with an unknown user', { ...good, contexts: context('c', 'x') }, /"prod" names a user that/],
  [
    'a context without a user',
    { ...good, contexts: [{ name: 'prod', context: { cluster: 'c' } }] },
    /names a user that/,
  ],
  [
    'a server with http',
    { ...good, clusters: [{ name: 'c', cluster: { server: 'http://10.0.0.1' } }] },
    /which is not https/,
  ],
  ['a server without a scheme', { ...good, clusters: [{ name: 'c', cluster: { server: '10.0.0.1' } }] }, /not https/],
  ['a null entry', { ...good, users: [null] }, /cannot be read as a kubeconfig: users\.0: .*received null/],
  ['a current context that is no text', { ...good, 'current-context': 7 }, /current-context: .*received number/],
  [
    'a context whose name is no text',
    { ...good, contexts: [{ ...good.contexts[0], name: {} }] },
    /contexts\.0\.name: /,
  ],
  ['a server that is no text', { ...good, clusters: [{ name: 'c', cluster: { server: [] } }] }, /cluster\.server: /],
  ['nothing but null', { 'current-context': null, clusters: null, users: null, contexts: null }, /no current context/],
  [
    'insecure-skip-tls-verify',
    { ...good, clusters: [{ name: 'c', cluster: { ...https, 'insecure-skip-tls-verify': true } }] },
    /does not verify the server \(insecure-skip-tls-verify\)/,
  ],
];

for (const [what, content, expected, contextName] of invalid) {
  test(`rejects ${what}`, async () => {
    await using folder = await makeFolder();
    const file = join(folder.dir, 'kubeconfig');
    if (typeof content === 'object') await writeConfig(folder.dir, content);
    else if (content !== undefined) await writeFile(file, content);
    const error = failureOf(() =>
      findTarget('prod', kubeSettings({ kubeconfig: file, context: contextName ?? null }), {}, null),
    );
    assert.match(error.message, expected);
  });
}

test('in-cluster access fails outside of a pod', () => {
  const error = failureOf(() => findTarget('prod', kubeSettings({ inCluster: true }), { HOME: '/nowhere' }, null));
  assert.match(error.message, /this is not a pod/);
});

/** Three files: two that define `prod`, and one with another context. */
async function threeFiles(dir: string): Promise<readonly string[]> {
  const second = { ...good, clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.2' } }] };
  const third = {
    clusters: [{ name: 'third', cluster: { server: 'https://10.0.0.3/' } }],
    users: [{ name: 'other', user: { token: 'o' } }],
    contexts: [{ name: 'other', context: { cluster: 'third', user: 'other' } }],
  };
  const files = [good, second, third].map((config, index) => writeConfig(dir, config, `${index + 1}`));
  return Promise.all(files);
}

test('the first KUBECONFIG file that defines a name wins, missing ones are skipped', async () => {
  await using folder = await makeFolder();
  const [one = '', two = '', three = ''] = await threeFiles(folder.dir);
  const missing = join(folder.dir, 'gone');
  const serverOf = (files: readonly string[], name: string | null = null) =>
    findTarget('prod', kubeSettings({ context: name }), { KUBECONFIG: files.join(delimiter) }, null).server;
  assert.equal(serverOf([one, two, three]), 'https://10.0.0.1:6443');
  assert.equal(serverOf([missing, two, '', one]), 'https://10.0.0.2');
  assert.equal(serverOf([three, two]), 'https://10.0.0.2');
  assert.equal(serverOf([one, three], 'other'), 'https://10.0.0.3');
  assert.match(failureOf(() => serverOf([missing])).message, /gone cannot be read as a kubeconfig: ENOENT/);
  assert.match(failureOf(() => serverOf([missing, `${missing}-too`])).message, /none of .*gone, .*gone-too exists/);
});

test('the config overrides KUBECONFIG, which overrides ~/.kube/config', async () => {
  await using folder = await makeFolder();
  const [one = '', two = ''] = await threeFiles(folder.dir);
  await writeConfig(
    folder.dir,
    { ...good, clusters: [{ name: 'c', cluster: { server: 'https://home' } }] },
    '.kube/config',
  );
  const env = { HOME: folder.dir, KUBECONFIG: two };
  assert.equal(findTarget('prod', kubeSettings({ kubeconfig: one }), env, null).server, 'https://10.0.0.1:6443');
  assert.equal(findTarget('prod', null, env, null).server, 'https://10.0.0.2');
  assert.equal(findTarget('prod', null, { HOME: folder.dir, KUBECONFIG: '' }, null).server, 'https://home');
  for (const HOME of ['', 'relative', undefined]) {
    assert.match(
      failureOf(() => findTarget('prod', null, HOME === undefined ? {} : { HOME }, null)).message,
      /no kubeconfig/,
    );
  }
});

test('a configured context overrides the current context', async () => {
  await using folder = await makeFolder();
  const contexts = [...good.contexts, { name: 'stage', context: { cluster: 'c', user: 'v' } }];
  const users = [...good.users, { name: 'v', user: { token: 'tv' } }];
  const kubeconfig = await writeConfig(folder.dir, { ...good, contexts, users });
  const { context: name, user } = findTarget('prod', kubeSettings({ kubeconfig, context: 'stage' }), {}, null);
  assert.deepEqual([name, user.token], ['stage', 'tv']);
});

const plugin = { command: './sign-in', interactiveMode: 'Never' };
const userOf = (user: object) => ({ ...good, users: [{ name: 'u', user }] });

for (const [what, user, program] of [
  ['an exec plugin', { exec: plugin }, 'exec: .*sign-in'],
  ['an exec plugin from PATH', { exec: { command: 'sh' } }, 'exec: sh'],
  ['an exec plugin beside a token file', { exec: { command: 'sh' }, tokenFile: 'token' }, 'exec: sh'],
  ['an exec plugin by a merge key', { '<<': { exec: plugin } }, 'exec: '],
  ['the provider exec', { 'auth-provider': { name: 'exec', config: { exec: plugin } } }, 'exec: ./sign-in'],
  ['any provider with exec', { 'auth-provider': { name: 'x', config: { exec: plugin } } }, 'exec: ./sign-in'],
  ['azure with a command', { 'auth-provider': { name: 'azure', config: { 'cmd-path': 'az' } } }, 'cmd-path: az'],
  ['gcp with a command', { 'auth-provider': { name: 'gcp', config: { 'cmd-path': 'gcloud' } } }, 'cmd-path: gcloud'],
] as const) {
  test(`${what} is refused in the repository only`, async () => {
    await using folder = await makeFolder();
    const [root, outside] = [join(folder.dir, 'root'), join(folder.dir, 'root-2')];
    const write = async (dir: string) => {
      const file = await writeConfig(dir, userOf(user), 'kube/config');
      // In quotes it would be a key like any other.
      await writeFile(file, (await readFile(file, 'utf8')).replace('"<<"', '<<'));
      return file;
    };
    const [inside, other] = [await write(root), await write(outside)];
    await symlink(outside, join(root, 'away'));
    await symlink(join('..', 'root', 'kube'), join(outside, 'back'));
    await symlink(root, join(folder.dir, 'root-link'));
    const find = (kubeconfig: string, from: string | null = root) =>
      findTarget('prod', kubeSettings({ kubeconfig }), {}, from);
    for (const file of [inside, join(outside, 'back', 'config'), join(folder.dir, 'root-link', 'kube', 'config')]) {
      for (const from of [root, join(folder.dir, 'root-link')]) {
        const { message, next } = failureOf(() => find(file, from));
        assert.match(
          message,
          new RegExp(`config is in the repository, and its user "u" runs a program \\(.*${program}`),
        );
        assert.match(next ?? '', /^keep the kubeconfig outside of the repository/);
      }
    }
    for (const file of [other, join(root, 'away', 'kube', 'config')]) assert.equal(find(file).context, 'prod');
    assert.equal(find(inside, null).context, 'prod');
  });
}

test('users that start nothing may be in the repository, also beside those that do', async () => {
  await using folder = await makeFolder();
  const oidc = { name: 'oidc', config: { 'id-token': 'x' } };
  for (const user of [
    { token: 't' },
    { tokenFile: 'token' },
    { 'auth-provider': oidc },
    { 'client-certificate': 'c' },
  ]) {
    const users = [...userOf(user).users, { name: 'other', user: { exec: plugin } }];
    const kubeconfig = await writeConfig(folder.dir, { ...good, users });
    assert.equal(findTarget('prod', kubeSettings({ kubeconfig }), {}, folder.dir).context, 'prod');
  }
});

test('of several KUBECONFIG files the one that has the user decides', async () => {
  await using folder = await makeFolder();
  const root = join(folder.dir, 'root');
  const inside = await writeConfig(root, userOf({ exec: plugin }));
  const [other, plain] = [
    await writeConfig(folder.dir, userOf({ exec: plugin }), 'other'),
    await writeConfig(root, { ...good, users: [] }, 'plain'),
  ];
  const find = (...files: readonly string[]) => findTarget('prod', null, { KUBECONFIG: files.join(delimiter) }, root);
  for (const files of [
    [inside, other],
    [plain, inside],
    [join(root, 'gone'), inside],
  ])
    assert.match(failureOf(() => find(...files)).message, /kubeconfig is in the repository/);
  for (const files of [
    [other, inside],
    [plain, other],
  ])
    assert.equal(find(...files).context, 'prod');
});

test('a FIFO is an error, not waited for', async () => {
  await using folder = await makeFolder();
  const fifo = join(folder.dir, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const find = (kubeconfig: string) => findTarget('prod', kubeSettings({ kubeconfig }), {}, null);
  assert.match(failureOf(() => find(fifo)).message, /fifo cannot be read as a kubeconfig: it is a FIFO/);
  for (const user of [
    { 'client-certificate': 'fifo' },
    { 'client-key': fifo },
    { tokenFile: 'fifo' },
    { 'token-file': fifo },
  ]) {
    const kubeconfig = await writeConfig(folder.dir, userOf(user));
    assert.match(failureOf(() => find(kubeconfig)).message, /it is a FIFO/, JSON.stringify(user));
  }
  const clusters = [{ name: 'c', cluster: { ...https, 'certificate-authority': 'fifo' } }];
  const kubeconfig = await writeConfig(folder.dir, { ...good, clusters });
  assert.match(failureOf(() => find(kubeconfig)).message, /fifo cannot be read: it is a FIFO/);
});

/** The CLUSTER_CONFIG error, which names the cluster and has a next step. */
function failureOf(find: () => unknown): AppError {
  try {
    find();
  } catch (error) {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.code, 'CLUSTER_CONFIG');
    assert.match(error.message, /^connecting to cluster prod: /);
    assert.ok(error.next !== undefined);
    return error;
  }
  return assert.fail('no error was thrown');
}
