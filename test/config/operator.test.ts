import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { convertOperatorConfig } from '../../src/config/convert.ts';
import { parseOperatorConfig } from '../../src/config/operator.ts';
import { AppError } from '../../src/model/error.ts';
import { type Data, withValue } from '../support/config.ts';
import { sampleConfig } from '../support/operator.ts';
import { adminRules, viewerRules } from '../support/rbac.ts';

const sample = parse(sampleConfig) as Data;
const options = { cluster: 'eu', namespaceFiles: ['ns.txt'], pathOf: (path: string) => `../op/${path}`, athenz: {} };

function convert(text: string) {
  return convertOperatorConfig(parseOperatorConfig(text, 'op.yaml'), options);
}

/** Converts the sample with another value at a path; `undefined` deletes it. */
function convertWith(path: string, value: Data | undefined) {
  const { config, lost, different } = convert(JSON.stringify(withValue(sample, path, value)));
  return { config, lost: lost.join('\n'), different: different.join('\n') };
}

test('converts the sample with operator names', () => {
  assert.deepEqual(convert(sampleConfig).config, {
    athenz: {
      zmsUrl: 'https://localhost:4443/zms/v1',
      certPath: '../op/certs/athenz_admin.cert.pem',
      keyPath: '../op/keys/athenz_admin.private.pem',
    },
    clusters: [
      {
        name: 'eu',
        domain: 'eks.users.{namespace}',
        namespaces: { files: ['ns.txt'], exclude: ['admin', 'administrator', 'monitoring', 'logging'] },
      },
    ],
    roles: [
      { athenzRole: 'k8s_ns_admins', rules: adminRules },
      { athenzRole: 'k8s_ns_viewers', rules: viewerRules },
    ],
    names: 'operator',
  });
});

test('the sample loses only the interval', () => {
  assert.deepEqual(
    convert(sampleConfig).lost.map((note) => note.replace(/ .*/, '')),
    ['syncer.athenzRoleMembers.interval'],
  );
});

test('flags take precedence over the file', () => {
  const athenz = { zmsUrl: 'https://a.example.com', keyPath: 'k', caPath: 'ca' };
  const { config, different } = convertOperatorConfig(parseOperatorConfig(sampleConfig, 'op.yaml'), {
    ...options,
    athenz,
  });
  assert.deepEqual(config.athenz, { certPath: '../op/certs/athenz_admin.cert.pem', ...athenz });
  assert.doesNotMatch(different.join('\n'), /caPath/);
});

const notes: readonly (readonly [path: string, value: Data | undefined, expected: RegExp])[] = [
  ['syncer.athenzRoleMembers.interval', '1m', /^syncer\.athenzRoleMembers\.interval \(1m\): replaced by the schedule/m],
  ['syncer.athenzRoleMembers.interval', 60, /interval \(60\): replaced by the schedule/],
  ['syncer.athenzRoleMembers.includeGroup', true, /expanded as before/],
  ['syncer.athenzRoleMembers.includeGroup', false, /always expanded; the operator ignored them.*who gains access/],
  ['syncer.athenzRoleMembers.includeGroup', undefined, /always expanded; the operator ignored them/],
  ['syncer.athenzRoleMembers', undefined, /always expanded; the operator ignored them/],
  ['syncer.userTld', undefined, /userTld is not set.*"user"/],
  ['syncer.userTld', '', /userTld is not set.*"user"/],
  ['syncer.excludedNamespaces', ['team-*'], /excludedNamespaces: "team-\*" is not a namespace name/],
  ['syncer.excludedNamespaces', null, /System namespaces .*kube-\* .*default, argocd, athenz,.* tigera-operator/],
  ['syncer.excludedNamespaces', ['argocd'], /System namespaces (?!.*argocd)/],
  ['syncer.parentDomain', 'EKS.Users', /named after EKS\.Users are not adopted/],
  ['syncer.roles.0.athenzRole', 'Admins', /named after Admins are not adopted/],
  ['athenz.certPath', 'a.pem', /key paths .* working directory/],
  ['athenz.domainCrdVersion', 'v1', /^athenz\.domainCrdVersion: the operator ignores/m],
  ['extra', [1], /^extra: /m],
  ['syncer.excludeNamespaces', ['a'], /^syncer\.excludeNamespaces: /m],
  ['syncer.athenzRoleMembers.expand', true, /^syncer\.athenzRoleMembers\.expand: /m],
  ['syncer.roles.1.labels', {}, /^syncer\.roles\[1\]\.labels: /m],
  ['syncer.roles.1.rules.0.resourceNames', ['a'], /^syncer\.roles\[1\]\.rules\[0\]\.resourceNames: /m],
  ['athenz.certPath', '/a.pem', /certificate is verified.*--ca/],
];
for (const [path, value, expected] of notes) {
  test(`adds a note for ${path}: ${JSON.stringify(value)}`, () => {
    const { lost, different } = convertWith(path, value);
    assert.match(`${lost}\n${different}`, expected);
  });
}

test('fields that the operator ignores do not change the config', () => {
  const { config } = convertWith('syncer.roles.1.rules.0.resourceNames', ['a']);
  assert.deepEqual(config, convert(sampleConfig).config);
  assert.deepEqual(convertWith('syncer.namespace', {}), convertWith('extra', undefined));
});

test('drops invalid, system and duplicate names from excludedNamespaces', () => {
  const { config } = convertWith('syncer.excludedNamespaces', ['team-*', 'monitoring', 'kube-flannel', 'monitoring']);
  assert.deepEqual(config.clusters[0]?.namespaces, { files: ['ns.txt'], exclude: ['monitoring'] });
  assert.deepEqual(convertWith('syncer.excludedNamespaces', null).config.clusters[0]?.namespaces, {
    files: ['ns.txt'],
  });
});

test('userTld becomes the user domain', () => {
  assert.equal(convertWith('syncer.userTld', 'acme.people').config.athenz.userDomain, 'acme.people');
  assert.equal(convertWith('syncer.userTld', '').config.athenz.userDomain, undefined);
});

for (const key of ['name', 'suffix']) {
  test(`reads the role name from "${key}", as in earlier versions`, () => {
    const { config } = convertWith('syncer.roles', [{ [key]: 'K8s_ns_admins', rules: adminRules }]);
    assert.deepEqual(config.roles, [{ athenzRole: 'k8s_ns_admins', rules: adminRules }]);
  });
}

const rejected: readonly (readonly [path: string, value: Data | undefined, expected: RegExp])[] = [
  ['athenz', undefined, /op\.yaml:1:1: athenz: is required/],
  ['athenz.zmsUrl', undefined, /athenz\.zmsUrl: is required/],
  ['athenz.zmsUrl', 'http://a', /athenz\.zmsUrl: must be an https URL/],
  ['athenz.certPath', undefined, /athenz\.certPath: is required/],
  ['athenz.keyPath', undefined, /athenz\.keyPath: is required/],
  ['athenz.keyPath', '-----BEGIN PRIVATE KEY-----\nc2VjcmV0', /athenz\.keyPath: must be a file path/],
  ['syncer', undefined, /syncer: is required/],
  ['syncer.parentDomain', undefined, /syncer\.parentDomain: is required/],
  ['syncer.parentDomain', 'eks/users', /syncer\.parentDomain: must be an Athenz name/],
  ['syncer.userTld', 5, /syncer\.userTld: /],
  ['syncer.roles', undefined, /syncer\.roles: is required/],
  ['syncer.roles', [], /syncer\.roles: /],
  ['syncer.roles.0.athenzRole', undefined, /syncer\.roles\[0\]\.athenzRole: is required/],
  ['syncer.roles.0.athenzRole', 'k8s_ns_viewers', /syncer\.roles\[1\]\.athenzRole: "k8s_ns_viewers" is already listed/],
  ['syncer.roles.0.rules', undefined, /syncer\.roles\[0\]\.rules: is required/],
  ['syncer.roles.0.rules.0.verbs', undefined, /syncer\.roles\[0\]\.rules\[0\]\.verbs: is required/],
];
for (const [path, value, expected] of rejected) {
  test(`rejects ${path}: ${JSON.stringify(value)}`, () => {
    const error = conversionError(JSON.stringify(withValue(sample, path, value), null, 2));
    assert.equal(error.code, 'CONFIG_INVALID');
    assert.match(error.message, /^op\.yaml:\d+:\d+: /);
    assert.match(error.message, expected);
    assert.doesNotMatch(error.message, /c2VjcmV0/);
  });
}

test('reports a misspelled required key with line and column', () => {
  const { message } = conversionError(sampleConfig.replace('parentDomain', 'parentDomian'));
  assert.match(message, /op\.yaml:8:3: syncer\.parentDomian: unknown key \(did you mean "parentDomain"\?\)/);
  assert.match(message, /: syncer\.parentDomain: is required/);
});

for (const [name, text, place] of [
  ['an unclosed list', 'athenz: [\n', 'op.yaml:2:1'],
  ['a duplicate key', `${sampleConfig}athenz: {}\n`, 'op.yaml:40:1'],
  ['an undefined alias', 'athenz: *a\n', 'op.yaml:1:9'],
] as const) {
  test(`reports ${name} as a syntax error with its place`, () => {
    const error = conversionError(text);
    assert.equal(error.code, 'CONFIG_SYNTAX');
    assert.ok(error.message.startsWith(`${place}: `), error.message);
  });
}

function conversionError(text: string): AppError {
  try {
    convert(text);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error(`expected a conversion error:\n${text}`);
}
