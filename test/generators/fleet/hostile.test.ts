import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { parse } from 'yaml';
import { findSecret } from '../../../src/generators/fleet/secrets.ts';
import { AppError } from '../../../src/model/error.ts';
import { at, clusterFile, kyma, moduleFile, planFleet } from '../../support/fleet.ts';
import type { Texts } from '../../support/plan-one.ts';
import { trials } from '../../support/properties.ts';
import { hostileText } from '../../support/rbac.ts';

const small: Texts = {
  [at.cluster('a')]: clusterFile('a', ['istio', 'keda']),
  [at.cluster('b')]: clusterFile('b', ['istio', 'keda']),
  [at.module('istio')]: moduleFile('istio'),
  [at.module('keda')]: moduleFile('keda', { regular: '2.0.0' }),
};
const everything = ['a/istio', 'a/keda', 'b/istio', 'b/keda'];

/** The plan once the fleet is merged and some files are replaced. */
async function after(files: Texts, config: object = {}) {
  const { merged } = await planFleet({ files: small, config });
  return planFleet({ files: { ...merged, ...files }, config });
}

describe('a mistake holds what it names, and nothing else', () => {
  const withoutKeda = { [at.cluster('b')]: clusterFile('b', ['istio']) };
  const mistakes: readonly (readonly [what: string, files: Texts, message: RegExp, modules: readonly string[]])[] = [
    [
      'an unknown key of a cluster',
      { [at.cluster('a')]: '{name: a, chanel: fast}' },
      /^a: .*a\.yaml: chanel: unknown key \(did you mean "channel"\?\)$/,
      ['a/istio', 'a/keda', 'b/istio'],
    ],
    [
      'a cluster that two files declare',
      { [at.cluster('z')]: clusterFile('a', []) },
      /^a: it is declared more than once, in .*a\.yaml and .*z\.yaml$/,
      ['a/istio', 'a/keda', 'b/istio'],
    ],
    [
      'an unknown set',
      { [at.cluster('a')]: clusterFile('a', [], { set: 'eu' }) },
      /^eu: there is no such set \(cluster a\)$/,
      ['a/istio', 'a/keda', 'b/istio'],
    ],
    [
      'a version that is a number',
      {
        [at.module('keda')]:
          'name: keda\nchart: {repository: "https://x.example", name: keda}\nchannels: {regular: 2.1}\n',
      },
      /^keda: .*channels\.regular: .*/,
      everything,
    ],
    [
      'a range of versions',
      { [at.module('keda')]: moduleFile('keda', { regular: '>=2' }) },
      /channels\.regular: /,
      everything,
    ],
    [
      'a module without a chart',
      { [at.module('keda')]: '{name: keda, channels: {regular: 2.0.0}}' },
      /needs exactly one of "chart"/,
      everything,
    ],
    [
      'a module of another kind',
      { [at.module('keda')]: '{name: keda, helmComponent: true}' },
      /a HelmRelease needs a chart/,
      everything,
    ],
    [
      'a circle of dependsOn',
      { [at.module('keda')]: moduleFile('keda', { regular: '2.0.0' }, { dependsOn: ['keda'] }) },
      /^keda: its dependsOn is a cycle: keda → keda$/,
      everything,
    ],
    [
      'a password in the address of a chart',
      {
        [at.module('keda')]: moduleFile(
          'keda',
          { regular: '2.0.0' },
          { chart: { repository: 'https://u:hunter2@x.example', name: 'keda' } },
        ),
      },
      /chart\.repository: must not contain a password/,
      everything,
    ],
    [
      'a Kyma of an odd namespace',
      { [at.cluster('a')]: kyma('a', { modules: [] }, { namespace: '../x' }) },
      /metadata\.namespace must be the name of a namespace$/,
      ['a/istio', 'a/keda', 'b/istio'],
    ],
    [
      'a Kyma of another version',
      { [at.cluster('a')]: kyma('a', { modules: [] }).replace('v1beta2', 'v1') },
      /apiVersion must be inventory\.kyma-project\.io\/v1alpha1 or /,
      ['a/istio', 'a/keda', 'b/istio'],
    ],
    [
      'a field that a Kyma does not have',
      { [at.cluster('a')]: kyma('a', { modules: [], chanel: 'fast' }) },
      /spec\.chanel: unknown key \(did you mean "channel"\?\)$/,
      ['a/istio', 'a/keda', 'b/istio'],
    ],
  ];
  for (const [what, files, message, modules] of mistakes) {
    test(what, async () => {
      const planned = await after({ ...withoutKeda, ...files });
      assert.deepEqual(planned.modules, modules);
      assert.equal(planned.messages.length, 1);
      assert.match(planned.messages[0] ?? '', message);
      assert.doesNotMatch(JSON.stringify(planned.plan), /hunter2/);
    });
  }

  test('an unknown module, which may be a misspelt one: nothing leaves that cluster', async () => {
    const planned = await after({ ...withoutKeda, [at.cluster('a')]: clusterFile('a', ['istio', 'kedda']) });
    assert.deepEqual(planned.modules, ['a/istio', 'a/keda', 'b/istio']);
    assert.deepEqual(planned.codes, ['FLEET_MODULE_UNKNOWN']);
  });

  test('a secret in values that clusters share is told once, and holds these clusters', async () => {
    const planned = await after({
      [at.set('eu')]: JSON.stringify({ name: 'eu', values: { password: 'hunter2' } }),
      [at.cluster('a')]: clusterFile('a', [], { set: 'eu' }),
      [at.cluster('b')]: clusterFile('b', ['istio'], { set: ['eu'] }),
    });
    assert.deepEqual(planned.modules, everything);
    assert.deepEqual(planned.codes, ['FLEET_SECRET']);
    assert.match(planned.messages[0] ?? '', /^set eu: values\.password looks like a secret/);
  });

  test('a cycle of several modules, each with its shortest way', async () => {
    const files = Object.fromEntries(
      [
        ['x', 'y'],
        ['y', 'z'],
        ['z', 'x'],
        ['w', 'x'],
      ].map(([name = '', on]) => [at.module(name), moduleFile(name, undefined, { dependsOn: [on] })]),
    );
    const planned = await planFleet({ files: { ...files, [at.cluster('a')]: clusterFile('a', ['w', 'x', 'y', 'z']) } });
    assert.deepEqual(planned.messages, [
      'x: its dependsOn is a cycle: x → y → z → x',
      'y: its dependsOn is a cycle: y → z → x → y',
      'z: its dependsOn is a cycle: z → x → y → z',
    ]);
    assert.deepEqual(planned.modules, ['a/w']);
  });

  test('a dependency that the cluster does not have', async () => {
    const files = { ...small, [at.module('keda')]: moduleFile('keda', undefined, { dependsOn: ['cert-manager'] }) };
    const planned = await planFleet({ files });
    assert.deepEqual(planned.modules, ['a/istio', 'b/istio']);
    assert.deepEqual(planned.messages, ['keda: depends on cert-manager, which is not on the cluster (clusters a, b)']);
  });
});

describe('what cannot be read removes nothing', () => {
  for (const [what, text] of [
    ['a cut file', '{name: a'],
    ['an entry without a name', '- {modules: []}'],
    ['a name that leaves the folder', '{name: ../../x}'],
    ['a name with a slash', '{name: a/b}'],
    ['a name with a backslash', '{name: "a\\\\b"}'],
    ['a name in capitals', '{name: A}'],
    ['a name with a dot', '{name: a.lock}'],
    ['a name of 64 letters', `{name: ${'a'.repeat(64)}}`],
    ['a Kyma without a name', '{apiVersion: operator.kyma-project.io/v1beta2, kind: Kyma, spec: {}}'],
    ['a word', 'nothing'],
  ] as const) {
    test(what, async () => {
      const { modules, codes, plan } = await after({
        [at.cluster('a')]: text,
        [at.cluster('b')]: clusterFile('b', ['istio']),
      });
      assert.deepEqual(modules, everything);
      assert.deepEqual(codes, ['FLEET_INPUT_INVALID']);
      assert.deepEqual(plan.files, []);
    });
  }

  test('a pattern without a file', async () => {
    const { modules, skipped } = await after({}, { inputs: { clusters: ['inputs/clusters/*.yaml'] } });
    assert.deepEqual(modules, []);
    assert.deepEqual(skipped, ['fleet.inputs: no file matches inputs/clusters/*.yaml; nothing counts as removed']);
    const { merged } = await planFleet({ files: small });
    const config = { inputs: { clusters: ['inputs/clusters/*.yaml'] } };
    assert.deepEqual((await planFleet({ files: merged, config })).modules, everything);
  });

  test('an empty list is no mistake: all of them leave', async () => {
    const config = { limits: { maxRemovedModules: null } };
    const { merged } = await planFleet({ files: small });
    const { [at.cluster('a')]: _, ...files } = merged;
    const planned = await planFleet({ files: { ...files, [at.cluster('b')]: 'clusters: []\n' }, config });
    assert.deepEqual(planned.modules, []);
    assert.deepEqual(planned.codes, []);
  });
});

describe('names that are none', () => {
  for (const name of [
    '..',
    '.',
    'a/b',
    'a\\b',
    'kustomization',
    'cloudbuild',
    'athenz-gitops-fleet',
    'A',
    '_sources',
    'a.b',
    '',
  ]) {
    test(`of a module: ${JSON.stringify(name)}`, async () => {
      const { merged, codes } = await planFleet({
        files: { ...small, [at.cluster('x')]: clusterFile('x', [name]), [at.module('x')]: moduleFile(name) },
      });
      assert.ok(codes.length > 0 && codes.every((code) => code === 'FLEET_INPUT_INVALID'));
      const paths = Object.keys(merged).filter((path) => path.startsWith('fleet/') && path.includes('/x/'));
      assert.deepEqual(
        paths.filter((path) => !path.endsWith('/athenz-gitops-fleet.yaml')),
        [],
      );
    });
  }

  for (const path of [
    'fleet/{cluster}.yaml',
    '{cluster}/{module}.yaml',
    'fleet/../{cluster}/{module}.yaml',
    'fleet/{cluster}/{module}/x.yaml',
    'fleet/{cluster}/{module}.json',
    'fleet/*/{cluster}/{module}.yaml',
  ]) {
    test(`of a path: ${path}`, async () => {
      await assert.rejects(planFleet({ files: {}, config: { path } }), /path/);
    });
  }

  test('of a hub', async () => {
    await assert.rejects(planFleet({ files: {}, config: { hub: 'other' } }), AppError);
    await assert.rejects(planFleet({ files: {}, clusters: ['a', 'b'] }), AppError);
  });

  test('in the annotations of a file in the folder', async () => {
    const { merged } = await planFleet({ files: small });
    const path = 'fleet/ca/a/keda.yaml';
    for (const evil of ['b\\0c', '../b', 'B']) {
      const text = merged[path]?.replace('fleet-cluster: "a"', `fleet-cluster: "${evil}"`) ?? '';
      assert.notEqual(text, merged[path]);
      const planned = await planFleet({ files: { ...merged, [path]: text } });
      assert.deepEqual(planned.codes, ['OUTPUT_UNPARSABLE']);
      assert.equal(planned.merged[path], text);
    }
  });
});

describe('values', () => {
  const valued = (values: object) => ({
    ...small,
    [at.module('keda')]: moduleFile('keda', undefined, { values }),
  });

  test('of any text read back as they are, with every parser', async () => {
    const text = hostileText().map((it) => it.toWellFormed());
    const values = fc.dictionary(text, fc.oneof(text, fc.array(text, { maxLength: 2 }), fc.constant(true)), {
      maxKeys: 3,
    });
    await fc.assert(
      fc.asyncProperty(values, async (dictionary) => {
        const given = JSON.parse(JSON.stringify(dictionary));
        if (findSecret(given) !== undefined || Object.hasOwn(given, '__proto__')) return;
        const { textOf, codes } = await planFleet({ files: valued(given) });
        if (codes.length > 0) return;
        const expected = Object.keys(given).length === 0 ? undefined : given;
        assert.deepEqual(parse(textOf('a/keda'), { version: '1.1' }).spec.values, expected);
        assert.deepEqual((load(textOf('a/keda')) as { spec: { values: unknown } }).spec.values, expected);
      }),
      { numRuns: trials(100) },
    );
  });

  test('keep the words that YAML 1.1 reads as something else', async () => {
    const words = {
      y: 'y',
      on: 'off',
      n: 'no',
      octal: '0o17',
      sixty: '1:30',
      float: '1_000',
      tilde: '~',
      date: '2026-01-01',
    };
    const { textOf } = await planFleet({ files: valued(words) });
    assert.deepEqual(parse(textOf('a/keda'), { version: '1.1' }).spec.values, words);
  });

  test('of more than 1 MiB are held, also where aliases make them large', async () => {
    const large = await planFleet({ files: valued({ text: 'x'.repeat(1024 ** 2 + 1) }) });
    assert.deepEqual(large.codes, ['FLEET_TOO_LARGE']);
    assert.deepEqual(large.modules, ['a/istio', 'b/istio']);
    const lines = Array.from(
      { length: 40 },
      (_, index) =>
        `  v${index}: &v${index} ${index === 0 ? `"${'x'.repeat(64)}"` : `[*v${index - 1}, *v${index - 1}]`}`,
    );
    const bomb = `name: keda\nchart: {repository: "https://x.example", name: keda}\nchannels: {regular: "2.0.0"}\nvalues:\n${lines.join('\n')}\n`;
    const bombed = await planFleet({ files: { ...small, [at.module('keda')]: bomb } });
    assert.deepEqual(bombed.codes, ['FLEET_INPUT_INVALID']);
    assert.ok(!bombed.modules.includes('a/keda'));
  });

  test('of almost 1 MiB are written', async () => {
    const { modules, codes } = await planFleet({ files: valued({ text: 'x'.repeat(1024 ** 2 - 100) }) });
    assert.deepEqual(codes, []);
    assert.deepEqual(modules, everything);
  });

  const secrets: readonly (readonly [values: object, path: string])[] = [
    [{ password: 'x' }, 'password'],
    [{ db: { adminPassword: 'x' } }, 'db.adminPassword'],
    [{ db: { root_passwd: 1234 } }, 'db.root_passwd'],
    [{ list: [{ clientSecret: 'x' }] }, 'list[0].clientSecret'],
    [{ env: [{ name: 'DB_PASSWORD', value: 'x' }] }, 'env[0].value'],
    [{ 'config.yaml': 'a: 1\npassword: x\n' }, 'config.yaml'],
    [{ note: 'password: x' }, 'note'],
    [{ key: '-----BEGIN RSA PRIVATE KEY-----\nMII' }, 'key'],
    [{ url: 'postgres://app:x@db/app' }, 'url'],
    [{ extra: [{ apiVersion: 'v1', kind: 'Secret', data: { a: 'eA==' } }] }, 'extra[0].data'],
    [{ API_KEY: 'x', APIKEY: 'x' }, 'API_KEY'],
    [{ auth: { 'password:hunter2': null } }, 'auth.password'],
  ];
  for (const [values, path] of secrets) {
    test(`with a secret: ${path}`, () => assert.equal(findSecret(JSON.parse(JSON.stringify(values))), path));
  }

  const harmless: readonly object[] = [
    { password: '' },
    { password: null },
    { existingSecret: 'x', secretName: 'x', passwordSecretRef: { name: 'a', key: 'b' } },
    { imagePullSecrets: [{ name: 'x' }], automountServiceAccountToken: false, maxTokens: 5 },
    { env: [{ name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } }] },
    { password: '$'.concat('{DB_PASSWORD}') },
    { url: 'https://example.com:8443/a@b', image: 'registry:5000/a@sha256:0' },
    { monkey: 'x', keyboard: 'x', tokenizer: 'x', passthrough: 'x' },
  ];
  for (const values of harmless) {
    test(`without one: ${JSON.stringify(values)}`, () =>
      assert.equal(findSecret(JSON.parse(JSON.stringify(values))), undefined));
  }
});
