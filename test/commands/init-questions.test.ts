import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import { answering, type Dialog, enter, type Turn } from '../support/dialog.ts';
import { gitEnv, makeRepository, type TestRepository } from '../support/repository.ts';
import { type Ran, type RunOptions, runMain } from '../support/run.ts';

const zms: Turn = ['Where is ZMS?', `https://zms.example.com/zms/v1${enter}`];
const domain: Turn = ['Which Athenz domain', `eks.{namespace}${enter}`];
const forge: Turn = ['Where are changes proposed?', enter];
const roles: Turn = ['Athenz roles', `viewers=view  admins=admin${enter}`];
const identity: readonly Turn[] = [
  ['Client certificate', `certs/a.crt${enter}`],
  ['private key', `../keys/a.key${enter}`],
  ['CA of the server', `certs/ca.crt${enter}`],
];
const noIdentity: readonly Turn[] = [
  ['Client certificate', enter],
  ['CA of the server', enter],
];
const defaults: readonly [Turn, Turn] = [
  ['What is the cluster called?', enter],
  ['Which files declare', enter],
];

function init(
  { dir }: TestRepository,
  dialog: Dialog,
  args: readonly string[] = [],
  more: RunOptions = {},
): Promise<Ran> {
  return runMain(['init', '--offline', ...args], { cwd: dir, env: gitEnv, ...dialog.options, ...more });
}

test('at a terminal, init asks for every setting and writes the answers', async () => {
  await using repository = await makeRepository();
  const cluster: Turn = ['What is the cluster called?', `eu${enter}`];
  const dialog = answering(zms, ...identity, cluster, domain, ['Which files', `ns/*.yaml${enter}`], roles, forge);
  const { code, err } = await init(repository, dialog);
  // The certificate is not there yet.
  assert.deepEqual([code, err, dialog.left], [3, '', []]);
  const config = await loadConfig(join(repository.dir, 'athenz-gitops.yaml'));
  assert.deepEqual(
    [config.athenz.zmsUrl, config.athenz.certPath, config.athenz.keyPath, config.athenz.caPath],
    [
      'https://zms.example.com/zms/v1',
      ...['certs/a.crt', '../keys/a.key', 'certs/ca.crt'].map((path) => join(repository.dir, path)),
    ],
  );
  assert.deepEqual(config.clusters, [
    {
      name: 'eu',
      domain: 'eks.{namespace}',
      namespaces: { files: ['ns/*.yaml'], exclude: [] },
      kube: null,
      roles: [
        { athenzRole: 'admins', clusterRole: 'admin' },
        { athenzRole: 'viewers', clusterRole: 'view' },
      ],
    },
  ]);
});

test('Enter accepts the default, and without a certificate no key is asked for', async () => {
  await using repository = await makeRepository();
  const dialog = answering(zms, ...noIdentity, defaults[0], domain, defaults[1], roles, forge);
  const { code } = await init(repository, dialog, ['--config', 'infra/g.yaml']);
  assert.deepEqual([code, dialog.left], [0, []]);
  assert.match(dialog.shown(), /infra\/clusters\/default\/\*\*\/\*\.yaml/);
  const { athenz, clusters } = await loadConfig(join(repository.dir, 'infra/g.yaml'));
  assert.deepEqual([athenz.certPath, athenz.keyPath, athenz.caPath], [null, null, null]);
  assert.deepEqual(
    [clusters[0]?.name, clusters[0]?.namespaces],
    ['default', { files: ['clusters/default/**/*.yaml'], exclude: [] }],
  );
});

test('settings given as flags are not asked for', async () => {
  await using repository = await makeRepository();
  const flags = ['--zms-url', 'https://a.example.com', '--domain', 'a.{namespace}', '--role', 'a=b', '--ca', 'c'];
  const dialog = answering(['Client certificate, a PEM file?\n', `b.crt${enter}`], ...defaults, forge);
  const { code } = await init(repository, dialog, [...flags, '--key', 'b.key']);
  assert.deepEqual([code, dialog.left], [3, []]);
  assert.doesNotMatch(dialog.shown(), /Where is ZMS|Which Athenz domain|Athenz roles|private key|CA of/);
});

const clear = '\u0015';
test('an invalid answer is asked for again, with the reason', async () => {
  await using repository = await makeRepository();
  const dialog = answering(
    ['Where is ZMS?', enter],
    ['A value is required', `http://a${enter}`],
    ['must be an https URL', `${clear}https://a.example.com${enter}`],
    ['Client certificate', `-----BEGIN CERTIFICATE-----${enter}`],
    ['must be a file path', `${clear}${enter}`],
    ['CA of the server', enter],
    ['What is the cluster called?', `EU${enter}`],
    ['must be a lower case', `${clear}eu${enter}`],
    ['Which Athenz domain', `eks${enter}`],
    ['must contain {namespace} exactly once', `.{namespace}${enter}`],
    ['Which files', `!x${enter}`],
    ['must include files', `${clear}x${enter}`],
    ['Athenz roles', `a=b a=c${enter}`],
    ['"a" is already listed', `${clear}a=b${enter}`],
    ['Where are changes proposed?', `gitlab${enter}`],
    ['must be github, local or none', `${clear}github${enter}`],
    ['Which GitHub repository?', `acme${enter}`],
    ['must be owner/name', `${clear}acme/access${enter}`],
    ['Which branch', enter],
    ['Who opens pull requests', `me${enter}`],
    ['must be app or token', `${clear}token${enter}`],
    ['Where are the workflows', `acme/athenz-gitops${enter}`],
    ['must be owner/name@', `${clear}acme/athenz-gitops@v1${enter}`],
    ['secrets of the workflow', `${clear}cert=a-b${enter}`],
    ['must be <use>=<name>', `${clear}${enter}`],
  );
  const { code } = await init(repository, dialog);
  assert.deepEqual([code, dialog.left], [0, []]);
});

for (const [name, keys] of [
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
  ['closing the terminal', ''],
] as const) {
  test(`${name} cancels, exit 1, and nothing is written`, async () => {
    await using repository = await makeRepository();
    const dialog = answering(zms, ['Client certificate', keys]);
    const { code, out, err } = await init(repository, dialog, ['--config', 'new/g.yaml']);
    assert.deepEqual([code, out, dialog.left], [1, '', []]);
    assert.match(err, /^error: CANCELLED: .*nothing was written\n/);
    assert.deepEqual(await readdir(repository.dir), ['.git']);
  });
}

test('a config created while init asks is not overwritten', async () => {
  await using repository = await makeRepository();
  const file = join(repository.dir, 'athenz-gitops.yaml');
  const late: Turn = [
    'Athenz roles',
    () => {
      writeFileSync(file, 'theirs\n');
      return `a=b${enter}`;
    },
  ];
  const dialog = answering(zms, ...noIdentity, defaults[0], domain, defaults[1], late, forge);
  const { code, err } = await init(repository, dialog);
  assert.deepEqual([code, dialog.left], [2, []]);
  assert.match(err, /it already exists/);
  assert.equal(await readFile(file, 'utf8'), 'theirs\n');
  assert.deepEqual(await readdir(repository.dir), ['.git', 'athenz-gitops.yaml']);
});

const nonInteractive: readonly (readonly [
  name: string,
  args: readonly string[],
  options: RunOptions,
  expected: RegExp,
])[] = [
  ['stdin that is not a terminal', [], { inIsTerminal: false }, /missing --zms-url/],
  ['stderr that is not a terminal', [], { errIsTerminal: false }, /missing --zms-url/],
  ['a CI system with a terminal', [], { env: { ...gitEnv, CI: 'true' } }, /missing --zms-url/],
  ['an operator config', ['--from', 'nowhere'], {}, /CONFIG_NOT_FOUND/],
  ['an existing config', ['--config', '.git/HEAD'], {}, /it already exists/],
  ['an invalid flag', ['--cluster', 'A'], {}, /--cluster: must be/],
];
for (const [name, args, options, expected] of nonInteractive) {
  test(`init asks nothing with ${name}`, async () => {
    await using repository = await makeRepository();
    const dialog = answering();
    const { code, err } = await init(repository, dialog, args, options);
    assert.deepEqual([code, dialog.shown()], [2, '']);
    assert.match(err, expected);
  });
}
