import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AppError } from '../../../src/model/error.ts';
import { type CopiesWorld, configMap, planCopies, syncFile } from '../../support/copies.ts';
import type { Texts } from '../../support/plan-one.ts';

const all = [{ namespace: '*' }];
const cm = (name: string, namespace?: string) => ({
  group: '',
  kind: 'ConfigMap',
  name,
  ...(namespace ? { namespace } : {}),
});

/** A sync of one ConfigMap `default/x`. */
function world(destinations: readonly object[], more: Partial<CopiesWorld> = {}): CopiesWorld {
  return {
    ...more,
    files: {
      'sources/x.yaml': configMap('x'),
      'inputs/copies/x.yaml': syncFile('x', cm('x'), destinations),
      ...more.files,
    },
  };
}

const path = (namespace: string, object = 'configmap.x') => `copies/prod/${namespace}/${object}.yaml`;

interface Case {
  readonly what: string;
  readonly given: CopiesWorld;
  readonly copies: readonly string[];
  readonly codes?: readonly string[];
  /** In what is left out on purpose. */
  readonly skipped?: RegExp;
  /** In what is held or kept. */
  readonly message?: RegExp;
}

const cases: readonly Case[] = [
  {
    what: 'C1: to all namespaces, but not to itself',
    given: world(all, { namespaces: ['a', 'b', 'default'] }),
    copies: [path('a'), path('b')],
  },
  {
    what: 'C2: to itself alone',
    given: world([{ namespace: 'default' }]),
    copies: [],
    skipped: /default\/x is the source itself/,
  },
  {
    what: 'C3: to its own namespace under another name',
    given: world([{ namespace: 'default', name: 'you' }]),
    copies: [path('default', 'configmap.you')],
  },
  {
    what: 'C4: to all namespaces under another name, its own too',
    given: world([{ namespace: '*', name: 'you' }], { namespaces: ['default', 'o'] }),
    copies: [path('default', 'configmap.you'), path('o', 'configmap.you')],
  },
  { what: 'C5: "" is all namespaces', given: world([{ namespace: '' }]), copies: [path('a'), path('b')] },
  {
    what: 'C6: not to a namespace that is being deleted',
    given: world([{ namespace: 'a' }, { namespace: 't' }], { terminating: ['t'] }),
    copies: [path('a')],
    skipped: /namespace t is being deleted/,
  },
  {
    what: 'C7: a namespace that does not exist holds the ObjectSync',
    given: world([{ namespace: 'a' }, { namespace: 'nope' }]),
    copies: [],
    codes: ['COPY_NAMESPACE_UNKNOWN'],
    message: /^ObjectSync default\/x \(inputs\/copies\/x\.yaml\): namespace nope is not in the inventory of prod$/,
  },
  {
    what: 'C8: a source without a namespace is of that of the ObjectSync',
    given: {
      files: {
        's.yaml': '',
        'sources/x.yaml': configMap('x', 'team'),
        'inputs/copies/x.yaml': syncFile('team/x', cm('x'), all),
      },
      namespaces: ['a', 'team'],
    },
    copies: [path('a')],
  },
  {
    what: 'C10: a kind that is cluster scoped',
    given: {
      files: {
        'inputs/copies/x.yaml': syncFile(
          'x',
          { group: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
          all,
        ),
      },
    },
    copies: [],
    codes: ['COPY_KIND_REFUSED'],
    message: /ClusterRole\.rbac\.authorization\.k8s\.io is cluster scoped, .* only support namespace scoped resources/,
  },
  {
    what: 'a kind that nothing defines',
    given: {
      files: { 'inputs/copies/x.yaml': syncFile('x', { group: 'example.com', kind: 'Widget', name: 'w' }, all) },
    },
    copies: [],
    codes: ['COPY_KIND_UNKNOWN'],
    message: /unknown kind Widget\.example\.com/,
  },
  {
    what: 'C14: two ObjectSyncs that ask for one copy',
    given: world([{ namespace: 'a' }, { namespace: 'b' }], {
      files: {
        'sources/z.yaml': configMap('z'),
        'inputs/copies/z.yaml': syncFile('z', cm('z'), [{ namespace: 'a', name: 'x' }]),
      },
    }),
    copies: [path('b')],
    codes: ['COPY_CONFLICT'],
    message: /ObjectSync default\/z also targets ConfigMap a\/x$/,
  },
  {
    what: 'C15: two destinations that differ for one copy',
    given: world([{ namespace: '*' }, { namespace: 'a', strategy: 'replace' }]),
    copies: [path('b')],
    codes: ['COPY_DUPLICATE_DESTINATION'],
    message: /destinations\[0\] and destinations\[1\] disagree about ConfigMap a\/x/,
  },
  {
    what: 'C15: two destinations that ask for the same',
    given: world([{ namespace: '*' }, { namespace: 'a' }]),
    copies: [path('a'), path('b')],
  },
  {
    what: 'C16: two ObjectSyncs that copy in a circle',
    given: {
      files: {
        'sources/x.yaml': configMap('x', 'a'),
        'inputs/copies/1.yaml': syncFile('one', cm('x', 'a'), [{ namespace: 'b' }]),
        'inputs/copies/2.yaml': syncFile('two', cm('x', 'b'), [{ namespace: 'a' }]),
      },
    },
    copies: [],
    codes: ['COPY_CYCLE', 'COPY_CYCLE'],
    message: /ObjectSync default\/one .*: the copies form a cycle: ConfigMap a\/x → ConfigMap b\/x → ConfigMap a\/x/,
  },
  {
    what: 'C24: all namespaces are those that may be copied to',
    given: world(all, { config: { targetNamespaces: ['a'] } }),
    copies: [path('a')],
  },
  {
    what: 'C24: a namespace that may not be copied to',
    given: world([{ namespace: 'b' }], { config: { targetNamespaces: ['a'] } }),
    copies: [],
    codes: ['COPY_NOT_ALLOWED'],
    message: /namespace b is not in copies\.targetNamespaces/,
  },
  {
    what: 'an ObjectSync in a namespace that is not watched',
    given: world(all, { config: { watchNamespaces: ['kube-public'] } }),
    copies: [],
    skipped: /default is not in copies\.watchNamespaces/,
  },
  {
    what: 'a namespace that may not be copied from',
    given: world(all, { config: { sourceNamespaces: ['kube-public'] } }),
    copies: [],
    codes: ['COPY_NOT_ALLOWED'],
  },
  {
    what: 'a resource that may not be copied',
    given: world(all, { config: { allowedResources: [{ apiGroups: [''], resources: ['services'] }] } }),
    copies: [],
    codes: ['COPY_NOT_ALLOWED'],
    message: /configmaps may not be copied/,
  },
  {
    what: 'a resource that may',
    given: world(all, { config: { allowedResources: [{ apiGroups: [''], resources: ['configmaps'] }] } }),
    copies: [path('a'), path('b')],
  },
  {
    what: 'C26: what each namespace has of its own',
    given: {
      files: {
        'sources/x.yaml': configMap('kube-root-ca.crt'),
        'inputs/copies/x.yaml': syncFile('x', cm('kube-root-ca.crt'), all),
      },
    },
    copies: [],
    skipped: /kube-root-ca\.crt is in each namespace already/,
  },
  {
    what: 'namespaces by globs, without some',
    given: world([{ namespaces: ['team-*'], exclude: ['*-old'] }], { namespaces: ['ops', 'team-a', 'team-old'] }),
    copies: [path('team-a')],
  },
  {
    what: 'namespaces by their labels',
    given: world(
      [
        {
          namespaceSelector: {
            matchLabels: { tier: 'web' },
            matchExpressions: [{ key: 'old', operator: 'DoesNotExist' }],
          },
        },
      ],
      {
        namespaces: [{ name: 'a', labels: { tier: 'web' } }, { name: 'b', labels: { tier: 'web', old: 'yes' } }, 'c'],
      },
    ),
    copies: [path('a')],
  },
  {
    what: 'a selector by the name that the API server writes',
    given: world(
      [
        {
          namespaceSelector: {
            matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['b'] }],
          },
        },
      ],
      {
        namespaces: ['a', { name: 'b', labels: { 'kubernetes.io/metadata.name': 'other' } }],
      },
    ),
    copies: [path('a')],
  },
  {
    what: 'many sources by a selector',
    given: {
      files: {
        'sources/all.yaml': ['one', 'two', 'three']
          .map((name) => labelled(name, name === 'three' ? 'no' : 'yes'))
          .join('\n---\n'),
        'inputs/copies/x.yaml': syncFile(
          'x',
          { group: '', kind: 'ConfigMap', selector: { matchLabels: { share: 'yes' } } },
          [{ namespace: 'a' }],
        ),
      },
    },
    copies: [path('a', 'configmap.one'), path('a', 'configmap.two')],
  },
  {
    what: 'excluded namespaces are reached by their names alone',
    given: world([{ namespace: '*' }, { namespace: 'argocd' }], {
      namespaces: ['a'],
      excluded: ['argocd', 'monitoring'],
    }),
    copies: [path('a'), path('argocd')],
  },
  {
    what: 'namespaces that every cluster has',
    given: world([{ namespace: 'kube-system' }]),
    copies: [path('kube-system')],
  },
  {
    what: 'an object that a file declares is not overwritten',
    given: world(all, { files: { 'sources/b.yaml': configMap('x', 'b') } }),
    copies: [path('a')],
    codes: ['COPY_CONFLICT'],
    message: /ConfigMap b\/x is declared in sources\/b\.yaml already/,
  },
  {
    what: 'a source in two files',
    given: world(all, { files: { 'sources/y.yaml': configMap('x') } }),
    copies: [],
    codes: ['COPY_SOURCE_AMBIGUOUS'],
    message: /ConfigMap default\/x is in sources\/x\.yaml and sources\/y\.yaml/,
  },
  {
    what: 'an ObjectSync in two files',
    given: world(all, { files: { 'inputs/copies/y.yaml': syncFile('x', cm('x'), all) } }),
    copies: [],
    codes: ['COPY_SYNC_INVALID'],
  },
  {
    what: 'a field that an ObjectSync does not have',
    given: world(all, {
      files: { 'inputs/copies/x.yaml': syncFile('x', cm('x'), [{ namespace: '*', stratgy: 'apply' }]) },
    }),
    copies: [],
    codes: ['COPY_SYNC_INVALID'],
    message: /\(inputs\/copies\/x\.yaml\): spec\.destinations\[0\]\.stratgy: unknown key \(did you mean "strategy"\?\)/,
  },
  {
    what: 'a strategy that there is not',
    given: world([{ namespace: '*', strategy: 'merge' }]),
    copies: [],
    codes: ['COPY_SYNC_INVALID'],
    message: /spec\.destinations\[0\]\.strategy/,
  },
  {
    what: 'a source in another namespace than the one that is named',
    given: world(all, { files: { 'sources/x.yaml': configMap('x', 'team') } }),
    copies: [],
    skipped: /ConfigMap default\/x does not exist, but ConfigMap team\/x in sources\/x\.yaml does/,
  },
  {
    what: 'globs that match nothing',
    given: world([{ namespaces: ['zzz*'] }]),
    copies: [],
    skipped: /destinations\[0\] matches no namespace/,
  },
  {
    what: 'a ConfigMap with a value that is no text',
    given: world(all, {
      files: {
        'sources/x.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: default}\ndata: {a: yes}\n',
      },
    }),
    copies: [],
    codes: ['COPY_SOURCE_INVALID'],
    message: /has data\.a, whose value is no text/,
  },
  {
    what: 'a name that no object has',
    given: world([{ namespace: 'a', name: 'Bad_Name' }]),
    copies: [],
    codes: ['COPY_SYNC_INVALID'],
  },
  { what: 'no destinations', given: world([]), copies: [], skipped: /it has no destinations/ },
  {
    what: 'a source that does not exist',
    given: { files: { 'inputs/copies/x.yaml': syncFile('x', cm('x'), all) } },
    copies: [],
    skipped: /ConfigMap default\/x does not exist/,
  },
  {
    what: 'a source that must exist',
    given: { files: { 'inputs/copies/x.yaml': syncFile('x', cm('x'), all, { onSourceMissing: 'fail' }) } },
    copies: [],
    codes: ['COPY_SOURCE_MISSING'],
  },
];

function labelled(name: string, share: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default', labels: { share } },
  });
}

describe('what an ObjectSync asks for', () => {
  for (const { what, given, copies, codes = [], skipped, message } of cases) {
    test(what, async () => {
      const { plan, ...planned } = await planCopies(given);
      assert.deepEqual(planned.copies, copies);
      assert.deepEqual(planned.codes, codes);
      const notes = (plan.notes['skipped'] ?? []).map((it) => ('reason' in it ? it.reason : '')).join('\n');
      assert.match(notes, skipped ?? /^$/);
      if (message !== undefined) assert.match(plan.held.map((it) => it.message).join('\n'), message);
    });
  }

  test('C9: another kind, to namespaces by their names', async () => {
    const source = {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'scan', namespace: 'default' },
      spec: { schedule: '* * * * *' },
      status: { active: [] },
    };
    const { merged, copies } = await planCopies({
      files: {
        'sources/scan.yaml': JSON.stringify(source),
        'inputs/copies/scan.yaml': syncFile('scan', { group: 'batch', kind: 'CronJob', name: 'scan' }, [
          { namespace: 'kube-system' },
          { namespace: 'linkerd' },
        ]),
      },
      namespaces: ['linkerd'],
    });
    assert.deepEqual(copies, [
      'copies/prod/kube-system/cronjob.batch.scan.yaml',
      'copies/prod/linkerd/cronjob.batch.scan.yaml',
    ]);
    assert.match(merged[copies[0] ?? ''] ?? '', /^apiVersion: "batch\/v1"$[\s\S]*^ {2}schedule: "\* \* \* \* \*"$/m);
    assert.doesNotMatch(merged[copies[0] ?? ''] ?? '', /status/);
  });

  test('C25: the order of files and namespaces does not matter, and a second run changes nothing', async () => {
    const given = world([{ namespace: '*' }, { namespace: 'a', name: 'you' }], {
      files: { 'sources/z.yaml': configMap('z'), 'inputs/copies/z.yaml': syncFile('z', cm('z'), all) },
    });
    const first = await planCopies(given);
    const reversed = await planCopies({ ...given, shuffle: (list) => list.toReversed() });
    assert.deepEqual(reversed.plan, first.plan);
    const again = await planCopies({ ...given, files: first.merged });
    assert.deepEqual(again.plan.files, []);
  });
});

describe('copies that are there already', () => {
  /** The files once everything is merged. */
  async function settled(given: CopiesWorld): Promise<Texts> {
    return (await planCopies(given)).merged;
  }
  const without = (files: Texts, ...paths: readonly string[]) =>
    Object.fromEntries(Object.entries(files).filter(([it]) => !paths.includes(it)));
  const two = world(all, {
    files: { 'sources/z.yaml': configMap('z'), 'inputs/copies/z.yaml': syncFile('z', cm('z'), all) },
  });
  const ofZ = [path('a', 'configmap.z'), path('b', 'configmap.z')];

  test('C20: they go with their ObjectSync, and with their source', async () => {
    const files = await settled(two);
    for (const gone of ['inputs/copies/x.yaml', 'sources/x.yaml']) {
      const { copies, plan } = await planCopies({ files: without(files, gone) });
      assert.deepEqual(copies, ofZ);
      const reason = gone.startsWith('sources') ? 'source-removed' : 'sync-removed';
      assert.deepEqual(
        plan.changes.map(({ effect, detail }) => [effect, detail.reason]),
        [
          ['remove', reason],
          ['remove', reason],
        ],
      );
    }
  });

  test('the object that keeps the folder stays when the last copy goes', async () => {
    const files = await settled(world(all));
    const { merged } = await planCopies({ files: without(files, 'inputs/copies/x.yaml') });
    assert.deepEqual(
      Object.keys(merged).filter((it) => it.startsWith('copies/')),
      ['copies/prod/athenz-gitops-copies.yaml'],
    );
  });

  test('they go with a namespace that is being deleted, and with a destination', async () => {
    const files = await settled(world(all));
    const deleted = await planCopies({ files, namespaces: ['a'], terminating: ['b'] });
    assert.deepEqual(deleted.copies, [path('a')]);
    assert.deepEqual(
      deleted.plan.changes.map(({ detail }) => detail.reason),
      ['namespace-deleted'],
    );
    const narrowed = await planCopies({
      ...world([{ namespace: 'a' }]),
      files: { ...files, 'inputs/copies/x.yaml': syncFile('x', cm('x'), [{ namespace: 'a' }]) },
    });
    assert.deepEqual(narrowed.copies, [path('a')]);
    assert.deepEqual(
      narrowed.plan.changes.map(({ detail }) => detail.reason),
      ['not-asked-for'],
    );
  });

  test('they go with what the config allows, for that reason', async () => {
    const files = await settled(world(all));
    for (const [config, reason] of [
      [{ watchNamespaces: ['kube-public'] }, 'not-watched'],
      [{ targetNamespaces: ['kube-public'] }, 'not-allowed'],
    ] as const) {
      const { plan } = await planCopies({ files, config });
      assert.deepEqual(new Set(plan.changes.map(({ detail }) => detail.reason)), new Set([reason]));
    }
  });

  test('an adopted object stays when its file goes, and the change says so', async () => {
    const files = await settled(world([{ namespace: '*', adopt: true }]));
    const { plan } = await planCopies({ files: without(files, 'inputs/copies/x.yaml') });
    assert.deepEqual(
      plan.changes.map(({ detail }) => detail.stays),
      [true, true],
    );
  });

  test('an edited source changes them, and the names of its keys are shown', async () => {
    const files = await settled(world(all));
    const { plan, merged } = await planCopies({
      files: { ...files, 'sources/x.yaml': configMap('x', 'default', { key: 'secret-of-a-kind', more: '1' }) },
    });
    assert.deepEqual(
      plan.changes.map(({ effect, namespace, detail }) => [effect, namespace, detail.keys]),
      [
        ['modify', 'a', ['data.key', 'data.more']],
        ['modify', 'b', ['data.key', 'data.more']],
      ],
    );
    assert.doesNotMatch(JSON.stringify(plan.changes), /secret-of-a-kind/);
    assert.match(merged[path('a')] ?? '', /secret-of-a-kind/);
  });

  const mistakes: readonly (readonly [what: string, change: Texts])[] = [
    ['a file of an ObjectSync that is no YAML', { 'inputs/copies/x.yaml': '{' }],
    ['an ObjectSync with a typo', { 'inputs/copies/x.yaml': syncFile('x', cm('x'), [{ namespaces: '*' }]) }],
    [
      'a namespace that does not exist',
      { 'inputs/copies/x.yaml': syncFile('x', cm('x'), [{ namespace: '*' }, { namespace: 'nope' }]) },
    ],
    [
      'a source that became a Secret',
      { 'inputs/copies/x.yaml': syncFile('x', { group: '', kind: 'Secret', name: 'x' }, all) },
    ],
    ['a source file that is no YAML', { 'sources/x.yaml': '{' }],
    ['a source in a second file', { 'sources/y.yaml': configMap('x') }],
    ['a conflict', { 'inputs/copies/y.yaml': syncFile('y', cm('z'), [{ namespace: '*', name: 'x' }]) }],
    [
      'another sync asks for a copy of one that is held',
      {
        'inputs/copies/x.yaml': syncFile('x', cm('x'), [{ namespace: 'nope' }]),
        'inputs/copies/y.yaml': syncFile('y', cm('z'), [{ namespace: 'a', name: 'x' }]),
      },
    ],
  ];
  for (const [what, change] of mistakes) {
    test(`they stay to the byte, and those of others follow their source: ${what}`, async () => {
      const files = await settled(two);
      const edited = { ...files, ...change, 'sources/z.yaml': configMap('z', 'default', { key: 'new' }) };
      const { copies, merged, codes, plan } = await planCopies({ files: edited });
      assert.deepEqual(copies, [path('a'), ofZ[0], path('b'), ofZ[1]]);
      for (const namespace of ['a', 'b']) assert.equal(merged[path(namespace)], files[path(namespace)]);
      assert.ok(codes.length > 0);
      const follow = what.startsWith('a source file') ? [] : ofZ;
      for (const it of follow) assert.match(merged[it] ?? '', /"new"/, JSON.stringify(plan.held));
    });
  }

  test('nothing is removed where the inventory is incomplete', async () => {
    const files = await settled(two);
    const problems = [{ code: 'INVENTORY_UNREADABLE', message: 'reading b.yaml' }] as const;
    const { copies } = await planCopies({ files: without(files, 'inputs/copies/x.yaml'), namespaces: ['a'], problems });
    assert.equal(copies.length, 4);
    const named = await planCopies({
      ...world([{ namespace: 'a' }, { namespace: 'b' }]),
      files: { ...files, 'inputs/copies/x.yaml': syncFile('x', cm('x'), [{ namespace: 'a' }, { namespace: 'b' }]) },
      namespaces: ['a'],
      problems,
    });
    assert.equal(named.copies.length, 4);
    assert.deepEqual(named.codes, ['INVENTORY_UNREADABLE']);
  });

  test('C22: removals beyond the limit are held', async () => {
    const namespaces = Array.from({ length: 60 }, (_, index) => `n${index}`);
    const files = await settled(world(all, { namespaces }));
    const { copies, codes, plan } = await planCopies({ files: without(files, 'inputs/copies/x.yaml'), namespaces });
    assert.equal(copies.length, 60);
    assert.equal(new Set(codes).size, 1);
    assert.equal(codes[0], 'LIMIT_REMOVED');
    assert.match(
      plan.held[0]?.message ?? '',
      /60 removals in prod exceed limits\.maxRemovedCopies \(12 of 60 copies\)/,
    );
  });

  test('C17: a foreign file is held, and taken over where a destination adopts', async () => {
    const foreign = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: a}\n';
    const held = await planCopies(world(all, { files: { [path('a')]: foreign } }));
    assert.equal(held.merged[path('a')], foreign);
    assert.deepEqual(held.codes, ['OUTPUT_FOREIGN']);
    assert.ok(held.copies.includes(path('b')));
    const adopted = await planCopies(world([{ namespace: '*', adopt: true }], { files: { [path('a')]: foreign } }));
    assert.deepEqual(adopted.codes, []);
    assert.match(adopted.merged[path('a')] ?? '', /argocd\.argoproj\.io\/sync-options: "Prune=false"/);
    assert.match(adopted.merged[path('a')] ?? '', /kustomize\.toolkit\.fluxcd\.io\/prune: "disabled"/);
    const told = adopted.plan.changes.map(({ namespace, effect, detail }) => [namespace, effect, detail.reason]);
    assert.deepEqual(told, [
      ['b', 'add', 'asked-for'],
      ['a', 'modify', 'adopted'],
    ]);
  });

  test('a foreign file that no copy is for is held', async () => {
    const { codes } = await planCopies(world(all, { files: { 'copies/prod/a/notes.yaml': 'mine: true\n' } }));
    assert.deepEqual(codes, ['OUTPUT_FOREIGN']);
    const kept = await planCopies(
      world(all, { config: { keep: ['copies/**/notes.yaml'] }, files: { 'copies/prod/a/notes.yaml': 'mine: true\n' } }),
    );
    assert.deepEqual(kept.codes, []);
  });

  test('a copy is no source, wherever sources are looked for', async () => {
    const files = await settled(world(all));
    const chain = { ...files, 'inputs/copies/c.yaml': syncFile('c', cm('x', 'a'), [{ namespace: 'b', name: 'y' }]) };
    const { copies } = await planCopies({ files: chain, config: { sources: ['**/*.yaml'] } });
    assert.deepEqual(copies, [path('a'), path('b')]);
  });
});

describe('a source that is read from the cluster', () => {
  const live = {
    ...world(all, { config: { live: ['ConfigMap'] } }),
    files: { 'inputs/copies/x.yaml': syncFile('x', cm('x'), all) },
  };
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'x', namespace: 'default', uid: 'u', resourceVersion: '7' },
    data: { key: 'value' },
  };

  test('is copied as one of a file is', async () => {
    const { merged } = await planCopies({ ...live, live: { list: async () => [object] } });
    const inFile = await planCopies(world(all));
    assert.equal(merged[path('a')], inFile.merged[path('a')]);
  });

  test('is not asked for where a file has it, or where the kind is not allowed', async () => {
    const list = async () => assert.fail('it was asked for');
    await planCopies({ ...live, files: { ...live.files, 'sources/x.yaml': configMap('x') }, live: { list } });
    await planCopies({ ...live, config: {}, live: { list } });
  });

  test('C21: removes nothing where it cannot be read', async () => {
    const { merged } = await planCopies({ ...live, live: { list: async () => [object] } });
    for (const code of ['CLUSTER_FORBIDDEN', 'CLUSTER_TIMEOUT'] as const) {
      const list = async () => {
        throw new AppError(code, 'listing configmaps');
      };
      const failed = await planCopies({ ...live, files: merged, live: { list } });
      assert.deepEqual(failed.plan.files, []);
      assert.deepEqual(failed.codes, [code, code]);
    }
  });

  test('goes with its copies, or not, as the ObjectSync says', async () => {
    const { merged } = await planCopies({ ...live, live: { list: async () => [object] } });
    const after = async (onSourceMissing: string) =>
      planCopies({
        ...live,
        files: { ...merged, 'inputs/copies/x.yaml': syncFile('x', cm('x'), all, { onSourceMissing }) },
      });
    assert.deepEqual((await after('delete')).copies, []);
    assert.deepEqual((await after('keep')).copies, [path('a'), path('b')]);
    assert.deepEqual((await after('fail')).codes, ['COPY_SOURCE_MISSING']);
  });
});
