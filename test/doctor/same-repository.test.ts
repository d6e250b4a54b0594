import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSameRepository } from '../../src/doctor/same-repository.ts';

const cases: readonly (readonly [address: string, own: readonly string[], same: boolean])[] = [
  ['https://github.com/acme/gitops.git', ['acme/gitops'], true],
  ['https://github.com/Acme/GitOps/', ['git@github.com:acme/gitops.git'], true],
  ['ssh://git@github.com:22/acme/gitops', ['https://github.com/acme/gitops'], true],
  ['git@github.com:acme/gitops.git', ['acme/apps', 'acme/gitops'], true],
  ['https://gitlab.com/acme/platform/gitops', ['git@gitlab.com:acme/platform/gitops.git'], true],
  ['https://github.com/acme/apps', ['acme/gitops'], false],
  ['https://github.com/acme', ['acme/gitops'], false],
  ['https://github.com/acme/apps', ['/srv/git/gitops.git'], true],
  ['https://github.com/acme/apps', ['../gitops'], true],
  ['https://github.com/acme/apps', [], true],
];
for (const [address, own, same] of cases) {
  test(`${address} is ${same ? '' : 'not '}the repository ${own.join(' or ') || 'of no address'}`, () => {
    assert.equal(isSameRepository(address, own), same);
  });
}
