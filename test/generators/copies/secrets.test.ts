import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { planCopies, syncFile } from '../../support/copies.ts';
import type { Texts } from '../../support/plan-one.ts';

const value = 'eyJhdXRocyI6InN3b3JkZmlzaCJ9';
const all = [{ namespace: '*', name: 'global-pull' }];
const secret = { group: '', kind: 'Secret', name: 'pull' };
const encrypted = `ENC[AES256_GCM,data:Zm9v,iv:${'A'.repeat(43)}=,tag:${'A'.repeat(22)}==,type:str]`;

function manifest(apiVersion: string, kind: string, more: object, annotations: object = {}): string {
  return JSON.stringify({ apiVersion, kind, metadata: { name: 'pull', namespace: 'default', annotations }, ...more });
}

async function plan(
  source: string | undefined,
  sync: object = secret,
  more: object = {},
  destinations: readonly object[] = all,
  files: Texts = {},
) {
  const given = source === undefined ? {} : { 'sources/pull.yaml': source };
  return planCopies({
    files: { ...files, ...given, 'inputs/copies/pull.yaml': syncFile('pull', sync, destinations, more) },
  });
}

describe('Secrets', () => {
  const refused: readonly (readonly [what: string, source: string | undefined, message: RegExp, code?: string])[] = [
    [
      'C18: in clear',
      manifest('v1', 'Secret', { data: { '.dockerconfigjson': value } }),
      /Secret default\/pull in sources\/pull\.yaml holds 1 plaintext key \(\.dockerconfigjson\)/,
    ],
    ['in clear as text', manifest('v1', 'Secret', { stringData: { a: value, b: value } }), /2 plaintext keys \(a, b\)/],
    [
      'in a List',
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'SecretList',
        items: [{ metadata: { name: 'pull', namespace: 'default' }, data: { a: value } }],
      }),
      /1 plaintext key \(a\)/,
    ],
    ['without a file', undefined, /Secret default\/pull is a Secret: .* Secrets are not read from a cluster/],
    ['without data', manifest('v1', 'Secret', {}), /0 plaintext keys/],
    [
      'encrypted by SOPS but for one key',
      manifest('v1', 'Secret', { data: { a: encrypted, b: value }, sops: { mac: 'm', mac_only_encrypted: true } }),
      /1 plaintext key \(b\)/,
    ],
    ['that only look like those of SOPS', manifest('v1', 'Secret', { data: { a: encrypted } }), /0 plaintext keys/],
    [
      'whose data is no map',
      manifest('v1', 'Secret', { data: value, sops: { mac: 'm', mac_only_encrypted: true } }),
      /holds 1 plaintext key:/,
    ],
    [
      'encrypted by SOPS for their own place',
      manifest('v1', 'Secret', { data: { a: encrypted }, sops: { mac: 'm' } }),
      /encrypted with a MAC over its namespace and name/,
      'COPY_SECRET_BOUND',
    ],
    [
      'tokens of a ServiceAccount',
      manifest('v1', 'Secret', { type: 'kubernetes.io/service-account-token', data: { token: value } }),
      /is of type kubernetes\.io\/service-account-token/,
      'COPY_SECRET_BOUND',
    ],
    [
      'releases of Helm',
      manifest('v1', 'Secret', { type: 'helm.sh/release.v1', data: { release: value } }),
      /helm\.sh\/release\.v1/,
      'COPY_SECRET_BOUND',
    ],
  ];
  for (const [what, source, message, code = 'COPY_SECRET_PLAINTEXT'] of refused) {
    test(`are refused ${what}`, async () => {
      const { copies, codes, plan: planned } = await plan(source);
      assert.deepEqual(copies, []);
      assert.deepEqual(codes, [code]);
      assert.match(planned.held[0]?.message ?? '', message);
      for (const hidden of [value, Buffer.from(value).toString('base64'), Buffer.from(value, 'base64').toString()]) {
        assert.ok(!JSON.stringify(planned).includes(hidden));
      }
    });
  }

  test('the message shows the ways out', async () => {
    const { plan: planned } = await plan(manifest('v1', 'Secret', { data: { a: value } }));
    assert.match(planned.held[0]?.next ?? '', /externalSecret.*SealedSecret.*SOPS.*rotate the value/);
  });

  test('no setting allows them', async () => {
    for (const config of [{ allowKinds: ['Secret'] }, { live: ['Secret'] }]) {
      await assert.rejects(planCopies({ files: {}, config }), /must not be Secret/);
    }
  });

  test('a parser error does not quote them', async () => {
    for (const broken of [
      `data: {a: *${value}}`,
      `data: {a: "\\${value}"}`,
      `data:\n  a: !${value} x`,
      `data:\n a: b\n  ${value}: c`,
      `- ${value}\nx`,
      `a: |${value}`,
    ]) {
      const { plan: planned } = await plan(
        `apiVersion: v1\nkind: Secret\nmetadata: {name: pull, namespace: default}\n${broken}\n`,
      );
      assert.ok(planned.held.length + planned.kept.length > 0, broken);
      assert.ok(!JSON.stringify(planned).includes(value), broken);
    }
  });

  test('encrypted by SOPS for any place are copied', async () => {
    const { copies, merged } = await plan(
      manifest('v1', 'Secret', {
        data: { a: encrypted },
        sops: { mac: encrypted, mac_only_encrypted: true, lastmodified: '2026-01-01T00:00:00Z' },
      }),
    );
    assert.deepEqual(copies, ['copies/prod/a/secret.global-pull.yaml', 'copies/prod/b/secret.global-pull.yaml']);
    assert.match(merged[copies[0] ?? ''] ?? '', /^sops:\n {2}mac: "ENC\[/m);
  });

  test('fetched by an ExternalSecret are rendered without a source', async () => {
    const external = { storeRef: { name: 'vault' }, remoteKey: 'pull', type: 'kubernetes.io/dockerconfigjson' };
    const { copies, merged } = await plan(undefined, secret, { secret: { externalSecret: external } });
    assert.deepEqual(copies, [
      'copies/prod/a/externalsecret.external-secrets.io.global-pull.yaml',
      'copies/prod/b/externalsecret.external-secrets.io.global-pull.yaml',
    ]);
    assert.match(
      merged[copies[0] ?? ''] ?? '',
      /secretStoreRef:\n {4}kind: "ClusterSecretStore"\n {4}name: "vault"\n {2}target:\n {4}name: "global-pull"\n/,
    );
  });

  const sealed = { group: 'bitnami.com', kind: 'SealedSecret', name: 'pull' };
  const sealedFor = (scope?: string) =>
    manifest(
      'bitnami.com/v1alpha1',
      'SealedSecret',
      { spec: { encryptedData: { a: 'AgB' } } },
      scope === undefined ? {} : { [`sealedsecrets.bitnami.com/${scope}`]: 'true' },
    );

  test('C19: sealed for one place are refused, for any place copied', async () => {
    assert.deepEqual((await plan(sealedFor(), sealed)).codes, ['COPY_SECRET_BOUND']);
    assert.deepEqual((await plan(sealedFor('namespace-wide'), sealed)).codes, ['COPY_SECRET_BOUND']);
    assert.equal((await plan(sealedFor('cluster-wide'), sealed)).copies.length, 2);
  });

  test('sealed for a namespace are renamed in it', async () => {
    const { copies, codes } = await plan(sealedFor('namespace-wide'), sealed, {}, [
      { namespace: 'default', name: 'other' },
    ]);
    assert.deepEqual([copies, codes], [['copies/prod/default/sealedsecret.bitnami.com.other.yaml'], []]);
  });

  const external = { group: 'external-secrets.io', kind: 'ExternalSecret', name: 'pull' };
  const inA = JSON.stringify({
    apiVersion: 'external-secrets.io/v1',
    kind: 'SecretStore',
    metadata: { name: 'vault', namespace: 'a' },
  });
  const fetching = (spec: object, files: Texts = {}) =>
    plan(manifest('external-secrets.io/v1', 'ExternalSecret', { spec }), external, {}, all, files);

  test('an ExternalSecret is copied where its store is', async () => {
    const from = (kind: string, files?: Texts) => fetching({ secretStoreRef: { kind, name: 'vault' } }, files);
    assert.equal((await from('ClusterSecretStore')).copies.length, 2);
    assert.deepEqual((await from('SecretStore')).codes, ['COPY_SECRET_STORE']);
    const some = await from('SecretStore', { 'sources/store.yaml': inA });
    assert.deepEqual(some.copies, ['copies/prod/a/externalsecret.external-secrets.io.global-pull.yaml']);
  });

  const vault = { name: 'vault', kind: 'SecretStore' };
  const everywhere = { name: 'vault', kind: 'ClusterSecretStore' };
  const item = { secretKey: 'a', remoteRef: { key: 'k' } };
  const extract = { extract: { key: 'k' } };
  const references: readonly (readonly [what: string, spec: object, copied: readonly string[]])[] = [
    ['data, of its namespace', { data: [{ ...item, sourceRef: { storeRef: vault } }] }, ['a']],
    ['dataFrom, of its namespace', { dataFrom: [{ ...extract, sourceRef: { storeRef: vault } }] }, ['a']],
    ['data, of no kind', { data: [{ ...item, sourceRef: { storeRef: { name: 'vault' } } }] }, ['a']],
    ['dataFrom, of no kind', { dataFrom: [{ ...extract, sourceRef: { storeRef: { name: 'vault' } } }] }, ['a']],
    ['the spec, of no kind', { secretStoreRef: { name: 'vault' }, data: [item] }, ['a']],
    ['data, of the cluster', { data: [{ ...item, sourceRef: { storeRef: everywhere } }] }, ['a', 'b']],
    ['dataFrom, of the cluster', { dataFrom: [{ ...extract, sourceRef: { storeRef: everywhere } }] }, ['a', 'b']],
    [
      'one item beside the spec',
      { secretStoreRef: everywhere, data: [item, { ...item, sourceRef: { storeRef: vault } }] },
      ['a'],
    ],
    [
      'two items, one of which no namespace has',
      { dataFrom: [vault, { ...vault, name: 'other' }].map((storeRef) => ({ ...extract, sourceRef: { storeRef } })) },
      [],
    ],
    ['no item', { data: [], dataFrom: null, secretStoreRef: everywhere }, ['a', 'b']],
  ];
  for (const [what, spec, copied] of references) {
    test(`an ExternalSecret is copied where the store of ${what} is`, async () => {
      const { copies, codes, plan: planned } = await fetching(spec, { 'sources/store.yaml': inA });
      assert.deepEqual(
        copies,
        copied.map((it) => `copies/prod/${it}/externalsecret.external-secrets.io.global-pull.yaml`),
      );
      assert.deepEqual(codes, copied.length === 2 ? [] : ['COPY_SECRET_STORE']);
      if (copied.length < 2)
        assert.match(planned.held[0]?.message ?? '', / needs the SecretStore (vault|other), which /);
    });
  }
});
