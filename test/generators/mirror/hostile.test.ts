import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { mirrorWords } from '../../../src/generators/mirror/words.ts';
import { hostileNames } from '../../support/hostile.ts';
import { type LiveObject, type MirrorsWorld, planMirrors, service, slice } from '../../support/mirrors.ts';
import { trials } from '../../support/properties.ts';

const good = [service('api'), slice('api', ['10.0.1.1'])];
const api = ['prod/default/endpointslice.api-eu1-ipv4-0', 'prod/default/service.api'];

/** The paths and codes of a Service beside one that nothing is wrong with. */
async function beside(live: readonly LiveObject[], more: Partial<MirrorsWorld> = {}) {
  const { paths, codes } = await planMirrors({ live: [...good, ...live], ...more });
  return { paths, codes };
}

describe('a Service that no API server has is held, and no other', () => {
  for (const [what, spec] of [
    ['a port beyond 65535', { ports: [{ port: 65_536 }] }],
    ['a port 0', { ports: [{ port: 0 }] }],
    ['a port that is text', { ports: [{ port: '80' }] }],
    ['a big integer as port', { ports: [{ port: 2n ** 63n }] }],
    ['a fraction as port', { ports: [{ port: 80.5 }] }],
    ['two ports of one name', { ports: [{ port: 80 }, { port: 81 }] }],
    ['a nameless port beside another', { ports: [{ port: 80 }, { name: 'a', port: 81 }] }],
    [
      'two ports of one number',
      {
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 80 },
        ],
      },
    ],
    ['an application protocol that is markup', { ports: [{ port: 80, appProtocol: '<b>' }] }],
    ['an application protocol of no name', { ports: [{ port: 80, appProtocol: 'example.com/' }] }],
    ['a target port without a letter', { ports: [{ port: 80, targetPort: '8080' }] }],
    ['a name of a port with a line break', { ports: [{ name: 'a\n', port: 80 }] }],
    ['an unknown protocol', { ports: [{ port: 80, protocol: 'HTTP' }] }],
    ['a target port that is markup', { ports: [{ port: 80, targetPort: '<b>' }] }],
    ['ports that are a map', { ports: { http: 80 } }],
    ['an unknown type', { type: 'Everything' }],
    [
      'a session of no time',
      { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: -1 } } },
    ],
    ['three families', { ipFamilies: ['IPv4', 'IPv6', 'IPv4'] }],
  ] as const) {
    test(what, async () => {
      const found = await beside([service('web', spec), slice('web', ['10.0.0.1'])]);
      assert.deepEqual(found, { paths: api, codes: ['MIRROR_SOURCE_INVALID'] });
    });
  }

  test('a copied label with a value that no label has', async () => {
    const labels = { sync: 'true', team: 'a b' };
    const found = await beside([service('web', {}, { labels })], { rule: { labels: ['team'] } });
    assert.deepEqual(found, { paths: api, codes: ['MIRROR_SOURCE_INVALID'] });
  });

  for (const externalName of ['', 'a_b', '-a', 'a..b', '10.0.0.1/x', 'db.svc', 'a\nb', 'x'.repeat(254)]) {
    test(`an ExternalName ${JSON.stringify(externalName.slice(0, 20))}`, async () => {
      const spec = { type: 'ExternalName', externalName, ports: undefined };
      assert.deepEqual(await beside([service('web', spec)]), { paths: api, codes: ['MIRROR_EXTERNAL_NAME'] });
    });
  }

  for (const address of ['', 'localhost', '10.0.0', '010.0.0.1', '10.0.0.1/8', '::1', '10.0.0.1\n', '２.0.0.1']) {
    test(`an address that is none: ${JSON.stringify(address)}`, async () => {
      const found = await beside([service('web'), slice('web', ['10.0.0.1', address])]);
      assert.deepEqual(found, { paths: api, codes: ['MIRROR_SOURCE_INVALID'] });
    });
  }

  for (const [what, more] of [
    ['a host name with a dot', { endpoints: [{ addresses: ['10.0.0.1'], hostname: 'a.b' }] }],
    ['an endpoint without an address', { endpoints: [{ addresses: [] }] }],
    ['endpoints that are a map', { endpoints: {} }],
    ['an unknown type of address', { addressType: 'MAC' }],
    ['a port that is none', { ports: [{ name: 'http', port: -1 }] }],
    ['readiness that is text', { endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: 'false' } }] }],
  ] as const) {
    test(`a slice with ${what}`, async () => {
      const found = await beside([service('web', { clusterIP: 'None' }), slice('web', [], more)]);
      assert.deepEqual(found, { paths: api, codes: ['MIRROR_SOURCE_INVALID'] });
    });
  }
});

test('a Service may have one number for two protocols, and protocols of applications', async () => {
  const port = { port: 53, targetPort: 'dns-1' };
  const ports = [
    { ...port, name: 'a', protocol: 'UDP', appProtocol: 'kubernetes.io/h2c' },
    { ...port, name: 'b', appProtocol: 'http' },
  ];
  const { codes } = await beside([service('web', { ports })]);
  assert.deepEqual(codes, []);
});

describe('names from outside', () => {
  test('that no Service has reach no path', async () => {
    const names = fc.oneof(fc.constantFrom(...hostileNames, 'A', 'a.b', '../x', 'con', 'a'.repeat(64)), fc.string());
    await fc.assert(
      fc.asyncProperty(names, names, async (name, namespace) => {
        const body = service(name, {}, { namespace });
        const rule = {
          source: { name: 'eu1', files: ['dump/*.json'] },
          destination: { cluster: 'prod', verify: false },
        };
        const files = { 'dump/x.json': JSON.stringify(body) };
        const { paths, codes } = await planMirrors({ rule, files, namespaces: [namespace] });
        const isLabel = (text: string) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text);
        const isNamed = isLabel(name) && isLabel(namespace || 'default');
        if (!isNamed) assert.deepEqual(paths, []);
        if (!isNamed && name !== '') assert.ok(codes.length > 0, JSON.stringify([name, namespace]));
      }),
      { numRuns: trials(200) },
    );
  });

  test('slices of other Services and namespaces are not those of a Service', async () => {
    const live = [
      ...good,
      slice('other', ['10.0.0.66'], { name: 'api-x' }),
      slice('api', ['10.0.0.67'], { name: 'y', namespace: 'team' }),
      { ...slice('api', ['10.0.0.68'], { name: 'z' }), metadata: { name: 'api-z', namespace: 'default' } },
    ];
    const { merged } = await planMirrors({ live });
    assert.doesNotMatch(Object.values(merged).join(), /10\.0\.0\.6/);
  });

  test('a rendered file that somebody edited is shown escaped', async () => {
    const { merged } = await planMirrors({ live: good });
    const path = 'mirrors/prod/default/service.api.yaml';
    const files = { ...merged, [path]: (merged[path] ?? '').replace('"ClusterIP"', '"@org/everyone <b>"') };
    const { plan } = await planMirrors({ live: good, files });
    const [change = assert.fail()] = plan.changes;
    const shown: string[] = [];
    const { why } = mirrorWords.describe(change, (text) => {
      shown.push(text);
      return '_';
    });
    assert.ok(shown.some((text) => text.includes('@org/everyone')));
    assert.equal(why, '_ → _');
  });

  test('a rendered file of another Service at its path is held', async () => {
    const live = [...good, service('web'), slice('web', ['10.0.0.1'])];
    const { merged } = await planMirrors({ live });
    const text = merged['mirrors/prod/default/service.web.yaml'] ?? '';
    const files = { ...merged, 'mirrors/prod/default/service.api.yaml': text };
    const { codes, plan } = await planMirrors({ live, files });
    assert.ok(codes.includes('OUTPUT_UNPARSABLE'));
    assert.deepEqual(plan.files, []);
  });
});

describe('a config', () => {
  for (const [what, rule] of [
    ['without a host', { mode: 'externalname' }],
    ['with a host for another mode', { mode: 'mcs', host: 'x.example.com' }],
    ['with a host of the cluster itself', { mode: 'externalname', host: '{service}.svc.cluster.local' }],
    ['with another namespace for MCS', { mode: 'mcs', destination: { cluster: 'prod', namespace: 'team' } }],
    ['that mirrors a cluster onto itself', { destination: { cluster: 'eu1' } }],
    ['with Linkerd for files', { mode: 'linkerd', source: { name: 'x', files: ['x.yaml'] } }],
    ['with a network that has a host', { refuseCidrs: ['10.0.0.1/8'] }],
    ['with a selector of more than one form', { selector: 'a=b&x=1' }],
    ['with a source that climbs', { source: { name: '../x', files: ['x.yaml'] } }],
  ] as const) {
    test(`${what} is refused`, async () => {
      await assert.rejects(planMirrors({ rule }), /"path"|must/);
    });
  }
});
