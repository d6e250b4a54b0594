import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DoctorContext } from '../../src/doctor/context.ts';
import { checkFolders } from '../../src/doctor/folders.ts';

function check(path: string, namespaces: number, roles = ['admins']) {
  const workspace = {
    config: {
      output: { path },
      clusters: [{ name: 'prod', roles: roles.map((athenzRole) => ({ athenzRole, clusterRole: 'view' })) }],
    },
  } as unknown as DoctorContext['workspace'];
  const entries = Array.from({ length: namespaces }, (_, at) => ({ name: `team-${at}`, source: 'list' }));
  const inventory = [{ cluster: 'prod', namespaces: entries, excluded: [], problems: [] }];
  return checkFolders({ workspace, inventory });
}

test('a folder with more than 3,000 entries is a warning with a path that avoids it', () => {
  assert.deepEqual(check('output/{cluster}/{namespace}/rbac.yaml', 3000), []);
  const [found, ...others] = check('output/{cluster}/{namespace}/rbac.yaml', 3001);
  assert.deepEqual(others, []);
  assert.match(found?.message ?? '', /^output\/prod has 3001 entries/);
  assert.match(found?.fix ?? '', /output\/\{cluster\}\/\{shard\}\/\{namespace\}\/rbac\.yaml$/);
});

test('the path that doctor suggests keeps folders small', () => {
  assert.deepEqual(check('output/{cluster}/{shard}/{namespace}/rbac.yaml', 40_000), []);
});

test('files of each role count, too', () => {
  const roles = ['admins', 'viewers'];
  const [found] = check('output/{cluster}/{namespace}-{role}.yaml', 1600, roles);
  assert.match(found?.message ?? '', /^output\/prod has 3200 entries/);
  assert.deepEqual(check('output/{cluster}/{namespace}.yaml', 1600, roles), []);
});
