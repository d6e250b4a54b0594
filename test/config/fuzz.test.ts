import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/types.ts';
import { AppError } from '../../src/model/error.ts';
import { compileLayout } from '../../src/model/layout.ts';
import { type Data, smallest, smallestData } from '../support/config.ts';
import { trials } from '../support/properties.ts';

// Any file is either a usable config or fails with an actionable error.

const full: Data = {
  ...(smallestData as { [key: string]: Data }),
  names: 'portable',
  members: { users: { prefix: 'oidc:' }, services: 'User' },
  output: { path: 'output/{cluster}/{namespace}/{role}.yaml', templates: 'templates', keep: ['output/*.md'] },
  forge: { kind: 'github', repository: 'owner/name', apiUrl: 'https://api.example.com', commit: { name: 'bot' } },
  limits: {
    maxRemovedGrants: { percent: '25%', floor: 3 },
    maxAddedGrants: { floor: 500 },
    neverEmpty: ['k8s_ns_viewers'],
    maxSubjects: 10,
  },
  provision: { adminUsers: ['user.admin'], auditRef: 'x' },
};

/** Text that is invalid in some fields. */
const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    '..',
    '../x',
    '/',
    '',
    ' ',
    '{namespace}',
    '{cluster}',
    '.git',
    '!x',
    '*',
    '__proto__',
    'off',
    '\ud800',
  ),
  fc.stringMatching(/^[a-z{}./_-]{1,20}$/),
);
const nastyPath = fc
  .array(fc.constantFrom('..', 'a', '/', '{cluster}', '{namespace}', '{role}', '{shard}', '-', '.', '.yaml'), {
    maxLength: 9,
  })
  .map((parts) => parts.join(''));
const value: fc.Arbitrary<Data> = fc.oneof(
  nasty,
  nastyPath,
  fc.constantFrom<Data[]>(null, true, 0, -1, 0.5, 2 ** 53, [], {}, [null], [[]], { a: 1 }),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Data>,
);

/** One change: a path into the data and what to do there. */
const mutation = fc.record({
  steps: fc.array(fc.nat(12), { minLength: 1, maxLength: 6 }),
  how: fc.constantFrom('set', 'add', 'rename', 'remove', 'double'),
  key: nasty,
  value,
});

function mutate(data: Data, { steps, how, key, value }: { steps: number[]; how: string; key: string; value: Data }) {
  let at = data;
  // Mutations may nest; a copy keeps a value from containing itself.
  const what = structuredClone(value);
  for (const [depth, step] of steps.entries()) {
    if (typeof at !== 'object' || at === null) return;
    const keys = Object.keys(at);
    const here = at as Record<string, Data>;
    const chosen = keys[step % Math.max(1, keys.length)];
    if (chosen === undefined || how === 'add') {
      if (Array.isArray(at)) at.push(what);
      else Object.defineProperty(at, key, { value: what, enumerable: true, configurable: true, writable: true });
      return;
    }
    const below = here[chosen] as Data;
    if (depth < steps.length - 1 && typeof below === 'object' && below !== null) {
      at = below;
      continue;
    }
    if (how === 'double' && Array.isArray(at)) at.push(structuredClone(below));
    else if (how === 'set' || Array.isArray(at)) here[chosen] = what;
    else delete here[chosen];
    if (how === 'rename' && !Array.isArray(at)) here[`${chosen}s`] = below;
    return;
  }
}

/** Returns the config, or undefined for a well-formed error. */
function read(text: string): Config | undefined {
  try {
    return parseConfig(text, 'g.yaml');
  } catch (error) {
    assert.ok(error instanceof AppError, `${error}: ${JSON.stringify(text)}`);
    assert.match(error.code, /^CONFIG_(SYNTAX|UNKNOWN_KEY|INVALID)$/);
    for (const line of error.message.split('\n').slice(0, 1)) assert.match(line, /^g\.yaml:/);
    assert.ok((error.next ?? '') !== '');
    return undefined;
  }
}

/** Checks the guarantees that the rest of the program relies on. */
function assertUsable(config: Config): void {
  const layout = compileLayout(config.output.path);
  const roots = config.clusters.map(({ name }) => layout.rootOf(name));
  assert.equal(new Set(roots).size, config.clusters.length, 'clusters share a folder');
  assert.ok(!roots.some((root) => root === '' || root.split('/').includes('.git')));
  for (const cluster of config.clusters) {
    assert.match(cluster.name, /^[a-z0-9-]{1,63}$/);
    assert.equal(cluster.domain.split('{namespace}').length, 2);
    assert.ok(cluster.roles.length > 0);
    assert.ok(!('files' in cluster.namespaces) || cluster.namespaces.files.length > 0);
    assert.equal(new Set(cluster.roles.map((role) => role.athenzRole)).size, cluster.roles.length);
    const [role] = cluster.roles;
    const path = layout.pathOf({ cluster: cluster.name, namespace: 'team-a', role: role?.athenzRole ?? '' });
    assert.ok(path.startsWith(`${layout.rootOf(cluster.name)}/`), path);
    assert.ok(
      !path
        .replace(/^(\.\.\/)+/, '')
        .split('/')
        .some((part) => ['', '.', '..', '.git'].includes(part)),
      path,
    );
    if (config.clusters.length > 1) assert.equal(layout.clusterOf(path), cluster.name);
  }
  assert.match(config.athenz.zmsUrl, /^https:/i);
  assert.ok(config.athenz.requestTimeout > 0 && config.athenz.requestTimeout < 2 ** 31);
  assert.ok(JSON.stringify(config).isWellFormed());
}

test('any text parses or fails with a located error', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...'{}[]:,-&*!|>#\'"%@`? \n\t~a1') }),
  );
  fc.assert(
    fc.property(text, (it) => void read(it)),
    { numRuns: trials(300) },
  );
});

test('any JSON parses or fails with a located error', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (it) => void read(it)),
    { numRuns: trials(250) },
  );
});

test('a config with changed characters is usable or rejected', () => {
  const yaml = `${smallest}limits: {maxRemovedGrants: {percent: 25%}, neverEmpty: [k8s_ns_viewers]}\n`;
  const edit = fc.record({ at: fc.nat(yaml.length), cut: fc.nat(8), put: fc.oneof(nasty, fc.constant('')) });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      const text = edits.reduce((it, { at, cut, put }) => it.slice(0, at) + put + it.slice(at + cut), yaml);
      const config = read(text);
      if (config !== undefined) assertUsable(config);
    }),
    { numRuns: trials(300) },
  );
});

test('a config with changed values is usable or rejected', () => {
  let accepted = 0;
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
      const data = structuredClone(full);
      for (const it of mutations) mutate(data, it);
      const config = read(JSON.stringify(data));
      if (config === undefined) return;
      accepted += 1;
      assertUsable(config);
    }),
    { numRuns: trials(400) },
  );
  assert.ok(accepted > 25, `only ${accepted} configs were accepted, too few to be meaningful`);
});

test('every output path accepted for two clusters keeps them separate', () => {
  const clusters = ['prod', 'prod-a'].map((name) => ({ ...firstCluster(), name }));
  let accepted = 0;
  fc.assert(
    fc.property(nastyPath, (path) => {
      const config = read(JSON.stringify({ ...(smallestData as object), clusters, output: { path: `${path}.yaml` } }));
      if (config === undefined) return;
      accepted += 1;
      assertUsable(config);
    }),
    { numRuns: trials(1500) },
  );
  assert.ok(accepted > 5, `only ${accepted} paths were accepted, too few to be meaningful`);
});

function firstCluster(): object {
  return (smallestData as unknown as { readonly clusters: readonly object[] }).clusters[0] ?? {};
}
