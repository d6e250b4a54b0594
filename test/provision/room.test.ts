import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beyondRoom, wantedRoom } from '../../src/provision/room.ts';
import { athenzOf, cluster, documentOf, planFrom } from '../support/provision-plan.ts';

const clusters = { low: 'eks.a.{namespace}', mid: 'eks.{namespace}', other: 'acme.{namespace}' };
const inventory = [cluster('low', ['x', 'y']), cluster('mid', ['a', 'web', 'there']), cluster('other', ['web'])];
const athenz = athenzOf([documentOf('eks.there', { roles: {} })], {
  listed: ['acme', 'acme.one', 'eks', 'eks.one', 'eks.one.below', 'ekseks.two'],
});
const plan = planFrom({ clusters, inventory, athenz });

test('counts subdomains of a top-level domain, and domains to create', () => {
  assert.deepEqual(wantedRoom(plan, athenz.list), [
    { top: 'acme', used: 1, wanted: 1 },
    { top: 'eks', used: 3, wanted: 4 },
  ]);
  const nothing = planFrom({ inventory: [cluster('prod', ['there'])], athenz });
  assert.deepEqual(wantedRoom(nothing, athenz.list), []);
});

for (const [limit, expected] of [
  [100, []],
  [7, []],
  [6, ['eks.a.y']],
  [5, ['eks.a.x', 'eks.a.y']],
  [4, ['eks.a.x', 'eks.a.y', 'eks.web']],
  [3, ['eks.a', 'eks.a.x', 'eks.a.y', 'eks.web']],
  [0, ['eks.a', 'eks.a.x', 'eks.a.y', 'eks.web']],
] as const) {
  test(`quota ${limit}: ${expected.length} domains do not fit, deepest first`, () => {
    const beyond = beyondRoom(plan, [{ top: 'eks', limit, used: 3, wanted: 4 }]);
    assert.deepEqual([...beyond.keys()].sort(), expected);
    for (const { code, message } of beyond.values()) {
      assert.equal(code, 'PROVISION_QUOTA');
      assert.ok(message.includes(`(3/${limit} subdomains used)`), message);
    }
  });
}
