import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effort } from '../support/effort.ts';
import { openProvisionFaults, type ProvisionFaultStage } from '../support/provision-faults.ts';
import { fresh, kept, partsOf } from '../support/provision-scene.ts';
import { isWrite } from '../support/provision-stage.ts';
import { every } from '../support/scene.ts';

const command = ['provision', '--apply', '--update', '--json'];
const joined = [`${kept} roles k8s_ns_viewers`, `${fresh} roles k8s_ns_viewers`];

test('two runs at once: neither fails for good, and what they leave is what one leaves', async () => {
  await using stage = await openProvisionFaults();
  for (let left = effort(6); left > 0; left--) {
    stage.restore();
    // One a little later than the other, each time by another request.
    const second = new Promise<number>((resolve) => {
      let seen = 0;
      stage.watch(() => {
        if (++seen === left) void stage.run(command).then(({ code }) => resolve(code));
      });
    });
    const codes = [(await stage.run(command)).code, await second];
    assert.ok(
      codes.every((code) => code === 0 || code === 3),
      `${codes}`,
    );
    await assertEnd(stage);
  }
});

for (const carriedOut of [false, true]) {
  const what = carriedOut ? 'whose answer it did not get' : 'that did not get through';
  test(`whatever request of a run it is ${what} when another one overtakes it, they end as one`, async () => {
    await using stage = await openProvisionFaults();
    // One thing at a time, so that nothing goes on beside the other run.
    await stage.editConfig((text) => text.replace('athenz:\n', 'athenz:\n  concurrency: 1\n'));
    let overtaken = 0;
    for (let at = 1, ended = false; !ended; at += every(2)) {
      stage.restore();
      let seen = 0;
      stage.watch((call) => {
        if (++seen === at) stage.fail(call, { kind: 'reset', carriedOut }, 1);
      });
      let slept = false;
      const sleep = async () => {
        if (slept) return;
        slept = true;
        stage.watch(() => {});
        assert.equal((await stage.run(command)).code, 0);
        join(stage);
      };
      const { code, err } = await stage.run(command, { clock: { now: () => Date.now(), sleep } });
      ended = seen < at;
      assert.ok(code === 0 || code === 3, err);
      assert.deepEqual(stage.overwritten, [], `overtaken at ${at}`);
      if (slept) {
        overtaken++;
        for (const place of joined) assert.match(partsOf(stage.sandbox.state()).get(place) ?? '', /user\.new/, place);
        leave(stage);
      }
      await assertEnd(stage);
    }
    assert.ok(overtaken >= 6, `${overtaken}`);
  });
}

/** Somebody becomes a member of what the other run has made. */
function join(stage: ProvisionFaultStage): void {
  setMembers(stage, (members) => [...members, { name: 'user.new' }]);
}

function leave(stage: ProvisionFaultStage): void {
  setMembers(stage, (members) => members.filter(({ name }) => name !== 'user.new'));
}

function setMembers(
  { sandbox }: ProvisionFaultStage,
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
async function assertEnd(stage: ProvisionFaultStage): Promise<void> {
  stage.heal();
  assert.equal((await stage.apply()).code, 0);
  assert.ok(stage.isComplete());
  stage.asked();
  assert.deepEqual([(await stage.apply()).code, stage.asked().filter(isWrite)], [0, []]);
}
