import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { branchSlug, defaultOwner, ownerPattern, ownerText, readBranchSlug, segmentOf } from '../../src/model/owner.ts';
import { trials } from '../support/properties.ts';

/** Configs, and the branch and trailer of their scope `prod/search`. */
const cases: readonly (readonly [config: string, owner: string, slug: string])[] = [
  ['/athenz-gitops.yaml', 'rbac:/athenz-gitops.yaml', 'prod.search'],
  ['/prod.yaml', 'rbac:/prod.yaml', 'rbac@+prod_yaml.prod.search'],
  ['/teams/a/prod.yaml', 'rbac:/teams/a/prod.yaml', 'rbac@+teams+a+prod_yaml.prod.search'],
  ['prod', 'rbac:prod', 'rbac@prod.prod.search'],
  ['/Prod.yaml', 'rbac:/Prod.yaml', 'rbac@+=50rod_yaml.prod.search'],
  ['/a b.yaml', 'rbac:/a%20b.yaml', 'rbac@+a=2520b_yaml.prod.search'],
  ['/a\nb@{1}.yaml', 'rbac:/a%0Ab@%7B1%7D.yaml', 'rbac@+a=250=41b=40=257=421=257=44_yaml.prod.search'],
];

for (const [config, owner, slug] of cases) {
  test(`the config ${JSON.stringify(config)} proposes as ${owner}`, () => {
    assert.equal(ownerText({ generator: 'rbac', config }), owner);
    assert.equal(branchSlug(owner, 'prod/search'), slug);
  });
}

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?$/);
const anyText = fc.string({ unit: fc.constantFrom(...'aA0._-/@+=%:{~ ', 'é', '\n', '𝒜'), maxLength: 8 });
const anyOwner = fc
  .tuple(
    fc.constantFrom('rbac', 'copies'),
    fc.oneof(
      label,
      anyText.map((path) => `/${path}`),
      fc.constant('/athenz-gitops.yaml'),
    ),
  )
  .map(([generator, config]) => ({ generator, config }));
const anyScope = fc.array(label, { minLength: 1, maxLength: 2 }).map((parts) => parts.join('/'));
const pair = fc.tuple(anyOwner, anyScope);

test('no two owners and scopes share a branch, whatever the case of its letters', () => {
  fc.assert(
    fc.property(pair, pair, ([one, scope], [two, other]) => {
      const same = one.generator === two.generator && one.config === two.config && scope === other;
      const slugs = [branchSlug(ownerText(one), scope), branchSlug(ownerText(two), other)].map((it) =>
        it.toLowerCase(),
      );
      assert.equal(slugs[0] === slugs[1], same, slugs.join(' '));
    }),
    { numRuns: trials(300) },
  );
});

test('the owner of a branch is read back from its name', () => {
  fc.assert(
    fc.property(pair, ([one, scope]) => {
      const owner = ownerText(one);
      assert.match(owner, ownerPattern);
      assert.match(segmentOf(owner), /^[a-z]+@[a-z0-9+_=-]+$/);
      const read = readBranchSlug(branchSlug(owner, scope));
      assert.equal(read.owner ?? defaultOwner, owner);
    }),
    { numRuns: trials(300) },
  );
});
