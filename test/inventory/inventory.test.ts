import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterConfig } from '../../src/config/types.ts';
import { readInventory } from '../../src/inventory/inventory.ts';
import type { ClusterInventory } from '../../src/model/inventory.ts';
import { type MemoryEntry, memoryTree, submodule, unreadable } from '../support/file-tree.ts';

function cluster(name: string, files: readonly string[], exclude: readonly string[] = []): ClusterConfig {
  const roles = [{ athenzRole: 'k8s', clusterRole: 'view' }];
  return { name, domain: `eks.${name}.{namespace}`, namespaces: { files, exclude }, kube: null, roles };
}

async function readOne(
  entries: Readonly<Record<string, MemoryEntry>>,
  files: readonly string[],
  exclude: readonly string[] = [],
): Promise<ClusterInventory> {
  const [found] = await readInventory([cluster('prod', files, exclude)], memoryTree(entries));
  assert.ok(found);
  return found;
}

const names = (it: ClusterInventory | undefined) => it?.namespaces.map((entry) => entry.name);
const codes = (it: ClusterInventory | undefined) => it?.problems.map((problem) => problem.code);

test('lists the namespaces of all files, sorted and with their source', async () => {
  const found = await readOne(
    {
      'clusters/prod/b.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: zeta}\n',
      'clusters/prod/a.txt': 'mid\nalpha\n',
      'clusters/prod/c.json': '["beta"]',
    },
    ['clusters/prod/*'],
  );
  assert.deepEqual(found, {
    cluster: 'prod',
    namespaces: [
      { name: 'alpha', source: 'clusters/prod/a.txt' },
      { name: 'beta', source: 'clusters/prod/c.json' },
      { name: 'mid', source: 'clusters/prod/a.txt' },
      { name: 'zeta', source: 'clusters/prod/b.yaml' },
    ],
    excluded: [],
    problems: [],
  });
});

test('a namespace that occurs repeatedly is listed once, with its first source', async () => {
  const found = await readOne({ 'a.txt': 'x\nx\n', 'b.txt': 'x\ny\n', 'c.txt': 'y' }, ['b.txt', '*.txt']);
  assert.deepEqual(found.namespaces, [
    { name: 'x', source: 'b.txt' },
    { name: 'y', source: 'b.txt' },
  ]);
  assert.deepEqual(found.problems, []);
});

const globs: readonly (readonly [string, readonly string[]])[] = [
  ['clusters/prod/ns.txt', ['direct']],
  ['clusters/prod/*.txt', ['direct', 'second']],
  ['clusters/prod/{ns,more}.txt', ['direct', 'second']],
  ['clusters/prod/n?.txt', ['direct']],
  ['clusters/prod/[a-m]*.txt', ['second']],
  ['clusters/prod/**/*.txt', ['deep', 'direct', 'second']],
  ['clusters/prod/**', ['deep', 'direct', 'second']],
  ['clusters/*/ns.txt', ['direct', 'other', 'twin']],
  ['**/deep.txt', ['deep']],
  ['*.txt', ['top']],
  ['./clusters/prod/ns.txt', ['direct']],
  ['.hidden/*.txt', ['hidden']],
];
const forest = {
  'top.txt': 'top',
  'clusters/prod/ns.txt': 'direct',
  'clusters/prod/more.txt': 'second',
  'clusters/prod/a/b/deep.txt': 'deep',
  'clusters/prod2/ns.txt': 'twin',
  'clusters/dev/ns.txt': 'other',
  '.hidden/ns.txt': 'hidden',
};
for (const [glob, expected] of globs) {
  test(`glob ${glob} finds ${expected.join(', ')}`, async () => {
    const found = await readOne(forest, [glob]);
    assert.deepEqual(names(found), expected);
    assert.deepEqual(found.problems, []);
  });
}

const chart = {
  'clusters/prod/ns.txt': 'direct',
  'clusters/prod/app/chart/templates/ns.yaml': '{{- range .Values.names }}\n- {{ . }}\n{{- end }}\n',
  'clusters/prod/app/chart/values.yaml': '- inside\n',
};
const exclusions: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['clusters/prod/**', '!clusters/prod/app/chart/**'], ['direct']],
  [['!clusters/prod/app/chart/**', 'clusters/prod/**'], ['direct']],
  [
    ['clusters/prod/**', '!**/templates/**'],
    ['direct', 'inside'],
  ],
  [['clusters/prod/**', '!clusters/prod/app'], []],
];
for (const [files, expected] of exclusions) {
  test(`${files.join(' ')} finds ${expected.join(', ') || 'a file that cannot be read'}`, async () => {
    const found = await readOne(chart, files);
    if (expected.length > 0) assert.deepEqual([names(found), found.problems], [expected, []]);
    else assert.deepEqual(codes(found), ['INVENTORY_UNREADABLE']);
  });
}

test('excluded files are named, not read, and leave other clusters alone', async () => {
  const tree = memoryTree(chart);
  const [prod, other] = await readInventory(
    [cluster('prod', ['clusters/prod/**', '!**/chart/**']), cluster('other', ['clusters/prod/app/chart/values.yaml'])],
    tree,
  );
  assert.deepEqual(prod?.excludedFiles, Object.keys(chart).slice(1).sort());
  assert.deepEqual([names(other), other?.excludedFiles], [['inside'], undefined]);
  assert.deepEqual(tree.reads.toSorted(), ['clusters/prod/app/chart/values.yaml', 'clusters/prod/ns.txt']);
});

test('a pattern whose files are all excluded matches nothing, which removes nothing', async () => {
  assert.deepEqual(codes(await readOne(chart, ['clusters/prod/ns.txt', '!clusters/**'])), ['INVENTORY_NO_MATCH']);
});

test('an excluded link is no problem, one beside it is', async () => {
  const entries = { 'a/ns.txt': 'direct', 'a/chart': { link: '../chart' }, 'a/more': { link: '../more' } };
  const found = await readOne(entries, ['a/**', '!a/chart/**']);
  assert.deepEqual(found.excludedFiles, ['a/chart']);
  assert.deepEqual(codes(found), ['INVENTORY_UNREADABLE']);
});

test('overlapping globs list each folder once and read each file once', async () => {
  const tree = memoryTree(forest);
  const clusters = ['a', 'b', 'c'].map((name) =>
    cluster(name, ['clusters/prod/**', 'clusters/*/ns.txt', 'clusters/prod/ns.txt']),
  );
  await readInventory(clusters, tree);
  assert.deepEqual(tree.listed, ['clusters']);
  assert.deepEqual(tree.reads.toSorted(), [...new Set(tree.reads)].sort());
});

test('a folder whose name starts with that of another folder is listed', async () => {
  const found = await readOne(forest, ['clusters/prod/*.txt', 'clusters/prod2/*.txt', 'clusters/prod/a/**/*.txt']);
  assert.deepEqual(names(found), ['deep', 'direct', 'second', 'twin']);
  assert.deepEqual(found.problems, []);
});

test('a file that matches no glob is not read', async () => {
  const tree = memoryTree(forest);
  await readInventory([cluster('prod', ['clusters/dev/*.txt'])], tree);
  assert.deepEqual(tree.reads, ['clusters/dev/ns.txt']);
});

const builtIn = ['kube-system', 'kube-public', 'kube-node-lease', 'default', 'argocd', 'flux-system', 'cert-manager'];
test('platform namespaces are excluded by default and reported', async () => {
  const found = await readOne({ 'n.txt': [...builtIn, 'athenz', 'athenz-system', 'app', 'kubernetes'].join('\n') }, [
    'n.txt',
  ]);
  assert.deepEqual(names(found), ['app', 'kubernetes']);
  assert.deepEqual(
    found.excluded.map(({ name }) => name),
    [...builtIn, 'athenz', 'athenz-system'].sort(),
  );
  assert.deepEqual(found.problems, []);
});

const excludes: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['monitoring'], ['monitoring-2', 'team-a', 'team-b']],
  [['monitoring*'], ['team-a', 'team-b']],
  [['team-?'], ['monitoring', 'monitoring-2']],
  [
    ['team-{a,c}', 'monitoring'],
    ['monitoring-2', 'team-b'],
  ],
  [['team'], ['monitoring', 'monitoring-2', 'team-a', 'team-b']],
  [['*'], []],
];
for (const [exclude, expected] of excludes) {
  test(`excluding ${exclude.join(' and ')} leaves ${expected.join(', ') || 'nothing'}`, async () => {
    const found = await readOne({ 'n.txt': 'team-a\nteam-b\nmonitoring\nmonitoring-2\n' }, ['n.txt'], exclude);
    assert.deepEqual(names(found), expected);
  });
}

test('an exclude applies to its own cluster only', async () => {
  const clusters = [cluster('a', ['n.txt'], ['x']), cluster('b', ['n.txt'], ['y'])];
  const found = await readInventory(clusters, memoryTree({ 'n.txt': 'x\ny\nz\n' }));
  assert.deepEqual(found.map(names), [
    ['y', 'z'],
    ['x', 'z'],
  ]);
});

/** Faults of one file, with the content of the file, the error code and the message. */
const faults: readonly (readonly [string, MemoryEntry | undefined, string, RegExp])[] = [
  ['does not parse', '- [', 'INVENTORY_UNREADABLE', /^reading the namespaces in prod\/bad\.yaml: /],
  ['is not UTF-8', Buffer.from([0xff, 0xfe]), 'INVENTORY_UNREADABLE', /prod\/bad\.yaml: it is not UTF-8$/],
  [
    'contains an invalid name',
    '- fine\n- Bad_Name\n',
    'INVENTORY_BAD_NAME',
    /prod\/bad\.yaml: "Bad_Name" cannot name a namespace$/,
  ],
  [
    'is a symlink',
    { link: 'good.yaml' },
    'INVENTORY_UNREADABLE',
    /prod\/bad\.yaml: it is a link, which is not followed$/,
  ],
  ['is a symlink to a name', { link: 'a' }, 'INVENTORY_UNREADABLE', /bad\.yaml: it is a link, which is not followed$/],
  ['is a submodule', submodule, 'INVENTORY_UNREADABLE', /prod\/bad\.yaml: it is a submodule, whose files are in/],
  ['cannot be read', unreadable, 'INVENTORY_UNREADABLE', /prod\/bad\.yaml: it cannot be read$/],
  [
    'is missing',
    undefined,
    'INVENTORY_NO_MATCH',
    /^finding the namespaces of cluster prod: no file matches prod\/bad\.yaml$/,
  ],
];
for (const [name, entry, code, message] of faults) {
  test(`a file that ${name} is a problem of its cluster only`, async () => {
    const entries = { 'prod/good.yaml': '- a\n- b\n', 'dev/ns.txt': 'c\n', ...(entry && { 'prod/bad.yaml': entry }) };
    const clusters = [cluster('prod', ['prod/bad.yaml', 'prod/good.yaml']), cluster('dev', ['dev/*.txt'])];
    const [prod, dev] = await readInventory(clusters, memoryTree(entries));
    assert.deepEqual(names(prod), ['a', 'b']);
    assert.deepEqual(codes(prod), [code]);
    assert.match(prod?.problems[0]?.message ?? '', message);
    assert.ok((prod?.problems[0]?.next ?? '') !== '');
    assert.deepEqual(names(dev), ['c']);
    assert.deepEqual(dev?.problems, []);
  });
}

test('a file with one invalid name provides no namespaces', async () => {
  const found = await readOne({ 'n.txt': 'a\nb\nBAD\n' }, ['n.txt']);
  assert.deepEqual(names(found), []);
  assert.deepEqual(codes(found), ['INVENTORY_BAD_NAME']);
});

test('a symlinked folder is not followed and is a problem', async () => {
  const found = await readOne({ 'clusters/prod': { link: '../elsewhere' }, 'elsewhere/n.txt': 'x' }, [
    'clusters/prod/*.txt',
  ]);
  assert.deepEqual(codes(found), ['INVENTORY_UNREADABLE']);
});

test('every glob without a match is reported', async () => {
  const found = await readOne({ 'a/n.txt': 'x' }, ['a/*.txt', 'b/*.txt', 'a/*.yaml']);
  assert.deepEqual(names(found), ['x']);
  assert.deepEqual(
    found.problems.map((problem) => problem.message.replace(/.*matches /, '')),
    ['b/*.txt', 'a/*.yaml'],
  );
});

test('an unreadable file is reported once per cluster', async () => {
  const clusters = ['a', 'b'].map((name) => cluster(name, ['n.yaml', '*.yaml']));
  const found = await readInventory(clusters, memoryTree({ 'n.yaml': '[' }));
  assert.deepEqual(found.map(codes), [['INVENTORY_UNREADABLE'], ['INVENTORY_UNREADABLE']]);
});

test('an empty file has no namespaces and is no problem', async () => {
  assert.deepEqual(await readOne({ 'n.yaml': '' }, ['n.yaml']), {
    cluster: 'prod',
    namespaces: [],
    excluded: [],
    problems: [],
  });
});

test('an executable file is read like any other', async () => {
  const tree = memoryTree({ 'n.txt': 'a' });
  const list: typeof tree.list = async (prefixes) =>
    (await tree.list(prefixes)).map((file) => ({ ...file, mode: '100755' as const }));
  const [found] = await readInventory([cluster('prod', ['n.txt'])], { ...tree, list });
  assert.deepEqual(names(found), ['a']);
});

test('the order of files, globs and lines does not change the result', async () => {
  const entries = { 'a.txt': 'z\ny\nx\n', 'b.txt': 'w\nkube-system\ndefault\n' };
  const one = await readOne(entries, ['a.txt', 'b.txt']);
  const other = await readOne({ 'b.txt': 'default\nkube-system\nw\n', 'a.txt': 'x\ny\nz\n' }, ['b.txt', 'a.txt']);
  assert.deepEqual(one, other);
});

for (const [what, entry] of [
  ['a symlink to a folder', { link: '../shared/b' }],
  ['a submodule', submodule],
] as const) {
  test(`${what} that a glob would descend into is a problem`, async () => {
    const entries = { 'c/a.txt': 'a', 'c/b': entry, 'c/b-v1.2': entry };
    const pathsOf = async (glob: string) =>
      (await readOne(entries, [glob])).problems.flatMap(({ message }) => /in (c\/b[^:]*):/.exec(message)?.[1] ?? []);
    for (const glob of ['c/**/*.txt', 'c/*/ns.txt', 'c/*/namespaces/*.txt', 'c/**/{ns,a}.txt', '{c,d}/*/x/**'])
      assert.deepEqual(await pathsOf(glob), ['c/b', 'c/b-v1.2'], glob);
    assert.deepEqual(await pathsOf('c/*.*/ns.txt'), ['c/b-v1.2']);
    assert.deepEqual(await pathsOf('c/*.txt'), []);
    assert.deepEqual(await readOne(entries, ['c/**/*.txt', '!c/b', '!c/b-*/**']).then(codes), []);
  });
}

test('a link is no problem where it leads to a file of the tree, or no pattern reaches below it', async () => {
  const readme = { 'README.md': 'x', 'c/a.txt': 'a', 'c/README.md': { link: '../README.md' } };
  assert.deepEqual(codes(await readOne(readme, ['c/**/*.txt'])), []);
  const targets = ['../c', '..', '.', '', '/README.md', '../../README.md', '../gone', '../link', '../link/x', 'a.txt/'];
  for (const link of [...targets, '\0', 'x'.repeat(5000)]) {
    const entries = { ...readme, link: { link: 'c' }, 'c/l': { link } };
    assert.deepEqual(codes(await readOne(entries, ['c/**/*.txt'])), ['INVENTORY_UNREADABLE'], JSON.stringify(link));
    assert.deepEqual(codes(await readOne(entries, ['c/*.txt'])), []);
  }
});
