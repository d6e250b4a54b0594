import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { loadAll, YAML11_SCHEMA } from 'js-yaml';
import { isScalar, parseAllDocuments, visit } from 'yaml';
import { parseFile } from '../../../src/generators/rbac/parse.ts';
import { type RenderOptions, type RoleToRender, renderFile } from '../../../src/generators/rbac/render.ts';
import { headerLine } from '../../../src/model/manifest.ts';
import {
  account,
  adminRules,
  golden,
  goldenCases,
  renderedOf,
  renderWith,
  roleOf,
  user,
  viewerRules,
} from '../../support/rbac.ts';

const admins = { athenzRole: 'k8s_ns_admins', rules: adminRules };
const viewers = { athenzRole: 'k8s_ns_viewers', rules: viewerRules };
const bound = { athenzRole: 'oncall', clusterRole: 'system:aggregate-to-view' };

async function template(name: string): Promise<string> {
  return await readFile(new URL(`../../data/rbac/templates/${name}.yaml`, import.meta.url), 'utf8');
}

/** By golden folder. Update with: UPDATE_GOLDEN=1 node --test test/generators/rbac/golden.test.ts */
const cases: Readonly<Record<string, { readonly options: RenderOptions; readonly roles: readonly RoleToRender[] }>> = {
  portable: {
    options: renderWith('portable'),
    roles: [
      roleOf(admins, user('user.mlajkim')),
      roleOf(viewers, user('user.bob'), user('user.jane')),
      roleOf(bound, user('user.jane')),
    ],
  },
  operator: {
    options: renderWith('operator'),
    roles: [
      roleOf({
        athenzRole: 'k8s_ns_debug',
        rules: [
          {
            ...adminRules[0],
            apiGroups: [''],
            resources: ['pods/exec'],
            verbs: ['create'],
            resourceNames: ['web-0', 'web-1'],
          },
        ],
      }),
      roleOf(viewers, user('user.mlajkim')),
    ],
  },
  'service-accounts': {
    options: renderWith('portable'),
    roles: [
      roleOf(viewers, account('ajktown-api', 'web'), account('other', 'web'), user('athenz:user.jane')),
      roleOf(bound, { kind: 'Group', name: 'ops' }, account('other', 'a.b'), user('acme.platform.deployer')),
    ],
  },
  empty: { options: renderWith('portable'), roles: [roleOf(admins), roleOf(bound)] },
  templates: {
    options: renderWith('portable', await template('role'), await template('rolebinding')),
    roles: [roleOf(admins, user('user.mlajkim')), roleOf(bound)],
  },
  hostile: {
    options: renderWith('portable'),
    roles: [
      roleOf(
        { athenzRole: 'on', rules: [{ apiGroups: ['y', '"'], resources: ['1_000', '*'], verbs: ['no', '\\'] }] },
        user('user.a\n  - kind: "User"'),
        user('user.a"\\'),
        user('user.a\u0085\u2028\u2029\ufeff'),
        user('user.漢😀'),
        user('y'),
      ),
    ],
  },
};

describe('rendered files', () => {
  test('golden folders and cases match', async () => {
    assert.deepEqual(await goldenCases(), Object.keys(cases).sort());
  });

  for (const [name, { options, roles }] of Object.entries(cases)) {
    test(`${name}: matches the golden file`, async () => {
      const text = renderFile(options, roles);
      assert.equal(text, await golden(`${name}/rbac.yaml`, text));
      assert.equal(renderFile(options, roles), text, 'rendering is deterministic');
    });

    test(`${name}: has the header, a final newline and no trailing whitespace`, () => {
      const text = renderFile(options, roles);
      assert.ok(text.startsWith(`${headerLine}\n`));
      assert.match(text, /[^\n]\n$/);
      assert.doesNotMatch(text, /[ \t\r]\n/);
    });

    test(`${name}: values are quoted and read the same in YAML 1.1 and 1.2`, () => {
      const text = renderFile(options, roles);
      let scalars = 0;
      for (const document of parseAllDocuments(text, { version: '1.1' })) {
        assert.deepEqual([document.errors, document.warnings], [[], []]);
        visit(document, {
          Scalar(key, node) {
            if (key === 'key') assert.equal(typeof node.value, 'string');
            else if (isScalar(node)) assert.equal(node.type, 'QUOTE_DOUBLE');
            scalars += 1;
          },
        });
      }
      assert.ok(scalars > 10);
      assert.deepEqual(loadAll(text, { schema: YAML11_SCHEMA }), loadAll(text));
    });

    test(`${name}: parses to the same roles`, () => {
      assert.deepEqual(parseFile(Buffer.from(renderFile(options, roles))), {
        kind: 'rendered',
        roles: roles.map((role) => renderedOf(options.names, role)),
      });
    });
  }
});

test('an empty role is rendered with an empty subjects list', () => {
  // Without the key, an apply would keep the existing subjects.
  const documents = loadAll(renderFile(renderWith('portable'), cases['empty']?.roles ?? [])) as { kind: string }[];
  const bindings = documents.filter((document) => document.kind === 'RoleBinding');
  assert.equal(bindings.length, 2);
  for (const binding of bindings) assert.deepEqual(Object.entries(binding).at(-1), ['subjects', []]);
});

describe('names: operator', () => {
  const managedLabel = { 'app.kubernetes.io/managed-by': 'athenz-gitops' };
  const metadata = {
    name: 'eks.users.ajktown-api:role.k8s_ns_viewers',
    namespace: 'ajktown-api',
    labels: managedLabel,
    annotations: { 'athenz-gitops.io/athenz-role': 'eks.users.ajktown-api:role.k8s_ns_viewers' },
  };
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules: viewerRules };
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { ...metadata, name: `${metadata.name}:members` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'user.mlajkim' }],
  };

  test('renders the operator objects with our label and annotation', () => {
    const text = renderFile(renderWith('operator'), [roleOf(viewers, user('user.mlajkim'))]);
    assert.deepEqual(loadAll(text), [role, binding]);
  });

  test('a template can add the operator label to the binding', () => {
    const options = renderWith('operator', '', 'metadata: {labels: {managed-by: athenz-syncer}}');
    const labels = { ...managedLabel, 'managed-by': 'athenz-syncer' };
    assert.deepEqual(loadAll(renderFile(options, [roleOf(viewers, user('user.mlajkim'))])), [
      role,
      { ...binding, metadata: { ...binding.metadata, labels } },
    ]);
  });
});
