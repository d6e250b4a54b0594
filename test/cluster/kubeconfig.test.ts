import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
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
      findTarget('prod', kubeSettings({ kubeconfig: file, context: contextName ?? null }), {}),
    );
    assert.match(error.message, expected);
  });
}

test('in-cluster access fails outside of a pod', () => {
  const error = failureOf(() => findTarget('prod', kubeSettings({ inCluster: true }), { HOME: '/nowhere' }));
  assert.match(error.message, /this is no pod/);
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
    findTarget('prod', kubeSettings({ context: name }), { KUBECONFIG: files.join(delimiter) }).server;
  assert.equal(serverOf([one, two, three]), 'https://10.0.0.1:6443');
  assert.equal(serverOf([missing, two, '', one]), 'https://10.0.0.2');
  assert.equal(serverOf([three, two]), 'https://10.0.0.2');
  assert.equal(serverOf([one, three], 'other'), 'https://10.0.0.3');
  assert.match(failureOf(() => serverOf([missing])).message, /gone cannot be read as a kubeconfig: ENOENT/);
  assert.match(failureOf(() => serverOf([missing, `${missing}-too`])).message, /none of .*gone, .*gone-too is there/);
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
  assert.equal(findTarget('prod', kubeSettings({ kubeconfig: one }), env).server, 'https://10.0.0.1:6443');
  assert.equal(findTarget('prod', null, env).server, 'https://10.0.0.2');
  assert.equal(findTarget('prod', null, { HOME: folder.dir, KUBECONFIG: '' }).server, 'https://home');
  for (const HOME of ['', 'relative', undefined]) {
    assert.match(
      failureOf(() => findTarget('prod', null, HOME === undefined ? {} : { HOME })).message,
      /no kubeconfig/,
    );
  }
});

test('a configured context overrides the current context', async () => {
  await using folder = await makeFolder();
  const contexts = [...good.contexts, { name: 'stage', context: { cluster: 'c', user: 'v' } }];
  const users = [...good.users, { name: 'v', user: { token: 'tv' } }];
  const kubeconfig = await writeConfig(folder.dir, { ...good, contexts, users });
  const { context: name, user } = findTarget('prod', kubeSettings({ kubeconfig, context: 'stage' }), {});
  assert.deepEqual([name, user.token], ['stage', 'tv']);
});

/** The CLUSTER_CONFIG error, which names the cluster and has a next step. */
function failureOf(find: () => unknown): AppError {
  try {
    find();
  } catch (error) {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.code, 'CLUSTER_CONFIG');
    assert.match(error.message, /^reaching cluster prod: /);
    assert.ok(error.next !== undefined);
    return error;
  }
  return assert.fail('no error was thrown');
}
