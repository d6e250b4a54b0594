import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findDomainless } from '../../src/config/domainless.ts';
import { stampsOf } from '../../src/model/domain.ts';
import { athenzOf, cluster, configFrom } from '../support/provision-plan.ts';

/** The message and the next step for one cluster with these namespaces, where these domains are listed. */
function find(domain: string, namespaces: readonly string[], listed: readonly string[]): readonly string[] {
  const config = configFrom({ clusters: { prod: domain } });
  return findDomainless(config, [cluster('prod', namespaces)], stampsOf(athenzOf([], { listed }).list)).flatMap(
    ({ problem: { message, next = '' } }) => [message, next],
  );
}

const all = ['acme', 'acme.eks', 'acme.eks.web', 'acme.org'];
for (const [what, domain, namespaces, expected] of [
  ['one of the domains exists', 'acme.eks.{namespace}', ['web', 'search'], []],
  ['there is no namespace', 'acme.eksx.{namespace}', [], []],
  [
    'the parent is misspelled',
    'acme.esk.{namespace}',
    ['web', 'search'],
    [
      /2 of acme\.esk\.\{namespace\}\): there is no domain acme\.esk; the nearest that exists is acme$/,
      /did you mean "acme\.eks"/,
    ],
  ],
  ['only the parent exists', 'acme.eks.x-{namespace}', ['web'], [/their parent acme\.eks does$/, /provision --apply/]],
  [
    'nothing above them exists',
    'emca.eks.{namespace}',
    ['web'],
    [/no domain emca\.eks; none above it exists either/, /correct/],
  ],
  [
    'the parent depends on the namespace',
    'acme.{namespace}.k8s',
    ['web'],
    [/no domain acme\.\{namespace\}; the nearest that exists is acme$/, /correct/],
  ],
  [
    'the parent of some exists',
    'acme.{namespace}.k8s',
    ['web', 'eks'],
    [/; acme\.eks, the parent of some, does$/, /provision --apply/],
  ],
] as const) {
  test(`clusters without domains: ${what}`, () => {
    const found = find(domain, namespaces, all);
    assert.equal(found.length, expected.length);
    for (const [index, pattern] of expected.entries()) assert.match(found[index] ?? '', pattern);
  });
}
