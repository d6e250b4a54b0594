import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundWith, boundWithout } from '../support/crowds.ts';
import { type FaultStage, keyPath, listPath, openFaultStage, signedPath } from '../support/fault-stage.ts';
import { faults } from '../support/faults.ts';
import { forgeries } from '../support/forgeries.ts';

// What another try may mend leaves no trace when it is over in time: exit 0, and everything is done.

const gone = 'acme.crew';
const calls: readonly (readonly [what: string, path: string, forged?: string])[] = [
  ['the list of domains', listPath],
  ['the key of ZMS', keyPath],
  ['a document', signedPath('acme.eks.search'), 'acme.eks.search'],
];

for (const [what, path, forged] of calls) {
  test(`${what} is met by a fault that passes`, async (t) => {
    await using stage = await openFaultStage();
    const all = [...faults, ...(forged === undefined ? [] : await forgeries(stage, forged))];
    for (const { name, fault, code } of all.filter((it) => it.passing)) {
      // One is enough where it is waited for.
      const times = code === 'ZMS_TIMEOUT' ? 1 : 3;
      await t.test(`${name}, ${times === 1 ? 'once' : 'three times'}`, async () => {
        stage.reset('render');
        stage.heal();
        stage.fail(path, fault, times);
        const before = asked(stage, path);
        await stage.meet(0, 'render');
        assert.equal(asked(stage, path) - before, times + 1);
        assert.deepEqual(await stage.boundBy('render'), boundWithout());
      });
    }
  });
}

test('a second look is met by a fault that passes, and then confirms that the domain is gone', async (t) => {
  await using stage = await openFaultStage();
  stage.removeDomain(gone);
  // Half of a 404 is a 404 that proves nothing, and stays one.
  for (const { name, fault, code } of faults.filter((it) => it.passing && it.fault.kind !== 'truncate')) {
    const times = code === 'ZMS_TIMEOUT' ? 1 : 3;
    await t.test(`${name}, ${times === 1 ? 'once' : 'three times'}`, async () => {
      stage.reset('render');
      stage.heal();
      stage.fail(`/domain/${gone}`, fault, times);
      await stage.meet(0, 'render');
      const viewers = ['sre', 'auditors'];
      const rest = {
        'payments-api/k8s_ns_viewers': viewers,
        'payments-api/oncall': ['sre'],
        'payments-web/k8s_ns_viewers': viewers,
        'search/oncall': ['sre'],
      };
      assert.deepEqual(await stage.boundBy('render'), boundWith(rest));
    });
  }
});

function asked({ sandbox }: FaultStage, path: string): number {
  return sandbox.requests.filter((request) => request.path.endsWith(path)).length;
}
