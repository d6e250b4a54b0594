import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { loadAll, YAML11_SCHEMA } from 'js-yaml';
import { parseAllDocuments } from 'yaml';
import type { NamesMode, RoleConfig } from '../../../src/config/types.ts';
import { parseFile } from '../../../src/generators/rbac/parse.ts';
import { listsAsRendered, type RoleToRender, renderFile } from '../../../src/generators/rbac/render.ts';
import type { Subject } from '../../../src/model/grant.ts';
import { trials } from '../../support/properties.ts';
import { hostileText, renderedOf, renderWith, roleOf, subjects, user } from '../../support/rbac.ts';

const athenzName = fc.stringMatching(/^[a-z0-9_][a-z0-9_-]{0,12}(\.[a-z0-9_][a-z0-9_-]{0,12}){0,2}$/);
const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,12}[a-z0-9])?$/);
const texts = fc.array(hostileText({ maxLength: 6 }), { minLength: 1, maxLength: 3 });
const rule = fc.record(
  { apiGroups: texts, resources: texts, verbs: texts, resourceNames: texts },
  { requiredKeys: ['apiGroups', 'resources', 'verbs'], noNullPrototype: true },
);
const own = fc.record({ athenzRole: athenzName, rules: fc.array(rule, { minLength: 1, maxLength: 2 }) });
const bound = fc.record({ athenzRole: athenzName, clusterRole: hostileText({ minLength: 1 }) });

/** One namespace, each Athenz role once; operator names need roles with rules. */
const file = fc.constantFrom<NamesMode>('portable', 'operator').chain((names) =>
  fc.record({
    names: fc.constant(names),
    roles: fc
      .record({
        namespace: label,
        domain: athenzName,
        roles: fc.uniqueArray(
          fc.tuple(
            names === 'operator' ? own : fc.oneof<[fc.Arbitrary<RoleConfig>, fc.Arbitrary<RoleConfig>]>(own, bound),
            subjects,
          ),
          { selector: ([config]) => config.athenzRole, minLength: 1, maxLength: 3 },
        ),
      })
      .map(({ namespace, domain, roles }) =>
        roles.map(
          ([config, members]): RoleToRender => ({ cluster: 'prod', namespace, domain, config, subjects: members }),
        ),
      ),
  }),
);

const template = [
  '# {role} of {domain}',
  'metadata:',
  '  labels:',
  '    # why',
  '    on: "{namespace}" # because',
  '  annotations:',
  '    x/y: "{cluster}: {domain} {role} \\u2028\\n---\\nsubjects: []"',
].join('\n');

test('a rendered file parses to the same roles', () => {
  const plain = { portable: renderWith('portable'), operator: renderWith('operator') };
  const decorated = { portable: renderWith('portable', template), operator: renderWith('operator', template) };
  let withSubjects = 0;
  fc.assert(
    fc.property(file, fc.boolean(), ({ names, roles }, withTemplate) => {
      const text = renderFile((withTemplate ? decorated : plain)[names], roles);
      const expected = { kind: 'rendered', roles: roles.map((role) => renderedOf(names, role)) };
      assert.deepEqual(parseFile(Buffer.from(text)), expected);
      withSubjects += roles.filter((role) => role.subjects.length > 1).length;
    }),
    { numRuns: trials(200) },
  );
  assert.ok(withSubjects > 100);
});

test('a list of subjects is recognised as rendered under any template, until it is edited', () => {
  const roles = [roleOf({ athenzRole: 'viewers', clusterRole: 'view' }, user('ada'), user('bo'))];
  const [role] = roles.map((it) => renderedOf('portable', it));
  assert.ok(role);
  const text = renderFile(renderWith('portable', template), roles);
  const swapped = text.replace('"ada"', '"x"').replace('"bo"', '"ada"').replace('"x"', '"bo"');
  for (const [content, expected] of [
    [text, true],
    [`${text}# reviewed\n`, true],
    [text.replaceAll('\n', '\r\n'), true],
    [swapped, false],
    [text.replace('"bo"', 'bo'), false],
    [text.replace('subjects:\n', 'subjects:\n  # them\n'), false],
  ] as const)
    assert.equal(listsAsRendered(content, role), expected, content);
});

test('every YAML parser reads the same objects from a rendered file', () => {
  fc.assert(
    fc.property(file, ({ names, roles }) => {
      const text = renderFile(renderWith(names, template), roles);
      const objects = loadAll(text);
      assert.equal(
        objects.length,
        roles.reduce((count, role) => count + ('rules' in role.config ? 2 : 1), 0),
      );
      assert.deepEqual(loadAll(text, { schema: YAML11_SCHEMA }), objects);
      for (const version of ['1.1', '1.2'] as const) {
        const documents = parseAllDocuments(text, { version });
        assert.deepEqual('empty' in documents ? [] : documents.map((document) => document.toJS()), objects);
      }
    }),
    { numRuns: trials(75) },
  );
});

describe('rendering', () => {
  test('a parsed file renders to the same bytes', () => {
    fc.assert(
      fc.property(file, ({ names, roles }) => {
        const options = renderWith(names, template);
        const text = renderFile(options, roles);
        const parsed = parseFile(Buffer.from(text));
        assert.equal(parsed.kind, 'rendered');
        const again = (parsed.kind === 'rendered' ? parsed.roles : []).map((role): RoleToRender => {
          const { role: athenzRole, roleRef, rules } = role;
          const config = rules === undefined ? { athenzRole, clusterRole: roleRef.name } : { athenzRole, rules };
          return { cluster: 'prod', namespace: role.namespace, domain: role.domain, config, subjects: role.subjects };
        });
        assert.equal(renderFile(options, again), text);
      }),
      { numRuns: trials(75) },
    );
  });

  const one = (...members: readonly Subject[]) =>
    renderFile(renderWith('portable'), [roleOf({ athenzRole: 'r', clusterRole: 'view' }, ...members)]);

  test('different subjects give different files', () => {
    fc.assert(
      fc.property(subjects, subjects, (a, b) => {
        assert.equal(one(...a) === one(...b), JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });

  test('rejects a lone surrogate', () => {
    assert.throws(() => one(user('user.\ud800')), TypeError);
  });
});
