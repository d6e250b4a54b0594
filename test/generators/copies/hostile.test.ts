import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { matchesGlob } from '../../../src/generators/copies/namespaces.ts';
import { AppError } from '../../../src/model/error.ts';
import { type CopiesWorld, configMap, planCopies, syncFile } from '../../support/copies.ts';
import type { Texts } from '../../support/plan-one.ts';
import { trials } from '../../support/properties.ts';

const all = [{ namespace: '*' }];
const cm = (name: string) => ({ group: '', kind: 'ConfigMap', name });
const value = 'swordfish';

function world(source: string, more: Partial<CopiesWorld> = {}, sync: object = cm('x')): CopiesWorld {
  return {
    ...more,
    files: { 'sources/x.yaml': source, 'inputs/copies/x.yaml': syncFile('x', sync, all), ...more.files },
  };
}

const raw = (body: object) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'default' }, ...body });

describe('what passes for a Secret', () => {
  const crd = (group: string, kind: string) =>
    JSON.stringify({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'x' },
      spec: { group, scope: 'Namespaced', names: { kind, plural: 'xs' } },
    });
  const secret = (apiVersion: string, kind: string) => raw({ apiVersion, kind, data: { p: value } });
  for (const [apiVersion, kind] of [
    ['v1', 'secret'],
    ['core/v1', 'Secret'],
    ['v1/', 'Secret'],
    ['v1', 'SECRET'],
  ] as const) {
    test(`${kind} of ${apiVersion} is not copied`, async () => {
      const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
      const files = { 'sources/crd.yaml': crd(group, kind) };
      const { copies, codes, plan } = await planCopies(
        world(
          secret(apiVersion, kind),
          { files, config: { live: ['Secret.core', 'SECRET'] } },
          { group, kind, name: 'x' },
        ),
      );
      assert.deepEqual(copies, []);
      assert.ok(codes.length > 0);
      assert.ok(!JSON.stringify(plan).includes(value));
    });
  }

  test('a value that became a key is in no message', async () => {
    const source = `apiVersion: v1\nkind: Secret\nmetadata: {name: x, namespace: default}\nstringData: {password:${value}}\n`;
    const { plan } = await planCopies(world(source, {}, { ...cm('x'), kind: 'Secret' }));
    assert.match(plan.held[0]?.message ?? '', /holds 1 plaintext key:/);
    assert.ok(!JSON.stringify(plan).includes(value));
  });

  test('what SOPS did not encrypt is refused, wherever it is', async () => {
    const sops = { mac: 'm', mac_only_encrypted: true };
    for (const fields of [
      { stringdata: { p: value } },
      { data: { p: `ENC[AES256_GCM,data:${value},iv:x,tag:y,type:str]` } },
    ]) {
      const { codes } = await planCopies(
        world(raw({ kind: 'Secret', ...fields, sops }), {}, { ...cm('x'), kind: 'Secret' }),
      );
      assert.deepEqual(codes, ['COPY_SECRET_PLAINTEXT']);
    }
  });

  for (const field of [
    { version: '../../api/v1' },
    { version: 'v1/../..' },
    { group: 'a/b' },
    { group: '..' },
    { group: 'e\0vil.com' },
    { kind: 'Config Map' },
  ]) {
    test(`a source that leads elsewhere: ${JSON.stringify(field)}`, async () => {
      const list = async () => assert.fail('the cluster was asked');
      const { codes } = await planCopies(
        world(configMap('x'), { config: { live: ['ConfigMap'] }, live: { list } }, { ...cm('x'), ...field }),
      );
      assert.deepEqual(codes, ['COPY_SYNC_INVALID']);
    });
  }
});

describe('sources that are read from the cluster', () => {
  const object = (namespace: string, annotations: object = {}) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'x', namespace, annotations },
    data: { from: namespace },
  });
  const config = { live: ['ConfigMap'] };
  const selector = { group: '', kind: 'ConfigMap', selector: { matchLabels: { share: 'yes' } } };

  test('are not copies of others', async () => {
    const list = async () => [object('default', { 'athenz-gitops.io/source-object': 'other/x' })];
    const files = { 'inputs/copies/x.yaml': syncFile('x', cm('x'), all) };
    assert.deepEqual((await planCopies({ files, config, live: { list } })).copies, []);
  });

  test('are not overwritten by copies, one way or round', async () => {
    const list = async ({ namespace }: { readonly namespace: string }) => [object(namespace)];
    const files = {
      'inputs/copies/1.yaml': syncFile('a/one', selector, [{ namespace: 'b' }]),
      'inputs/copies/2.yaml': syncFile('b/two', selector, [{ namespace: 'a' }]),
      'inputs/copies/3.yaml': syncFile('default/three', { ...selector, selector: { matchLabels: { z: 'z' } } }, [
        { namespace: 'a' },
      ]),
    };
    const { copies, codes } = await planCopies({ files, config, live: { list } });
    assert.deepEqual(copies, []);
    assert.ok(codes.includes('COPY_CONFLICT'));
  });

  test('in another version hold a selector too', async () => {
    const source = JSON.stringify({
      ...object('default'),
      metadata: { name: 'x', namespace: 'default', labels: { share: 'yes' } },
    });
    const files = {
      'sources/x.yaml': source,
      'inputs/copies/x.yaml': syncFile('x', { ...selector, version: 'v2' }, all),
    };
    assert.deepEqual((await planCopies({ files })).codes, ['COPY_SOURCE_MISSING']);
  });
});

describe('what is damaged removes nothing', () => {
  const settled = async (given: CopiesWorld): Promise<Texts> => (await planCopies(given)).merged;
  const object = JSON.parse(syncFile('x', cm('x'), all));
  const damaged: readonly (readonly [what: string, change: Texts])[] = [
    ['a name that is a number', { 'inputs/copies/x.yaml': JSON.stringify({ ...object, metadata: { name: 5 } }) }],
    ['no metadata', { 'inputs/copies/x.yaml': JSON.stringify({ ...object, metadata: undefined }) }],
    [
      'a namespace that is a number',
      { 'inputs/copies/x.yaml': JSON.stringify({ ...object, metadata: { name: 'x', namespace: 5 } }) },
    ],
    ['no version', { 'inputs/copies/x.yaml': JSON.stringify({ ...object, apiVersion: 'sync.rustrial.org' }) }],
    ['another version', { 'inputs/copies/x.yaml': JSON.stringify({ ...object, apiVersion: 'sync.rustrial.org/v2' }) }],
    ['a kind in other letters', { 'inputs/copies/x.yaml': JSON.stringify({ ...object, kind: 'objectsync' }) }],
    [
      'a list whose items are no list',
      { 'inputs/copies/x.yaml': JSON.stringify({ apiVersion: 'v1', kind: 'List', items: { a: object } }) },
    ],
    ['text', { 'inputs/copies/x.yaml': 'what is this' }],
    ['a source whose name is a number', { 'sources/x.yaml': raw({ metadata: { name: 5, namespace: 'default' } }) }],
    ['a source whose namespace is a number', { 'sources/x.yaml': raw({ metadata: { name: 'x', namespace: 5 } }) }],
    ['a source that is not UTF-8', { 'sources/x.yaml': Buffer.from([0x61, 0x3a, 0xff]) as never }],
    ['a source of another version', { 'inputs/copies/x.yaml': syncFile('x', { ...cm('x'), version: 'v2' }, all) }],
    [
      'a source with a lone surrogate',
      { 'sources/x.yaml': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{"\\ud800":"x"}}' },
    ],
    ['a source with a key that no parser reads', { 'sources/x.yaml': raw({ data: { ['k'.repeat(2000)]: 'x' } }) }],
    [
      'a source with an integer of more than 64 bits',
      { 'sources/x.yaml': `${raw({}).slice(0, -1)},"big":123456789012345678901234}` },
    ],
    [
      'a source with a label that is no text',
      { 'sources/x.yaml': raw({ metadata: { name: 'x', namespace: 'default', labels: { tier: 1 } } }) },
    ],
    ['a source of more than 1.5 MiB', { 'sources/x.yaml': raw({ data: { a: 'x'.repeat(1_600_000) } }) }],
  ];
  for (const [what, change] of damaged) {
    test(what, async () => {
      const files = await settled(
        world(configMap('x'), {
          files: { 'sources/z.yaml': configMap('z'), 'inputs/copies/z.yaml': syncFile('z', cm('z'), all) },
        }),
      );
      const { merged, codes, plan } = await planCopies({ files: { ...files, ...change } });
      for (const namespace of ['a', 'b']) {
        const path = `copies/prod/${namespace}/configmap.x.yaml`;
        assert.equal(merged[path], files[path]);
      }
      assert.deepEqual(plan.files, []);
      assert.ok(codes.length > 0);
    });
  }

  test('a repeated alias is counted as often as it is repeated', async () => {
    const big = `a: &a "${'x'.repeat(1_000_000)}"\nb: [${Array.from({ length: 480 }, () => '*a').join(', ')}]`;
    const source = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: default}\n${big}\n`;
    const { codes } = await planCopies(world(source));
    assert.deepEqual(codes, ['COPY_SOURCE_INVALID']);
  });

  test('a copy of an ObjectSync that cannot be read is not given to another', async () => {
    const files = await settled(world(configMap('x'), { files: { 'sources/z.yaml': configMap('z') } }));
    const change = {
      'inputs/copies/x.yaml': '{',
      'inputs/copies/z.yaml': syncFile('z', cm('z'), [{ namespace: 'a', name: 'x' }]),
    };
    const { merged, codes } = await planCopies({ files: { ...files, ...change } });
    assert.equal(merged['copies/prod/a/configmap.x.yaml'], files['copies/prod/a/configmap.x.yaml']);
    assert.ok(codes.includes('COPY_CONFLICT'));
  });

  test('a config without the way to a cluster holds the sources of that cluster alone', async () => {
    const files = await settled(world(configMap('x'), { files: { 'sources/z.yaml': configMap('z') } }));
    const { 'sources/x.yaml': _, ...left } = files;
    const list = async () => {
      throw new AppError('CLUSTER_CONFIG', 'no kubeconfig');
    };
    const { plan, codes } = await planCopies({ files: left, config: { live: ['ConfigMap'] }, live: { list } });
    assert.deepEqual([plan.files, new Set(codes)], [[], new Set(['CLUSTER_CONFIG'])]);
  });
});

describe('rules that are easily bent', () => {
  for (const glob of ['!team-x', '*a'.repeat(40), '{a,b}', '[ab]', 'A', '']) {
    test(`a glob that is none: ${glob.slice(0, 20)}`, async () => {
      const files = { 'inputs/copies/x.yaml': syncFile('x', cm('x'), [{ namespaces: ['team-*', glob] }]) };
      assert.deepEqual((await planCopies(world(configMap('x'), { files }))).codes, ['COPY_SYNC_INVALID']);
    });
  }

  test('globs match as regular expressions do', () => {
    const part = (letters: string) => fc.string({ unit: fc.constantFrom(...letters), maxLength: 8 });
    fc.assert(
      fc.property(part('ab*?'), part('ab'), (glob, name) => {
        const pattern = new RegExp(`^${glob.replaceAll('*', '.*').replaceAll('?', '.')}$`);
        assert.equal(matchesGlob(glob, name), pattern.test(name));
      }),
      { numRuns: trials(500) },
    );
  });

  const foreign = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: a}\n';
  for (const [what, text, config] of [
    [
      'with another object beside it',
      `${foreign}---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: a}\n`,
      {},
    ],
    ['of another name', foreign.replace('name: x', 'name: y'), {}],
    ['of another namespace', foreign.replace('namespace: a', 'namespace: c'), {}],
    ['that is no object', 'mine: true\n', {}],
    ['that the config leaves to others', foreign, { keep: ['copies/**'] }],
  ] as const) {
    test(`a foreign file is not adopted ${what}`, async () => {
      const path = 'copies/prod/a/configmap.x.yaml';
      const files = { [path]: text, 'inputs/copies/x.yaml': syncFile('x', cm('x'), [{ namespace: '*', adopt: true }]) };
      const { merged, codes } = await planCopies(world(configMap('x'), { files, config }));
      assert.equal(merged[path], text);
      assert.deepEqual(codes, ['OUTPUT_FOREIGN']);
    });
  }

  test('names that a folder or each namespace has of its own are refused', async () => {
    for (const [name, namespace] of [
      ['kube-root-ca.crt', 'a'],
      ['athenz-gitops-copies', 'default'],
    ] as const) {
      const files = { 'inputs/copies/x.yaml': syncFile('x', cm('x'), [{ namespace, name }]) };
      const { codes, copies } = await planCopies(world(configMap('x'), { files }));
      assert.deepEqual([codes, copies], [['COPY_NOT_ALLOWED'], []]);
    }
  });

  test('an ExternalSecret needs its SecretStore in each namespace', async () => {
    const store = JSON.stringify({
      apiVersion: 'external-secrets.io/v1',
      kind: 'SecretStore',
      metadata: { name: 'vault', namespace: 'a' },
    });
    const external = { storeRef: { name: 'vault', kind: 'SecretStore' }, remoteKey: 'k' };
    const sync = syncFile('x', { ...cm('x'), kind: 'Secret' }, all, { secret: { externalSecret: external } });
    const { codes, copies } = await planCopies({
      files: { 'sources/store.yaml': store, 'inputs/copies/x.yaml': sync },
    });
    assert.deepEqual(
      [codes, copies],
      [['COPY_SECRET_STORE'], ['copies/prod/a/externalsecret.external-secrets.io.x.yaml']],
    );
  });

  test('a circle counts only what is watched and may be copied to', async () => {
    const circle = {
      'sources/x.yaml': configMap('x', 'a'),
      'inputs/copies/1.yaml': syncFile('a/one', cm('x'), [{ namespace: 'b' }]),
      'inputs/copies/2.yaml': syncFile('b/two', cm('x'), [{ namespace: '*' }]),
    };
    assert.deepEqual((await planCopies({ files: circle })).codes, ['COPY_CYCLE', 'COPY_CYCLE']);
    assert.deepEqual((await planCopies({ files: circle, config: { watchNamespaces: ['a'] } })).copies, [
      'copies/prod/b/configmap.x.yaml',
    ]);
    assert.deepEqual((await planCopies({ files: circle, config: { targetNamespaces: ['b'] } })).copies, [
      'copies/prod/b/configmap.x.yaml',
    ]);
  });

  test('a kind that is read live is allowed as any other', async () => {
    const source = raw({ apiVersion: 'example.com/v1', kind: 'Widget' });
    const config = { live: ['Widget.example.com'], allowedResources: [{ apiGroups: [''], resources: ['configmaps'] }] };
    const { codes } = await planCopies(world(source, { config }, { group: 'example.com', kind: 'Widget', name: 'x' }));
    assert.deepEqual(codes, ['COPY_NOT_ALLOWED']);
  });

  test('a part of the clusters does not share a folder with the rest', async () => {
    const config = { path: 'copies/{namespace}/{object}.yaml' };
    await assert.rejects(
      planCopies({ ...world(configMap('x'), { config }), filtered: true }),
      /gives all clusters one folder/,
    );
  });

  test('integers are those that Kubernetes reads', async () => {
    const numbers = ['0o644', '0X1F', '-0b11', '+0o7', '010', '1_000'];
    const source = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: default}\nlist: [${numbers.join(', ')}]\n`;
    const { merged } = await planCopies(world(source));
    assert.match(merged['copies/prod/a/configmap.x.yaml'] ?? '', /^list:\n- 420\n- 31\n- -3\n- 7\n- 8\n- 1000\n$/m);
  });

  test('texts that look like numbers are those that Kubernetes reads', async () => {
    const source =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: default}\nlist: [e1, ., -., .e5, 1e5, .5]\ndata: {e1: a}\n';
    const { merged } = await planCopies(world(source));
    const text = merged['copies/prod/a/configmap.x.yaml'] ?? '';
    assert.match(text, /^data:\n {2}"e1": "a"\nlist:\n- "e1"\n- "\."\n- "-\."\n- "\.e5"\n- 100000\n- 0\.5\n$/m);
  });

  test('what SOPS encrypted stays in its order', async () => {
    const encrypted = `ENC[AES256_GCM,data:Zm9v,iv:${'A'.repeat(43)}=,tag:${'A'.repeat(22)}==,type:str]`;
    const source = raw({
      kind: 'Secret',
      stringData: { z: encrypted, a: '' },
      data: { b: encrypted },
      sops: { mac: encrypted, mac_only_encrypted: true },
    });
    const { merged, copies } = await planCopies(world(source, {}, { ...cm('x'), kind: 'Secret' }));
    assert.match(merged[copies[0] ?? ''] ?? '', /^stringData:\n {2}z: .*\n {2}a: ""\ndata:\n/m);
  });
});
