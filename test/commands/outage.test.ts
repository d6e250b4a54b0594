import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '../../src/sandbox/fault.ts';
import type { SandboxRequest } from '../../src/sandbox/server.ts';
import { call } from '../sandbox/client.ts';
import { answer, servletError, zmsError } from '../support/faults.ts';
import { type Fixture, openFixture } from '../support/fixture.ts';
import { fingerprint } from '../support/repository.ts';

// How many requests a run with the default concurrency sends to a ZMS that is down: what docs/concepts/failures.md says.

const tries = 4;
const patience = 32;
const concurrency = 16;
const mostReads = patience + concurrency - 1;

const names = Array.from({ length: 300 }, (_, index) => `team-${index}`);
const domains = Object.fromEntries(
  names.map((name) => [`acme.eks.${name}`, { roles: { k8s_ns_viewers: ['user.dara'] } }]),
);
const unavailable = zmsError(503, 'Communications link failure');

const isList = ({ path }: SandboxRequest) => path.endsWith('/sys/modified_domains');
const isDocument = ({ path }: SandboxRequest) => path.endsWith('/signed');

for (const command of ['sync', 'plan']) {
  for (const [name, fault, requests] of [
    ['503', unavailable, tries],
    ['a reset', { kind: 'reset' }, tries],
    ['401', zmsError(401), 1],
  ] as const satisfies readonly (readonly [string, Fault, number])[]) {
    test(`${command} sends ${requests} to a ZMS that answers everything with ${name}`, async () => {
      await using fixture = await openFleet();
      const asked = await meet(fixture, command, () => fault);
      assert.equal(asked.length, requests);
      assert.ok(asked.every(isList));
    });
  }

  for (const [name, document, each] of [
    ['404 for documents and 503 for the rest', zmsError(404, 'No such domain'), tries],
    ['503 for all but the list', unavailable, tries],
    ['401 for all but the list', zmsError(401), 1],
  ] as const) {
    test(`${command} stops asking a ZMS that answers the list, and ${name}`, async () => {
      await using fixture = await openFleet();
      const asked = await meet(fixture, command, (request) => {
        if (isList(request)) return undefined;
        return isDocument(request) ? document : unavailable;
      });
      assert.ok(asked.slice(1).every(isDocument));
      assertBounded(asked.slice(1), each);
    });
  }
}

test('a second look at domains that the list lacks ends with the same outage', async () => {
  await using fixture = await openFleet();
  await fixture.expect(0, ['render', '--quiet']);
  await fixture.commit({}, 'Rendered');
  const body = JSON.parse((await call(fixture.sandbox, '/sys/modified_domains?metaonly=true')).text);
  const kept = body.domains.filter((it: { domain: { name: string } }) => !(it.domain.name in domains));
  const less = answer(200, JSON.stringify({ domains: kept }));
  const asked = await meet(fixture, 'plan', (request) => (isList(request) ? less : unavailable), 3);
  assertBounded(asked.slice(1), tries);
});

test('a 404 that is not of ZMS is no outage: each document is asked for, once', async () => {
  await using fixture = await openFleet();
  const asked = await meet(fixture, 'sync', (request) => (isList(request) ? undefined : servletError));
  assert.equal(asked.length, 1 + names.length);
});

/** A fleet of which git has nothing yet. */
async function openFleet(): Promise<Fixture> {
  const fixture = await openFixture({ config: (text) => text.replace(/ {2}concurrency: .*\n/, '') });
  fixture.sandbox.update((state) => ({ domains: { ...state.domains, ...domains } }));
  await fixture.commit({ 'clusters/prod/namespaces.yaml': `[${names.join(', ')}]\n` }, 'Fleet');
  return fixture;
}

/** Runs a command in an outage, in which nothing may change. @returns what it asked for */
async function meet(
  { sandbox, dir, expect }: Fixture,
  command: string,
  faultOf: (request: SandboxRequest) => Fault | undefined,
  code = 1,
): Promise<readonly SandboxRequest[]> {
  sandbox.intercept(faultOf);
  const [before, files] = [sandbox.requests.length, await fingerprint(dir)];
  await expect(code, [command]);
  assert.deepEqual(await fingerprint(dir), files);
  return sandbox.requests.slice(before);
}

/** @param each requests for each path */
function assertBounded(asked: readonly SandboxRequest[], each: number): void {
  const times = [...Map.groupBy(asked, ({ path }) => path).values()].map(({ length }) => length);
  assert.deepEqual(new Set(times), new Set([each]));
  assert.ok(times.length >= patience && times.length <= mostReads, `${times.length} reads`);
}
