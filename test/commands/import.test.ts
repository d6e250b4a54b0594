import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AdoptionResult } from '../../src/adopt/result.ts';
import { loadConfig } from '../../src/config/load.ts';
import { zmsError } from '../support/faults.ts';
import { readFiles } from '../support/generated.ts';
import { openImportFixture, operatorBinding } from '../support/import-fixture.ts';
import { importSchema } from '../support/import-schema.ts';
import { identities, operatorObjects } from '../support/operator.ts';
import { fingerprint } from '../support/repository.ts';
import { runMain } from '../support/run.ts';

const billing = 'eks.users.billing:role.k8s_ns_admins';

test('without --dir, import prints what it would adopt and writes nothing', async () => {
  await using fixture = await openImportFixture();
  const before = await fingerprint(fixture.dir);
  const { out, err } = await fixture.expect(0);
  assert.match(out, /names: operator; domain: eks\.users\.\{namespace\}/);
  assert.match(out, /^2 namespaces|2 namespaces: ajktown-api, billing/m);
  assert.match(out, /^4 bindings: 4 stay as they are; nobody's access changes\.$/m);
  assert.match(out, /Nothing was written\. Run again with --dir FOLDER to write the config/);
  assert.equal(err, '');
  assert.deepEqual(await fingerprint(fixture.dir), before);
  assert.deepEqual(new Set(fixture.kube.requests.map(({ method }) => method)), new Set(['GET']));
});

test('with --dir, import writes files that render --check accepts', async () => {
  await using fixture = await openImportFixture();
  const { out } = await fixture.expect(0, ['--dir', 'access', '--cluster', 'eu']);
  assert.match(out, /^Wrote 4 files below access; the config is access\/athenz-gitops\.yaml\.$/m);
  const written = await readFiles(fixture.dir, 'access');
  assert.deepEqual([...written.keys()].sort(), [
    'access/athenz-gitops.yaml',
    'access/clusters/eu/namespaces.txt',
    'access/output/eu/ajktown-api/rbac.yaml',
    'access/output/eu/billing/rbac.yaml',
  ]);
  assert.equal(written.get('access/clusters/eu/namespaces.txt'), 'ajktown-api\nbilling\n');
  const texts = [...written].flatMap(([path, text]) => (path.startsWith('access/output/') ? [text] : []));
  assert.deepEqual(identities(texts), identities([operatorObjects]));
  const render = await fixture.run(['render', '--check', '--config', 'access/athenz-gitops.yaml']);
  assert.deepEqual([render.code, render.err], [0, ''], render.out);
});

test('the config pins the imported cluster by context and uid', async () => {
  await using fixture = await openImportFixture();
  const kubeconfig = await fixture.kube.writeKubeconfig(join(fixture.dir, '..'), {
    file: 'kube.conf',
    current: 'nobody',
  });
  await fixture.expect(0, ['--dir', 'a']);
  await fixture.expect(0, ['--dir', 'b', '--context', 'reader', '--kubeconfig', '../kube.conf']);
  const kubeOf = async (dir: string) =>
    (await loadConfig(join(fixture.dir, dir, 'athenz-gitops.yaml'))).clusters[0]?.kube;
  const { uid } = fixture.kube;
  assert.deepEqual(await kubeOf('a'), { context: 'reader', kubeconfig: null, inCluster: false, uid });
  assert.deepEqual(await kubeOf('b'), { context: 'reader', kubeconfig, inCluster: false, uid });
});

test('refuses a folder with an existing config, output or namespace file', async () => {
  await using fixture = await openImportFixture();
  await fixture.write({ 'a/athenz-gitops.yaml': 'mine\n', 'b/output/default/notes.txt': 'mine\n' });
  await fixture.write({ 'c/clusters/default/namespaces.txt': 'mine\n', 'd/output/default': '->../elsewhere' });
  const before = await fingerprint(fixture.dir);
  for (const [dir, code, expected] of [
    [
      'a',
      2,
      /^error: USAGE: writing a\/athenz-gitops\.yaml: it already exists\n {2}Choose another folder with --dir, or move the file away\.\n/,
    ],
    ['b', 2, /^error: USAGE: .*output\/default\/notes\.txt already exists/],
    ['c', 2, /^error: USAGE: .*clusters\/default\/namespaces\.txt already exists/],
    ['d', 1, /^error: OUTPUT_LINK: /],
  ] as const) {
    assert.match((await fixture.expect(code, ['--dir', dir])).err, expected);
  }
  assert.deepEqual(await fingerprint(fixture.dir), before);
});

test('reports lost access, missing domains and access from nested domains', async () => {
  await using fixture = await openImportFixture();
  fixture.kube.put([operatorBinding('billing', `${billing}:members`, 'user.eve')]);
  fixture.sandbox.update(({ domains }) => {
    const { 'eks.users.ajktown-api': moved, ...rest } = domains;
    assert.ok(moved);
    return { domains: { ...rest, 'eks.users.mine.billing': moved } };
  });
  const { out } = await fixture.expect(0);
  assert.match(
    out,
    /^Orphaned access.*\n {2}ajktown-api k8s_ns_admins: the domain eks\.users\.ajktown-api does not exist/m,
  );
  assert.match(out, /eks\.users\.mine\.billing in billing: a nested domain gave access here; only eks\.users\.b/);
  assert.match(out, /- user\.eve {4}not in Athenz; origin unknown/);
  // A missing domain that removes access is requested by name.
  assert.ok(fixture.sandbox.requests.some(({ path }) => path.endsWith('/domain/eks.users.ajktown-api')));
});

test('unread domains are rendered as in the cluster, exit 3, or 1 if all are unread', async () => {
  await using fixture = await openImportFixture();
  fixture.kube.put([operatorBinding('billing', `${billing}:members`, 'user.eve')]);
  fixture.sandbox.intercept(({ path }) => (path.endsWith('/eks.users.billing/signed') ? zmsError(500) : undefined));
  const { out } = await fixture.expect(3, ['--dir', 'access']);
  assert.match(out, /^Read failed\n {2}billing k8s_ns_admins, billing k8s_ns_viewers: rendered as the cluster has it/m);
  assert.match(await readFile(join(fixture.dir, 'access/output/default/billing/rbac.yaml'), 'utf8'), /"user\.eve"/);
  fixture.sandbox.intercept(({ path }) => (path.endsWith('/signed') ? zmsError(500) : undefined));
  assert.match((await fixture.expect(1)).err, /^error: ZMS_NOTHING_READ/);
});

test('forbidden namespaces are left out, exit 3, or 1 if all are forbidden', async () => {
  await using fixture = await openImportFixture();
  fixture.kube.addUser('partly', { namespaces: ['billing'] });
  const lists = ['Namespace list', { verbs: ['list'], apiGroups: [''], resources: ['namespaces'] }] as const;
  fixture.kube.put([
    { kind: 'ClusterRole', metadata: { name: lists[0].replace(' ', '-').toLowerCase() }, rules: [lists[1]] },
    ...['partly', 'none'].map((name) => ({
      kind: 'ClusterRoleBinding',
      metadata: { name: `lists-${name}` },
      roleRef: { kind: 'ClusterRole', name: 'namespace-list' } as const,
      subjects: [{ kind: 'User', name } as const],
    })),
  ]);
  fixture.kube.addUser('none', {});
  const { out } = await fixture.expect(3, [], { user: 'partly' });
  assert.match(out, /^Read failed\n.*ajktown-api.*: not proposed \(CLUSTER_FORBIDDEN/ms);
  assert.match(out, /1 namespace: billing/);
  const selected = await fixture.expect(1, ['--selector', 'team=a'], { user: 'partly' });
  assert.match(selected.err, /^error: IMPORT_NOTHING_FOUND: searching 1 namespace \(\d more cannot be read\)/);
  assert.match(
    (await fixture.expect(1, [], { user: 'none' })).err,
    /^error: CLUSTER_FORBIDDEN: listing the RoleBindings in /,
  );
  assert.match(
    (await fixture.expect(1, [], { user: 'nobody' })).err,
    /^error: CLUSTER_FORBIDDEN: listing the namespaces/,
  );
  assert.match((await fixture.expect(1, [], { user: 'stranger' })).err, /^error: CLUSTER_UNAUTHENTICATED: /);
});

test('a cluster without operator bindings exits 1 and names the search criteria', async () => {
  await using fixture = await openImportFixture([{ kind: 'Namespace', metadata: { name: 'shop' } }]);
  const { err } = await fixture.expect(1);
  assert.match(err, /^error: IMPORT_NOTHING_FOUND: .*managed-by=athenz-syncer .*<domain>:role\.<role>:members/);
  const selected = await fixture.expect(1, ['--selector', 'team=a']);
  assert.match(selected.err, /^error: IMPORT_NOTHING_FOUND: .*no RoleBinding has the labels "team=a"/);
});

test('ambiguous domain patterns require --domain', async () => {
  await using fixture = await openImportFixture();
  const role = 'eks.teams.search:role.k8s_ns_admins';
  fixture.kube.remove('Namespace', undefined, 'billing');
  fixture.kube.put([
    { kind: 'Namespace', metadata: { name: 'search' } },
    {
      kind: 'Role',
      metadata: { namespace: 'search', name: role },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
    },
    operatorBinding('search', `${role}:members`),
  ]);
  const { err } = await fixture.expect(2);
  assert.match(err, /^error: USAGE: .*eks\.teams\.\{namespace\}, eks\.users\.\{namespace\}\n.*--domain/);
  assert.match((await fixture.expect(0, ['--domain', 'eks.users.{namespace}'])).out, /1 namespace: ajktown-api/);
});

test('--selector replaces the label of the operator', async () => {
  await using fixture = await openImportFixture();
  const [made] = [operatorBinding('billing', `${billing}:members`)];
  fixture.kube.put([{ ...made, metadata: { ...made.metadata, labels: { team: 'pay' } } }]);
  const { out } = await fixture.expect(0, ['--selector', 'team in (pay, shop)']);
  assert.match(out, /1 namespace: billing/);
  assert.doesNotMatch(out, /k8s_ns_viewers/);
});

test('--json prints one document with the cluster, the files and the bindings', async () => {
  await using fixture = await openImportFixture();
  fixture.kube.put([operatorBinding('billing', `${billing}:members`, 'user.eve')]);
  const { out } = await fixture.expect(0, ['--json']);
  const result = JSON.parse(out) as AdoptionResult;
  importSchema.parse(result);
  assert.deepEqual([result.format, result.exitCode, result.dir], ['athenz-gitops import 1', 0, undefined]);
  assert.deepEqual(result.cluster, {
    cluster: 'default',
    context: 'reader',
    server: fixture.kube.url,
    uid: fixture.kube.uid,
  });
  assert.deepEqual(
    result.files.map(({ path }) => path),
    [
      'athenz-gitops.yaml',
      'clusters/default/namespaces.txt',
      'output/default/ajktown-api/rbac.yaml',
      'output/default/billing/rbac.yaml',
    ],
  );
  const lost = result.bindings.flatMap(({ losses }) => losses.map(({ subject, reason }) => [subject.name, reason]));
  assert.deepEqual(lost, [['user.eve', 'origin-unknown']]);
});

test('--snapshot replaces Athenz and supplies the ZMS URL', async () => {
  await using fixture = await openImportFixture();
  await fixture.expect(0, ['--dir', 'access']);
  const taken = await fixture.run(['snapshot', '--config', 'access/athenz-gitops.yaml', '--output', 'athenz.jsonl']);
  assert.equal(taken.code, 0, taken.err);
  const requestsBefore = fixture.sandbox.requests.length;
  await fixture.expect(0, ['--snapshot', 'athenz.jsonl', '--dir', 'again']);
  assert.equal(fixture.sandbox.requests.length, requestsBefore);
  assert.equal((await loadConfig(join(fixture.dir, 'again/athenz-gitops.yaml'))).athenz.zmsUrl, fixture.sandbox.url);
});

for (const [what, args, expected] of [
  ['a ZMS without TLS', ['--snapshot', 'a', '--zms-url', 'http://zms'], /--zms-url: must be an https URL/],
  ['an invalid selector', ['--selector', 'a in b'], /--selector: must be a label selector/],
  ['a key without its certificate', ['--zms-url', 'https://z/zms/v1', '--key', 'k'], /--key requires --cert/],
  ['an invalid cluster name', ['--cluster', 'A/b'], /--cluster: must be a lower case RFC 1123 label/],
  ['a domain without {namespace}', ['--domain', 'eks.users'], /--domain: must contain \{namespace\} exactly once/],
  ['an unknown context', ['--context', 'raeder'], /there is no context "raeder".*reader/],
] as const) {
  test(`rejects ${what}, exit 2`, async () => {
    await using fixture = await openImportFixture();
    assert.match((await fixture.expect(2, args)).err, expected);
    assert.equal(fixture.kube.requests.length, 0);
  });
}

test('without --zms-url or --snapshot, import exits 2', async () => {
  const { code, err } = await runMain(['import']);
  assert.equal(code, 2);
  assert.match(err, /^error: USAGE: missing --zms-url/);
});

test('with --forge github, import writes the forge and the workflows as init does', async () => {
  await using fixture = await openImportFixture();
  const flags = ['--forge', 'github', '--repository', 'acme/access', '--workflows-from', 'acme/athenz-gitops@v1'];
  const { out } = await fixture.expect(0, ['--dir', '.', ...flags, '--codeowners', '@acme/platform']);
  assert.match(out, /^Wrote \.github\/workflows\/athenz-gitops-sync\.yml: /m);
  assert.match(out, /^- Set the secrets ATHENZ_CERT, /m);
  const { forge } = await loadConfig(join(fixture.dir, 'athenz-gitops.yaml'));
  assert.deepEqual([forge.kind, forge.repository], ['github', 'acme/access']);
  const workflow = await readFile(join(fixture.dir, '.github/workflows/athenz-gitops-sync.yml'), 'utf8');
  assert.match(workflow, /uses: acme\/athenz-gitops\/\.github\/workflows\/sync\.yml@v1\n/);
  for (const [args, expected] of [
    [flags, /--dir only/],
    [['--dir', 'new', '--forge', 'github'], /missing --repository, --workflows-from/],
    [['--dir', 'new', '--runner', 'a'], /only for --forge github/],
  ] as const) {
    const { code, err } = await fixture.import(args);
    assert.equal(code, 2);
    assert.match(err, expected);
  }
});
