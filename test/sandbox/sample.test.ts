import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { loadState } from '../../src/sandbox/state-file.ts';

const folder = fileURLToPath(new URL('../../templates/sandbox/', import.meta.url));

test('the sample state, namespaces and config match', async () => {
  const state = loadState(`${folder}athenz.yaml`);
  const config = await loadConfig(`${folder}athenz-gitops.yaml`);
  const namespaces = parseAllDocuments(readFileSync(`${folder}namespaces.yaml`, 'utf8')).map((document) =>
    document.toJS(),
  );
  assert.equal(namespaces.length, 6);
  assert.deepEqual(new Set(namespaces.map(({ kind }) => kind)), new Set(['Namespace']));

  const [cluster] = config.clusters;
  assert.ok(cluster);
  const domains = namespaces.map(({ metadata }) => cluster.domain.replace('{namespace}', metadata.name));
  assert.deepEqual(
    domains.filter((name) => !Object.hasOwn(state.domains, name)),
    ['acme.eks.labs'],
  );
  const known = Object.keys(state.domains).filter((name) => name.startsWith('acme.eks.'));
  assert.deepEqual(
    known.filter((name) => !domains.includes(name)),
    [],
  );

  const configured = ['admin', ...cluster.roles.map(({ athenzRole }) => athenzRole)];
  for (const name of known) {
    for (const role of Object.keys(state.domains[name]?.roles ?? {})) assert.ok(configured.includes(role), role);
  }
});

test('the sample has one past and one far-future expiry date', () => {
  const state = loadState(`${folder}athenz.yaml`);
  const members = Object.values(state.domains).flatMap(({ roles, groups }) => [
    ...Object.values(roles).flatMap((role) => role.members),
    ...Object.values(groups).flatMap((group) => group.members),
  ]);
  const dates = members.flatMap(({ expires }) => (expires === undefined ? [] : [expires.slice(0, 4)])).sort();
  assert.deepEqual(dates, ['2025', '2031']);
});
