import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSigner, ybase64 } from '../../src/sandbox/sign.ts';
import { boundWithout } from '../support/changing-company.ts';
import { type Command, keyPath, listPath, openFaultFixture } from '../support/fault-fixture.ts';
import { answer, documentFaults, faults, type NamedFault } from '../support/faults.ts';
import { shareOf } from '../support/tier.ts';

// Nothing can be read, for every reason there is: then nothing is done.

const bad = (name: string, body: string, code: NamedFault['code'] = 'ZMS_BAD_RESPONSE'): NamedFault => ({
  name,
  fault: answer(200, body),
  code,
  passing: true,
});
const entry = '{"domain":{"name":"acme.org","modified":"2026-01-01T00:00:00.000Z"}}';
const { publicKeyPem: strange } = await createSigner('ES256');

interface Call {
  readonly what: string;
  readonly path: string;
  readonly command: Command;
  /** How the error tells what could not be read. */
  readonly told: RegExp;
  readonly faults: readonly NamedFault[];
}

const calls: readonly Call[] = [
  {
    what: 'the list of domains',
    path: listPath,
    command: 'sync',
    told: /^error: ZMS_(?!NOTHING_READ).*(list of domains|listing the domains|modified_domains)/,
    faults: [
      ...faults,
      bad('no list', '{}'),
      bad('a list of something else', '{"domains":["acme.org"]}'),
      bad('a list that names a domain twice', `{"domains":[${entry},${entry}]}`),
    ],
  },
  {
    what: 'the key of ZMS',
    path: keyPath,
    command: 'sync',
    told: /^error: ZMS_NOTHING_READ: none of 5 domain documents could be read.*public ?key/,
    // When ZMS itself knows no such key, the document was signed by somebody else.
    faults: [
      ...faults.map((it) => (it.name === '404 in ZMS’ own shape' ? { ...it, code: 'ZMS_SIGNATURE' as const } : it)),
      bad('no key', '{"id":"0"}'),
    ],
  },
  {
    what: 'the key of ZMS',
    path: keyPath,
    command: 'render',
    told: /^error: ZMS_NOTHING_READ: none of 5 domain documents could be read.*acme\.eks\./,
    faults: [
      bad('a key that signed nothing', JSON.stringify({ key: ybase64(strange), id: '0' }), 'ZMS_SIGNATURE'),
      bad('a text that is no key', '{"key":"YWJj","id":"0"}', 'ZMS_SIGNATURE'),
    ],
  },
  {
    what: 'each document',
    path: '/signed',
    command: 'render',
    told: /^error: ZMS_NOTHING_READ: none of 5 domain documents could be read.*acme\.eks\./,
    faults: documentFaults,
  },
];

for (const [at, { what, path, command, told, faults: some }] of calls.entries()) {
  test(`${command} exits 1 and writes nothing when it cannot read ${what}`, async (t) => {
    await using fixture = await openFaultFixture();
    const before = fixture.state();
    for (const { name, fault, code } of some.length > 2 ? shareOf(some, at, 4 * calls.length) : some) {
      await t.test(name, async () => {
        fixture.fail(path, fault);
        const { out, err } = await fixture.meet(1, command, '--json');
        assert.match(err, told);
        assert.match(err, new RegExp(`\\b${code}: `));
        assert.equal(out, '');
        assert.equal(fixture.state(), before);
      });
    }
    // Nothing was left behind, so that one run shows it for all.
    await t.test('without a fault everything is written', async () => {
      fixture.heal();
      await fixture.meet(0, command);
      assert.deepEqual(await fixture.boundBy(command), boundWithout());
    });
  });
}
