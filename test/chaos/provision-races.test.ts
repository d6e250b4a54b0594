import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openProvisionFaults, type ProvisionFaultFixture } from '../support/provision-faults.ts';
import { isWrite } from '../support/provision-fixture.ts';
import { fresh, kept, partsOf } from '../support/provision-state.ts';
import { isChaos, stepsOr } from '../support/tier.ts';

const command = ['provision', '--apply', '--update', '--json'];
const joined = [`${kept} roles k8s_ns_viewers`, `${fresh} roles k8s_ns_viewers`];

test('two provision runs at once leave what one leaves', async () => {
  await using fixture = await openProvisionFaults();
  for (let left = isChaos ? fixture.calls.length : 1; left > 0; left--) {
    fixture.restore();
    // One a little later than the other, each time by another request.
    const second = new Promise<number>((resolve) => {
      let seen = 0;
      fixture.watch(() => {
        if (++seen === left) void fixture.run(command).then(({ code }) => resolve(code));
      });
    });
    const codes = [(await fixture.run(command)).code, await second];
    assert.ok(
      codes.every((code) => code === 0 || code === 3),
      `${codes}`,
    );
    await assertEnd(fixture);
  }
});

for (const carriedOut of [false, true]) {
  const what = carriedOut ? 'whose answer it did not get' : 'that did not get through';
  test(`a provision run overtaken at a request ${what} ends as one run would`, async () => {
    await using fixture = await openProvisionFaults();
    // One thing at a time, so that nothing goes on beside the other run.
    await fixture.editConfig((text) => text.replace('concurrency: 2', 'concurrency: 1'));
    let overtaken = 0;
    // Before anything is written, and at a write.
    for (const at of stepsOr(carriedOut ? [11] : [1, 11])) {
      fixture.restore();
      let seen = 0;
      fixture.watch((call) => {
        if (++seen === at) fixture.fail(call, { kind: 'reset', carriedOut }, 1);
      });
      let slept = false;
      const sleep = async () => {
        if (slept) return;
        slept = true;
        fixture.watch(() => {});
        assert.equal((await fixture.run(command)).code, 0);
        join(fixture);
      };
      const { code, err } = await fixture.run(command, { clock: { now: () => Date.now(), sleep } });
      assert.ok(code === 0 || code === 3, err);
      assert.deepEqual(fixture.overwritten, [], `overtaken at ${at}`);
      if (slept) {
        overtaken++;
        for (const place of joined) assert.match(partsOf(fixture.sandbox.state()).get(place) ?? '', /user\.new/, place);
        leave(fixture);
      }
      await assertEnd(fixture);
      if (seen < at) break;
    }
    assert.ok(overtaken >= (isChaos ? 12 : 1), `${overtaken}`);
  });
}

/** Adds a member to the roles that the other run created. */
function join(fixture: ProvisionFaultFixture): void {
  setMembers(fixture, (members) => [...members, { name: 'user.new' }]);
}

function leave(fixture: ProvisionFaultFixture): void {
  setMembers(fixture, (members) => members.filter(({ name }) => name !== 'user.new'));
}

function setMembers(
  { sandbox }: ProvisionFaultFixture,
  change: (members: readonly { readonly name: string }[]) => readonly { readonly name: string }[],
): void {
  for (const [name, short] of joined.map((it) => it.split(' roles '))) {
    sandbox.update(({ domains }) => {
      const { [name ?? '']: domain } = domains;
      const { members = [], ...role } = domain?.roles[short ?? ''] ?? {};
      const roles = { ...domain?.roles, [short ?? '']: { ...role, members: change(members) } };
      return { domains: { ...domains, [name ?? '']: { ...domain, roles } } };
    });
  }
}

/** The next run does the rest, the one after it nothing. */
async function assertEnd(fixture: ProvisionFaultFixture): Promise<void> {
  fixture.heal();
  assert.equal((await fixture.apply()).code, 0);
  assert.ok(fixture.isComplete());
  fixture.asked();
  assert.deepEqual([(await fixture.apply()).code, fixture.asked().filter(isWrite)], [0, []]);
}
