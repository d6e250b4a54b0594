import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertFinding, diagnose, type Expected } from '../support/diagnosis.ts';
import { type Fixture, openFixture } from '../support/fixture.ts';

let fixture: Fixture;
let config = '';
before(async () => {
  fixture = await openFixture();
  config = await readFile(fixture.paths.config, 'utf8');
});
after(() => fixture[Symbol.asyncDispose]());

const cases: readonly (readonly [name: string, change: (text: string) => string, expected: Expected])[] = [
  [
    'the path of the config',
    (text) => text,
    { check: 'config', status: 'ok', says: /repository\/athenz-gitops\.yaml$/ },
  ],
  ['limits', (text) => text, { check: 'limits', status: 'ok', says: /25 %.*k8s_ns_admins/ }],
  [
    'whom limits do not protect against',
    (text) => text,
    { check: 'limits', status: 'ok', says: /people who can push to athenz-gitops\/\*\*/ },
  ],
  [
    'removals without a limit',
    (text) => text.replace('limits:', 'limits:\n  maxRemovedGrants: null'),
    { check: 'limits', status: 'warning', says: /maxRemovedGrants is off/, fix: /percent and floor/ },
  ],
  [
    'an empty neverEmpty',
    (text) => text.replace('neverEmpty: [k8s_ns_admins]', 'neverEmpty: []'),
    { check: 'limits', status: 'warning', says: /neverEmpty is empty/, fix: /neverEmpty: \[k8s_ns_admins\]/ },
  ],
  ['the built-in templates', (text) => text, { check: 'templates', status: 'ok', says: /own/ }],
  [
    'missing templates',
    (text) => `${text}\noutput: {templates: no/such}`,
    { check: 'templates', status: 'error', says: /TEMPLATE_NOT_FOUND.*no\/such\/role\.yaml/, fix: /output\.templates/ },
  ],
  ['the number of namespaces', (text) => text, { check: 'namespaces', status: 'ok', says: /^prod: 6 namespaces/ }],
  [
    'a glob without a match',
    (text) => text.replace('clusters/prod/*.yaml', 'clusters/prd/*.yaml'),
    { check: 'namespaces', status: 'warning', says: /^prod: 0 namespaces; .*clusters\/prd/, fix: /namespaces\.files/ },
  ],
  [
    'all namespaces excluded',
    (text) => text.replace('files: [clusters/prod/*.yaml]', '$&\n      exclude: ["*"]'),
    { check: 'namespaces', status: 'warning', says: /^prod: 0 namespaces, and 6 that are excluded/, fix: /exclude/ },
  ],
  [
    'no cache',
    (text) => text,
    { check: 'cache', status: 'warning', says: /every run reads every document/, fix: /athenz\.cache/ },
  ],
  [
    'a cache folder that does not exist yet',
    (text) => text.replace('cache: off', 'cache: ../not/yet/there'),
    { check: 'cache', status: 'ok', says: /not\/yet\/there$/ },
  ],
  [
    'a cache folder that cannot be made',
    (text) => text.replace('cache: off', 'cache: /proc/nowhere'),
    { check: 'cache', status: 'warning', says: /\/proc\/nowhere cannot be written/, fix: /athenz\.cache/ },
  ],
  [
    'a cache folder below a file',
    (text) => text.replace('cache: off', 'cache: athenz-gitops.yaml/cache'),
    { check: 'cache', status: 'warning', says: /cannot be written/, fix: /that this user may write/ },
  ],
  [
    'a file in place of the cache folder',
    (text) => text.replace('cache: off', 'cache: athenz-gitops.yaml'),
    { check: 'cache', status: 'warning', says: /is not a folder/, fix: /athenz\.cache/ },
  ],
];
for (const [name, change, expected] of cases) {
  test(`${name}: ${expected.status}`, async () => {
    await writeFile(fixture.paths.config, change(config));
    assertFinding(await diagnose(fixture), expected);
  });
}

test('an unwritable cache folder: warning', { skip: process.getuid?.() === 0 }, async () => {
  await writeFile(fixture.paths.config, config.replace('cache: off', 'cache: ../locked'));
  await fixture.write({ '../locked/file': '' });
  const folder = join(fixture.dir, '../locked');
  await chmod(folder, 0o500);
  const diagnosis = await diagnose(fixture);
  // Otherwise the fixture cannot be deleted.
  await chmod(folder, 0o700);
  assertFinding(diagnosis, { check: 'cache', status: 'warning', says: /cannot be written/ });
});
