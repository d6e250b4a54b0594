import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ownerTag } from '../../src/provision/owner.ts';
import { isNamed } from '../../src/sandbox/names.ts';

const at = (path: string, id: string | null = null, repository: string | null = 'acme/gitops') =>
  ownerTag({ id, forge: { repository } }, path);

for (const [what, actual, expected] of [
  ['the id, wherever the config is', at('a/b.yaml', 'payments'), 'payments'],
  ['its repository and path', at('clusters/athenz-gitops.yaml'), 'acme/gitops:clusters/athenz-gitops.yaml'],
  ['nothing without id and repository', at('athenz-gitops.yaml', null, null), undefined],
  ['escaped where a tag cannot hold it', at('a b/..ä/-x.yaml'), 'acme/gitops:a%20b/%2E%2E%C3%A4/-x.yaml'],
] as const) {
  test(`the owner of a domain is ${what}`, () => assert.equal(actual, expected));
}

test('every path gives another value, and one that a tag may hold', () => {
  const path = fc.string({ unit: fc.constantFrom('a', '.', '-', '%', '/', ' ', 'ä', ':', '2', 'E'), minLength: 1 });
  fc.assert(
    fc.property(path, path, (a, b) => {
      assert.ok(isNamed('TagCompoundValue', at(a) ?? ''), at(a));
      assert.equal(at(a) === at(b), a === b);
    }),
  );
});
