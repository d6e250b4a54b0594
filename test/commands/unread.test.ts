import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockAhead, type Fixture, openFixture } from '../support/fixture.ts';
import { gitIn } from '../support/repository.ts';
import type { RunResult } from '../support/result.ts';

// Since when something could not be read: told by every run, and kept in git between them.

const ref = 'refs/notes/athenz-gitops/main/@unread';
const hour = 3_600_000;

/** The document of a domain cannot be read. */
function cut(fixture: Fixture, ...domains: readonly string[]): void {
  fixture.sandbox.intercept(({ path }) =>
    domains.some((it) => path.includes(`/domain/${it}/`)) ? { kind: 'reset' } : undefined,
  );
}

async function sync(fixture: Fixture, code: number, hours: number, args = ['sync']): Promise<RunResult> {
  return JSON.parse((await fixture.expect(code, [...args, '--json'], { clock: clockAhead(hours * hour) })).out);
}

const sinceIn = ({ plan }: Pick<RunResult, 'plan'>) =>
  Object.fromEntries(plan.kept.map(({ namespace, since }) => [namespace, since]));
const noted = ({ dir }: Fixture) => gitIn(dir, 'for-each-ref', '--format=%(objectname)', ref).trim();

test('a role that cannot be read says since when, until it can', async () => {
  await using fixture = await openFixture({ rendered: true });
  cut(fixture, 'acme.eks.search');
  const { asOf, ...first } = await sync(fixture, 3, 0);
  assert.deepEqual(new Set(Object.values(sinceIn(first))), new Set([undefined]));
  const note = noted(fixture);
  cut(fixture, 'acme.eks.search', 'acme.eks.checkout');
  const second = sinceIn(await sync(fixture, 3, 5));
  assert.deepEqual([second['search'], second['checkout']], [asOf, undefined]);
  assert.notEqual(noted(fixture), note);

  const again = noted(fixture);
  const third = sinceIn(await sync(fixture, 3, 6));
  assert.ok(third['search'] === asOf && Date.parse(third['checkout'] ?? '') > Date.parse(asOf));
  // What is known already is not written again; a plan tells the same.
  assert.equal(noted(fixture), again);
  assert.deepEqual(sinceIn(await sync(fixture, 3, 7, ['plan'])), third);
  const { out } = await fixture.expect(3, ['plan']);
  assert.match(out, /unchanged \(read failed\): .*search.*, since \d{4}-\d\d-\d\d \d\d:\d\d UTC; /);

  cut(fixture);
  await sync(fixture, 0, 8);
  assert.equal(noted(fixture), '');
});

test('what cannot be read for a day is an alert', async () => {
  await using fixture = await openFixture({ rendered: true });
  cut(fixture, 'acme.eks.search');
  assert.deepEqual((await sync(fixture, 3, 0)).alerts, []);
  assert.deepEqual((await sync(fixture, 3, 23)).alerts, []);
  const [alert, ...others] = (await sync(fixture, 3, 25)).alerts;
  assert.deepEqual([alert?.kind, alert?.generator, others], ['unread', 'rbac', []]);
});

test('a dry run and a run of some clusters leave no note', async () => {
  const more = `  - {name: dev, domain: "acme.eks.{namespace}", namespaces: {files: [clusters/prod/*.yaml]}}\n\nroles:\n`;
  await using fixture = await openFixture({ config: (text) => text.replace('roles:\n', more) });
  cut(fixture, 'acme.eks.search');
  await fixture.expect(3, ['sync', '--dry-run']);
  await fixture.expect(3, ['sync', '--cluster', 'prod']);
  assert.equal(noted(fixture), '');
});

test('a note that is none of ours counts as nothing, and is replaced', async () => {
  await using fixture = await openFixture({ rendered: true });
  gitIn(fixture.dir, 'update-ref', ref, 'HEAD');
  cut(fixture, 'acme.eks.search');
  const { asOf, ...first } = await sync(fixture, 3, 1);
  assert.equal(sinceIn(first)['search'], undefined);
  assert.equal(sinceIn(await sync(fixture, 3, 2))['search'], asOf);
});
