import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundWith, boundWithout } from '../support/changing-company.ts';
import { type FaultFixture, keyPath, listPath, openFaultFixture, signedPath } from '../support/fault-fixture.ts';
import { documentFaults, faults } from '../support/faults.ts';
import { forgeries } from '../support/forgeries.ts';
import { shareOf } from '../support/tier.ts';

// What another try may mend leaves no trace when it is over in time: exit 0, and everything is done.

const gone = 'acme.crew';
const calls: readonly (readonly [what: string, path: string, forged?: string])[] = [
  ['the list of domains', listPath],
  ['the key of ZMS', keyPath],
  ['a document', signedPath('acme.eks.search'), 'acme.eks.search'],
];

for (const [at, [what, path, forged]] of calls.entries()) {
  test(`a transient fault at ${what} leaves no trace`, async (t) => {
    await using fixture = await openFaultFixture();
    const all = [
      ...(path.endsWith('/signed') ? documentFaults : faults),
      ...(forged === undefined ? [] : await forgeries(fixture, forged)),
    ];
    const passing = all.filter((it) => it.passing);
    for (const { name, fault, code } of shareOf(passing, at, 4 * calls.length)) {
      // One is enough where it is waited for.
      const times = code === 'ZMS_TIMEOUT' ? 1 : 3;
      await t.test(`${name}, ${times === 1 ? 'once' : 'three times'}`, async () => {
        fixture.reset('render');
        fixture.heal();
        fixture.fail(path, fault, times);
        const before = asked(fixture, path);
        await fixture.meet(0, 'render');
        assert.equal(asked(fixture, path) - before, times + 1);
        assert.deepEqual(await fixture.boundBy('render'), boundWithout());
      });
    }
  });
}

test('a deleted domain is confirmed after a transient fault', async (t) => {
  await using fixture = await openFaultFixture();
  fixture.removeDomain(gone);
  // Half of a 404 is a 404 that proves nothing, and stays one.
  const passing = faults.filter((it) => it.passing && it.fault.kind !== 'truncate');
  for (const { name, fault, code } of shareOf(passing, 1, 12)) {
    const times = code === 'ZMS_TIMEOUT' ? 1 : 3;
    await t.test(`${name}, ${times === 1 ? 'once' : 'three times'}`, async () => {
      fixture.reset('render');
      fixture.heal();
      fixture.fail(`/domain/${gone}`, fault, times);
      await fixture.meet(0, 'render');
      const viewers = ['sre', 'auditors'];
      const rest = {
        'payments-api/k8s_ns_viewers': viewers,
        'payments-api/oncall': ['sre'],
        'payments-web/k8s_ns_viewers': viewers,
        'search/oncall': ['sre'],
      };
      assert.deepEqual(await fixture.boundBy('render'), boundWith(rest));
    });
  }
});

function asked({ sandbox }: FaultFixture, path: string): number {
  return sandbox.requests.filter((request) => request.path.endsWith(path)).length;
}
