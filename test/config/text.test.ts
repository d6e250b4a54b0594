import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import type { ConfigInput } from '../../src/config/schema.ts';
import { configText } from '../../src/config/text.ts';
import { trials } from '../support/properties.ts';
import { hostileText } from '../support/rbac.ts';

const base: ConfigInput = {
  athenz: { zmsUrl: 'https://zms.example.com/zms/v1' },
  clusters: [{ name: 'eu', domain: 'eks.{namespace}', namespaces: { files: ['ns.txt'] } }],
  roles: [{ athenzRole: 'viewers', clusterRole: 'view' }],
};

test('any written config parses to the same values', () => {
  const text = hostileText({ minLength: 1 });
  const texts = fc.array(text, { minLength: 1, maxLength: 20 });
  const rule = fc.record({ apiGroups: texts, resources: texts, verbs: texts }, { noNullPrototype: true });
  fc.assert(
    fc.property(text, text, fc.array(rule, { minLength: 1, maxLength: 3 }), (certPath, file, rules) => {
      const config: ConfigInput = {
        athenz: { ...base.athenz, certPath },
        clusters: [{ name: 'eu', domain: '{namespace}.eks', namespaces: { files: ['ns.txt', file] } }],
        roles: [{ athenzRole: 'viewers', rules }],
      };
      assert.deepEqual(parse(configText(config, ['Heading'])), config);
    }),
    { numRuns: trials(250), examples: [['a', 'b', [{ apiGroups: ['?\nb', ' '], resources: ['*'], verbs: ['*'] }]]] },
  );
});

test('writes the heading as comments', () => {
  const text = configText(base, ['One', 'Two']);
  assert.match(text, /^# One\n# Two\n\nathenz:\n/);
});

test('does not wrap a long value', () => {
  const certPath = 'a word '.repeat(30).trim();
  assert.ok(configText({ ...base, athenz: { ...base.athenz, certPath } }, []).includes(`  certPath: ${certPath}\n`));
});

test('writes long lists one entry per line and short lists on one line', () => {
  const files = Array.from({ length: 20 }, (_, index) => `clusters/eu/${index}.yaml`);
  const [cluster] = base.clusters;
  const text = configText(
    { ...base, clusters: [{ ...cluster, name: 'eu', domain: '{namespace}', namespaces: { files } }] },
    [],
  );
  assert.match(text, /^ {6}files:\n {8}- clusters\/eu\/0\.yaml\n {8}- clusters\/eu\/1\.yaml\n/m);
  assert.match(configText(base, []), /^ {6}files: \[ns\.txt\]\n/m);
});
