import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { loadAll } from 'js-yaml';
import { stringify } from 'yaml';
import { parseSnapshot } from '../src/athenz/snapshot-file.ts';
import { parseConfig } from '../src/config/load.ts';
import { parseFile } from '../src/generators/rbac/parse.ts';
import { renderFile } from '../src/generators/rbac/render.ts';
import { compileTemplate } from '../src/generators/rbac/template.ts';
import { parseNamespaces } from '../src/inventory/manifests.ts';
import { AppError } from '../src/model/error.ts';
import { headerLine } from '../src/model/manifest.ts';
import { damagedBytes, mutated } from './support/mutate.ts';
import { trials } from './support/properties.ts';
import { hostileText, renderedOf, renderWith, roleOf, user, viewerRules } from './support/rbac.ts';
import { testInChaos } from './support/tier.ts';

// External input is accepted, or rejected with a documented error; nothing else is thrown.

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

/** Parsers of external input; each rejects with an AppError that has such a code and a next step. */
const parsers: Readonly<Record<string, readonly [parse: (text: Uint8Array) => void, codes: RegExp]>> = {
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

/** An accepted template adds metadata to the objects and never changes what they grant. */
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

function isAccepted(name: string, text: Uint8Array): boolean {
  const [parse, codes] = parsers[name] ?? assert.fail(name);
  try {
    parse(text);
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
/** Inputs that commonly break YAML and JSON parsers. */
const heavy: Readonly<Record<string, string>> = {
  'open lists': '['.repeat(n),
  'nested lists': '['.repeat(n) + ']'.repeat(n),
  'nested maps': '{a: '.repeat(n) + '}'.repeat(n),
  'nested JSON objects': `${'{"a":'.repeat(n)}1${'}'.repeat(n)}`,
  'block lists': `${'- '.repeat(n)}a`,
  'block keys': `${'? '.repeat(n)}a`,
  '100,000 closing brackets': ']'.repeat(100_000),
  commas: `[${','.repeat(n)}]`,
  quotes: '"'.repeat(n + 1),
  'a billion-laughs alias bomb': ['a: &a [x,x,x,x,x,x,x,x,x]', ...chain].join('\n'),
  'a self-referencing list': '- &a [*a]\n',
  'a self-referencing map': '&a {metadata: *a, apiVersion: v1, kind: Namespace}\n',
  'a self-referencing name': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: &a [*a]}\n',
  'a self-referencing List': '&a {apiVersion: v1, kind: List, items: [*a]}\n',
  'a self-referencing merge key': '&a {<<: *a}\n',
  'Object.prototype keys':
    '__proto__: {a: 1}\nconstructor: 1\ntoString: 2\nmetadata: {__proto__: x, labels: {__proto__: x}}\n',
  'Object.prototype keys in a list': '- __proto__\n- {__proto__: a}\n',
  'a huge number': `- 1${'0'.repeat(n)}\n- 1e999\n- -0\n`,
  'a huge key': `? ${'k'.repeat(n)}\n: 1\n`,
  'many documents': '---\n'.repeat(n),
  'many anchors': `${'&a '.repeat(n)}x`,
  'byte order marks': '\ufeff\ufeff- a\n',
  'CR line ends': '- a\r- b\r\n- c\n\r',
  NUL: '- a\0b\n\0',
  'YAML type tags': '- !!binary aGVsbG8=\n- !!set {a}\n- !!omap [a: 1]\n- !!timestamp 2001-12-14\n- !x y\n',
};
/** Takes seconds; config has a text as long in npm test. */
const slow = '100,000 closing brackets';

for (const [what, text] of Object.entries(heavy)) {
  (what === slow ? testInChaos : test)(`parsers survive ${what}`, async () => {
    for (const name of Object.keys(parsers)) isAccepted(name, Buffer.from(text));
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
  test(`fuzzed ${name}: accepted or rejected without a crash`, () => {
    assert.ok(isAccepted(name, Buffer.from(text)));
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
    const outcomes = { accepted: 0, rejected: 0 };
    fc.assert(
      fc.property(body, (bytes) => {
        outcomes[isAccepted(name, bytes) ? 'accepted' : 'rejected']++;
      }),
      { numRuns: trials(150) },
    );
    assert.ok(outcomes.accepted > 20);
    assert.ok(outcomes.rejected > 20 || name === 'current file');
  });
}
