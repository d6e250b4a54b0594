import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Fault } from '../../src/sandbox/fault.ts';
import type { SandboxRequest } from '../../src/sandbox/server.ts';
import { createTestAuthority } from '../support/certificates.ts';
import { assertFinding, diagnose, type Expected } from '../support/diagnosis.ts';
import { clockAhead, type Fixture, openFixture } from '../support/fixture.ts';

let fixture: Fixture;
let config = '';
before(async () => {
  fixture = await openFixture();
  config = await readFile(fixture.paths.config, 'utf8');
});
after(() => fixture[Symbol.asyncDispose]());

/** Runs doctor with a changed config and an optional fault of ZMS. */
async function diagnoseWith(change: (text: string) => string, fault?: (request: SandboxRequest) => Fault | undefined) {
  await writeFile(fixture.paths.config, change(config));
  fixture.sandbox.intercept(fault);
  try {
    return await diagnose(fixture);
  } finally {
    fixture.sandbox.intercept(undefined);
  }
}

const same = (text: string) => text;

test('a valid list, document and pinned key: ok', async () => {
  const diagnosis = await diagnoseWith((text) =>
    text.replace('files: [clusters/prod/*.yaml]', '$&\n      exclude: [labs]'),
  );
  const expected: readonly Expected[] = [
    { check: 'zms', status: 'ok', says: /^https:\/\/localhost:\d+\/zms\/v1 lists \d+ domains$/ },
    { check: 'clock', status: 'ok', says: /future/ },
    { check: 'domains', status: 'ok', says: /^5 of 5 / },
    { check: 'documents', status: 'ok', says: /^acme\.eks\.\w+: readable, signature valid/ },
    { check: 'signing key', status: 'ok', says: /^"0" is pinned \(\w+, and in use\)$/ },
  ];
  for (const each of expected) assertFinding(diagnosis, each);
});

const answer = (status: number): Fault => ({
  kind: 'status',
  status,
  body: JSON.stringify({ code: status, message: 'said \u001b[31mZMS' }),
  contentType: 'application/json',
});

const listFaults: readonly (readonly [name: string, fault: Fault, says: RegExp, fix: RegExp])[] = [
  ['a 403', answer(403), /ZMS_FORBIDDEN.*403/, /read access/],
  ['a 401', answer(401), /ZMS_UNAUTHENTICATED.*401/, /client certificate/],
  ['a 404', answer(404), /ZMS_NOT_FOUND.*404/, /\/zms\/v1/],
  ['a 503', answer(503), /ZMS_UNAVAILABLE.*503/, /try again/],
  ['a reset connection', { kind: 'reset' }, /ZMS_UNREACHABLE/, /the network/],
];
for (const [name, fault, says, fix] of listFaults) {
  test(`${name} on the domain list: error, and documents are skipped`, async () => {
    const diagnosis = await diagnoseWith(same, ({ path }) =>
      path.includes('/sys/modified_domains') ? fault : undefined,
    );
    assertFinding(diagnosis, { check: 'zms', status: 'error', says, fix });
    assertFinding(diagnosis, { check: 'documents', status: 'skipped', says: /the list/ });
    assertFinding(diagnosis, { check: 'signing key', status: 'ok', says: /pinned/ });
  });
}

test('an unreachable server or an unknown CA: error', async () => {
  const unreachable = await diagnoseWith((text) => text.replace(/localhost:\d+/, 'localhost:1'));
  assertFinding(unreachable, {
    check: 'zms',
    status: 'error',
    says: /ZMS_UNREACHABLE.*ECONNREFUSED/,
    fix: /athenz\.zmsUrl/,
  });
  const { caPem } = await createTestAuthority();
  const file = join(fixture.dir, '../other.crt');
  await writeFile(file, caPem);
  const untrusted = await diagnoseWith((text) => text.replace(/caPath: .*/, `caPath: ${file}`));
  assertFinding(untrusted, { check: 'zms', status: 'error', says: /ZMS_TLS.*unknown CA/, fix: /athenz\.caPath/ });
});

test('a forbidden document: error', async () => {
  const fault = ({ path }: SandboxRequest) => (path.endsWith('/signed') ? answer(403) : undefined);
  const expected = { check: 'documents', status: 'error', says: /ZMS_FORBIDDEN/, fix: /read/ } as const;
  assertFinding(await diagnoseWith(same, fault), expected);
});

test('a pinned key that did not sign the documents: error', async () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const file = join(fixture.dir, '../other.pub');
  await writeFile(file, publicKey.export({ type: 'spki', format: 'pem' }));
  const diagnosis = await diagnoseWith((text) => text.replace(/publicKeys: .*/, `publicKeys: {"0": ${file}}`));
  assertFinding(diagnosis, { check: 'documents', status: 'error', says: /ZMS_SIGNATURE/, fix: /athenz\.publicKeys/ });
});

test('a missing or invalid pinned key: error', async () => {
  for (const file of ['none.pub', 'athenz-gitops.yaml']) {
    const diagnosis = await diagnoseWith((text) => text.replace(/publicKeys: .*/, `publicKeys: {"0": ${file}}`));
    const expected = { check: 'signing key', status: 'error', says: new RegExp(`^"0", .*${file}`) } as const;
    assertFinding(diagnosis, { ...expected, fix: /PEM file/ });
  }
});

test('no pinned key: warning with instructions', async () => {
  const diagnosis = await diagnoseWith((text) => text.replace(/ {2}publicKeys: .*\n/, ''));
  const fix = /service\/zms\/publickey\/.*athenz\.publicKeys: \{"0": FILE\}/;
  assertFinding(diagnosis, { check: 'signing key', status: 'warning', says: /none is pinned.*"0" is in use$/, fix });
  assertFinding(diagnosis, { check: 'documents', status: 'ok', says: /signature valid/ });
});

test('missing domains: warning that names up to five', async () => {
  const one = await diagnoseWith(same);
  assertFinding(one, { check: 'domains', status: 'warning', says: /^5 of 6 .*: acme\.eks\.labs$/, fix: /create them/ });
  const none = await diagnoseWith((text) => text.replace('acme.eks.{', 'acme.elsewhere.{'));
  const says =
    /^none of the domains of cluster prod exists \(6 of .*\): there is no domain acme\.elsewhere; the nearest that exists is acme$/;
  assertFinding(none, { check: 'domains', status: 'warning', says, fix: /clusters\[\]\.domain/ });
  assertFinding(none, { check: 'documents', status: 'skipped', says: /no wanted domain/ });
});

test('a role that is called otherwise in Athenz: warning with the name that was meant', async () => {
  const one = await diagnoseWith((text) => text.replace('athenzRole: k8s_ns_viewers', 'athenzRole: k8s_ns_viewer'));
  const says = /^acme\.eks\.\w+ has no role k8s_ns_viewer \(did you mean "k8s_ns_viewers"\?\)$/;
  assertFinding(one, { check: 'roles', status: 'warning', says, fix: /roles\[\]\.athenzRole/ });
  assert.equal(one.findings.filter(({ check }) => check === 'roles').length, 1);

  const all = await diagnoseWith((text) => text.replaceAll(/\b(k8s_ns_\w+|oncall)\b/g, '$1_of_nobody'));
  assert.deepEqual(
    all.findings.filter(({ check }) => check === 'roles').map(({ message }) => /no role (\S+)/.exec(message)?.[1]),
    ['k8s_ns_admins_of_nobody', 'k8s_ns_viewers_of_nobody', 'oncall_of_nobody'],
  );
  const fine = await diagnoseWith(same);
  assert.deepEqual(
    fine.findings.filter(({ check }) => check === 'roles'),
    [],
  );
});

test('a clock more than a minute behind ZMS: warning', async () => {
  await writeFile(fixture.paths.config, config);
  fixture.setRole('acme.eks.search', 'oncall', ['user.dara']);
  const newest = Date.now();
  const behind = { ...clockAhead(0), now: () => newest - 120_000 };
  const late = await diagnose(fixture, { clock: behind });
  assertFinding(late, { check: 'clock', status: 'warning', says: /1[12]\d s ahead/, fix: /clock of this machine/ });
  const little = await diagnose(fixture, { clock: { ...behind, now: () => newest - 30_000 } });
  assertFinding(little, { check: 'clock', status: 'ok', says: /future/ });
});

test('doctor neither reads nor writes the cache', async () => {
  const cached = (text: string) => text.replace('cache: off', 'cache: ../cache');
  await diagnoseWith(cached);
  await assert.rejects(readFile(join(fixture.dir, '../cache')), { code: 'ENOENT' });
  const requestsBefore = fixture.sandbox.requests.length;
  await diagnoseWith(cached);
  assert.ok(fixture.sandbox.requests.slice(requestsBefore).some(({ path }) => path.endsWith('/signed')));
});

test('a stop ends it, and prints no findings', async () => {
  const stop = new AbortController();
  fixture.sandbox.intercept(() => {
    stop.abort('SIGTERM');
    return { kind: 'hang' };
  });
  const began = Date.now();
  try {
    const { out, err } = await fixture.expect(143, ['doctor', '--json'], { stop: () => stop.signal });
    assert.equal(out, '');
    assert.match(err, /^error: CANCELLED: GET localhost/);
    assert.ok(Date.now() - began < 5000);
  } finally {
    fixture.sandbox.intercept(undefined);
  }
});
