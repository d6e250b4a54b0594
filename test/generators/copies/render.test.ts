import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { copiesSchema } from '../../../src/generators/copies/config.ts';
import { changedKeys, keysOf } from '../../../src/generators/copies/keys.ts';
import { parseCopy } from '../../../src/generators/copies/parse.ts';
import { copyText } from '../../../src/generators/copies/render.ts';
import type { Sync } from '../../../src/generators/copies/sync.ts';
import { objectsIn } from '../../../src/generators/objects/manifests.ts';
import { fileName } from '../../../src/generators/objects/object.ts';
import type { JsonMap } from '../../../src/model/yaml-write.ts';
import { planCopies, syncFile } from '../../support/copies.ts';
import { trials } from '../../support/properties.ts';
import { hostileText } from '../../support/rbac.ts';

const config = copiesSchema.parse({});
const sync = { namespace: 'default', name: 'ca', file: 'ca.yaml' } as Sync;

function render(body: JsonMap, options: object = {}, namespace = 'a'): string {
  const [object] = objectsIn(body, 'x.yaml');
  assert.ok(object);
  return copyText(object, sync, { name: object.ref.name, adopt: false, ...options }, config).in(namespace);
}

const configMap = (data: JsonMap, annotations: JsonMap = {}): JsonMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'ca-bundle', namespace: 'default', annotations },
  data,
});

describe('a rendered copy', () => {
  test('is as in the golden file', async () => {
    const path = fileURLToPath(new URL('golden/configmap.yaml', import.meta.url));
    const text = render(
      {
        ...configMap({
          'ca.crt': '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
          on: 'yes',
          'app.conf': 'a = 1\nb = 2',
        }),
        immutable: false,
        binaryData: {},
      },
      { strategy: 'apply' },
    );
    if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(path, text);
    assert.equal(text, await readFile(path, 'utf8'));
  });

  test('reads back as what it is a copy of', () => {
    const data = fc
      .uniqueArray(fc.tuple(hostileText({ minLength: 1, maxLength: 20 }), hostileText()), { selector: ([key]) => key })
      .map(
        (entries): JsonMap =>
          Object.fromEntries(entries.filter(([key, it]) => key !== '__proto__' && `${key}${it}`.isWellFormed())),
      );
    fc.assert(
      fc.property(data, (own) => {
        const body = configMap(own);
        const parsed = parseCopy(Buffer.from(render(body)));
        assert.ok(parsed.kind === 'rendered' && parsed.state !== 'marker', JSON.stringify(parsed));
        assert.deepEqual(parsed.unit, { namespace: 'a', name: 'configmap/ca-bundle' });
        assert.deepEqual([parsed.state.sync, parsed.state.from], ['default/ca', 'default/ca-bundle']);
        const added = changedKeys(keysOf(body), parsed.state.keys).filter((key) => !key.startsWith('metadata.'));
        assert.deepEqual(added, []);
      }),
      { numRuns: trials(200) },
    );
  });

  const strategies: readonly (readonly [
    what: string,
    options: object,
    given: string,
    argo: string | undefined,
    flux: readonly string[],
  ])[] = [
    ['none', {}, '', undefined, []],
    ['C23: apply', { strategy: 'apply' }, '', 'ServerSideApply=true', ['ssa: "Merge"']],
    ['C23: replace', { strategy: 'replace' }, '', 'Replace=true', ['ssa: "Override"']],
    [
      'apply, beside other options',
      { strategy: 'apply' },
      'Prune=confirm, Replace=true',
      'Prune=confirm,ServerSideApply=true',
      ['ssa: "Merge"'],
    ],
    ['adopted', { adopt: true }, 'Prune=confirm,Replace=true', 'Replace=true,Prune=false', ['prune: "disabled"']],
  ];
  for (const [what, options, given, argo, flux] of strategies) {
    test(`tells the controllers how to apply it: ${what}`, () => {
      const text = render(configMap({}, given === '' ? {} : { 'argocd.argoproj.io/sync-options': given }), options);
      assert.equal(/sync-options: "(.*)"/.exec(text)?.[1], argo);
      assert.deepEqual(text.match(/(?<=kustomize\.toolkit\.fluxcd\.io\/).*/g) ?? [], flux);
    });
  }

  test('integers beyond 2^53 stay as they are', async () => {
    const source =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: default}\nbig: 12345678901234567890\nwhen: 2026-01-01\nsixty: 1:30:00\n';
    const files = {
      'sources/x.yaml': source,
      'inputs/copies/x.yaml': syncFile('x', { group: '', kind: 'ConfigMap', name: 'x' }, [{ namespace: 'a' }]),
    };
    const { merged } = await planCopies({ files });
    assert.match(
      merged['copies/prod/a/configmap.x.yaml'] ?? '',
      /^big: 12345678901234567890\nsixty: "1:30:00"\nwhen: "2026-01-01"$/m,
    );
  });

  test('no two objects have one file', () => {
    const names = ['a', 'A', 'a.b', 'system:x', 'system%3ax', 'x'.repeat(253), `${'x'.repeat(252)}y`];
    const groups = ['', 'b', 'b.c'];
    const all = groups.flatMap((group) => names.map((name) => fileName({ group, kind: 'Kind', name })));
    assert.equal(new Set(all).size, all.length);
    for (const it of all) assert.match(it, /^[A-Za-z0-9%._-]{1,240}$/);
  });

  test('is read behind a byte order mark too', () => {
    assert.equal(parseCopy(Buffer.from(`\ufeff${render(configMap({}))}`)).kind, 'rendered');
  });

  for (const [what, text] of [
    ['two objects', `${render(configMap({}))}---\n${render(configMap({}))}`],
    ['no annotations', render(configMap({})).replaceAll('athenz-gitops.io/', 'x/')],
    ['no namespace', render(configMap({})).replace(/^ {2}namespace.*\n/m, '')],
    ['broken', `${render(configMap({}))}{`],
    ['bytes that are no text', Buffer.concat([Buffer.from(render(configMap({}))), Buffer.of(0xff)])],
  ] as const) {
    test(`cannot be read back: ${what}`, () => {
      assert.equal(parseCopy(Buffer.from(text)).kind, 'unparsable');
    });
  }
});
