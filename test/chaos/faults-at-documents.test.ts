import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundWithout, relyingOn } from '../support/changing-company.ts';
import { openFaultFixture, signedPath } from '../support/fault-fixture.ts';
import { documentFaults } from '../support/faults.ts';
import { forgeries } from '../support/forgeries.ts';
import type { RunResult } from '../support/result.ts';
import { shareOf } from '../support/tier.ts';

// One document cannot be read, for every reason there is: whoever relies on it keeps exactly what git has, everybody else
// gets what the night has changed, and the next run without the fault brings the rest.

const documents = [
  ['of a namespace’s own domain', 'acme.eks.search', 'sync'],
  ['that a group lives in', 'acme.org', 'sync'],
  ['that a trust points at', 'acme.platform', 'render'],
  ['that a group in a trusted role lives in', 'acme.crew', 'render'],
] as const;

for (const [at, [what, domain, command]] of documents.entries()) {
  test(`${command} keeps what a document that cannot be read grants: the one ${what}`, async (t) => {
    await using fixture = await openFaultFixture();
    const all = [...documentFaults, ...(await forgeries(fixture, domain))];
    for (const { name, fault, code, told = domain } of shareOf(all, at, 4 * documents.length)) {
      await t.test(name, async () => {
        fixture.reset(command);
        fixture.fail(signedPath(domain), fault);
        // A program reads the one report, a person the other.
        if (command === 'sync') assertResult((await fixture.meet(3, command, '--json')).out, domain, code, told);
        else assertText((await fixture.meet(3, command)).out, domain, code, told);
        assert.deepEqual(await fixture.boundBy(command), boundWithout(domain));

        fixture.heal();
        await fixture.meet(0, command);
        assert.deepEqual(await fixture.boundBy(command), boundWithout());
      });
    }
  });
}

/** Exactly the roles that rely on the domain are kept, and why. */
function assertResult(out: string, domain: string, code: string, told: string): void {
  const { plan, sources, exitCode }: RunResult = JSON.parse(out);
  assert.deepEqual(
    plan.kept.map(({ namespace, role, problem }) => `${namespace}/${role} ${problem.code}`).sort(),
    relyingOn(domain).map((place) => `${place} ${code}`),
  );
  for (const { problem } of plan.kept) assert.ok(problem.message.includes(told), problem.message);
  assert.deepEqual([sources[0]?.unknown, exitCode], [1, 3]);
}

/** One line names exactly the namespaces of those roles, and why they are kept. */
function assertText(out: string, domain: string, code: string, told: string): void {
  const lines = out.split('\n').filter((line) => line.includes('unchanged (read failed)'));
  assert.equal(lines.length, 1, out);
  const [, places, reason = ''] = /unchanged \(read failed\): (.*?) \((.*)\)$/.exec(lines[0] ?? '') ?? [];
  assert.equal(places, [...new Set(relyingOn(domain).map((place) => place.split('/', 1)[0]))].join(', '));
  assert.ok(reason.startsWith(`${code}: `) && reason.includes(told), reason);
}
