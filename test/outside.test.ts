import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { loadAll } from 'js-yaml';
import { stringify } from 'yaml';
import { parseSnapshot } from '../src/athenz/snapshot-file.ts';
import { parseConfig } from '../src/config/load.ts';
import { parseNamespaces } from '../src/inventory/manifests.ts';
import { AppError } from '../src/model/error.ts';
import { headerLine } from '../src/model/manifest.ts';
import { parseFile } from '../src/rbac/parse.ts';
import { renderFile } from '../src/rbac/render.ts';
import { compileTemplate } from '../src/rbac/template.ts';
import { effort } from './support/effort.ts';
import { damagedBytes, mutated } from './support/mutate.ts';
import { hostileText, renderedOf, renderWith, roleOf, user, viewerRules } from './support/rbac.ts';

// Whatever comes from outside is read, or refused in the one way that is documented; nothing else is ever thrown.

const roles = [
  roleOf({ athenzRole: 'admins', rules: viewerRules }, user('user.ann')),
  roleOf({ athenzRole: 'viewers', clusterRole: 'view' }, user('user.ann'), user('user.bob')),
];

const manifests = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a', labels: { team: 'x' } } },
  { apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'b' } }] },
  { apiVersion: 'v1', kind: 'NamespaceList', items: [{ metadata: { name: 'c' } }] },
  ['d', 'e'],
];
const manifestText = manifests.map((it) => stringify(it)).join('---\n');

const template = {
  metadata: {
    labels: { team: '{namespace}', 'example.com/on': 'y' },
    annotations: { a: '{role} of {domain}', b: 'x\n# y' },
  },
};
const templateText = `# of {cluster}\n${stringify(template).replace('team', '# team\n    team')}`;

/** Each reads a text; what it cannot use it refuses as an AppError with one of its codes and a next step. */
const readers: Readonly<Record<string, readonly [read: (text: Uint8Array) => void, codes: RegExp]>> = {
  config: [(text) => void parseConfig(Buffer.from(text).toString('utf8'), 'g.yaml'), /^CONFIG_/],
  manifests: [
    (text) => {
      for (const { name } of parseNamespaces('ns.yaml', text))
        assert.match(name, /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
    },
    /^INVENTORY_(UNREADABLE|BAD_NAME)$/,
  ],
  template: [(text) => assertDecorates(Buffer.from(text).toString('utf8')), /^TEMPLATE_/],
  'current file': [(text) => void parseFile(Buffer.concat([Buffer.from(`${headerLine}\n`), text])), /^$/],
};

/** A template that is accepted adds words to the objects, and never changes what they grant. */
function assertDecorates(text: string): void {
  const compiled = compileTemplate('t.yaml', text);
  const options = { names: 'portable', templates: { role: compiled, binding: compiled } } as const;
  const rendered = renderFile(options, roles);
  assert.deepEqual(parseFile(Buffer.from(rendered)), {
    kind: 'rendered',
    roles: roles.map((role) => renderedOf('portable', role)),
  });
  assert.equal(loadAll(rendered).length, 3);
}

function isRead(name: string, text: Uint8Array): boolean {
  const [read, codes] = readers[name] ?? assert.fail(name);
  try {
    read(text);
    return true;
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    assert.ok(error instanceof AppError, `${name}: ${error}`);
    assert.match(error.code, codes);
    assert.ok(error.next);
    return false;
  }
}

const n = 5000;
const chain = [...'bcdefghijk'].map((key, at) => `${key}: &${key} [${Array(9).fill(`*${'abcdefghij'[at]}`)}]`);
/** What readers of YAML and JSON choke on. */
const heavy: Readonly<Record<string, string>> = {
  'open lists': '['.repeat(n),
  'lists in lists': '['.repeat(n) + ']'.repeat(n),
  'maps in maps': '{a: '.repeat(n) + '}'.repeat(n),
  'JSON in JSON': `${'{"a":'.repeat(n)}1${'}'.repeat(n)}`,
  'block lists': `${'- '.repeat(n)}a`,
  'block keys': `${'? '.repeat(n)}a`,
  'a hundred thousand closing brackets': ']'.repeat(100_000),
  commas: `[${','.repeat(n)}]`,
  quotes: '"'.repeat(n + 1),
  'aliases that multiply': ['a: &a [x,x,x,x,x,x,x,x,x]', ...chain].join('\n'),
  'a list that holds itself': '- &a [*a]\n',
  'a map that holds itself': '&a {metadata: *a, apiVersion: v1, kind: Namespace}\n',
  'a name that holds itself': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: &a [*a]}\n',
  'a List that holds itself': '&a {apiVersion: v1, kind: List, items: [*a]}\n',
  'a merge of itself': '&a {<<: *a}\n',
  'keys of every object':
    '__proto__: {a: 1}\nconstructor: 1\ntoString: 2\nmetadata: {__proto__: x, labels: {__proto__: x}}\n',
  'keys of every object, in a list': '- __proto__\n- {__proto__: a}\n',
  'a huge number': `- 1${'0'.repeat(n)}\n- 1e999\n- -0\n`,
  'a huge key': `? ${'k'.repeat(n)}\n: 1\n`,
  'many documents': '---\n'.repeat(n),
  'many anchors': `${'&a '.repeat(n)}x`,
  'marks of byte order': '\ufeff\ufeff- a\n',
  'old line ends': '- a\r- b\r\n- c\n\r',
  NUL: '- a\0b\n\0',
  'types of YAML': '- !!binary aGVsbG8=\n- !!set {a}\n- !!omap [a: 1]\n- !!timestamp 2001-12-14\n- !x y\n',
};
for (const [what, text] of Object.entries(heavy)) {
  test(`${what}: read or refused, never a crash`, async () => {
    for (const name of Object.keys(readers)) isRead(name, Buffer.from(text));
    for (const lines of [[text], [`{"format":"athenz-gitops snapshot 1","takenAt":${text}}`]]) {
      await assert.rejects(parseSnapshot(lines), SyntaxError);
    }
  });
}

const rendered = renderFile(renderWith('portable'), roles);
const originals: readonly (readonly [name: string, text: string, data: readonly unknown[]])[] = [
  ['manifests', manifestText, manifests],
  ['template', templateText, [template]],
  ['current file', rendered.slice(headerLine.length + 1), loadAll(rendered)],
];
for (const [name, text, data] of originals) {
  test(`${name}: any text, and the right one with bytes or parts of it changed`, () => {
    assert.ok(isRead(name, Buffer.from(text)));
    const body = fc.oneof(
      { weight: 3, arbitrary: damagedBytes(text) },
      {
        weight: 3,
        arbitrary: fc
          .tuple(...data.map((it) => fc.oneof(mutated(it), fc.constant(it))))
          .map((documents) =>
            Buffer.from(documents.map((it) => stringify(it, { aliasDuplicateObjects: false })).join('---\n')),
          ),
      },
      { weight: 1, arbitrary: fc.oneof(hostileText(), fc.json()).map((it) => Buffer.from(it)) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
    );
    const outcomes = { read: 0, refused: 0 };
    fc.assert(
      fc.property(body, (bytes) => {
        outcomes[isRead(name, bytes) ? 'read' : 'refused']++;
      }),
      { numRuns: effort(600) },
    );
    assert.ok(outcomes.read > 20);
    assert.ok(outcomes.refused > 20 || name === 'current file');
  });
}
