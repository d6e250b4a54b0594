import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { mirrors } from '../../../src/generators/mirror/generator.ts';
import { parseMirror } from '../../../src/generators/mirror/parse.ts';
import { assertGolden } from '../../support/golden.ts';
import { addresses, type MirrorsWorld, planMirrors, service, slice } from '../../support/mirrors.ts';

const grpc = { name: 'grpc', port: 443, targetPort: 'grpc', appProtocol: 'kubernetes.io/h2c' };
const web = service(
  'web',
  {
    ipFamilies: ['IPv4', 'IPv6'],
    ports: [{ name: 'http', port: 80, targetPort: 8080 }, grpc],
    sessionAffinity: 'ClientIP',
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } },
  },
  { labels: { sync: 'true', team: 'shop' }, annotations: { 'service.cilium.io/global': 'true' } },
);
const ports = [
  { name: 'http', protocol: 'TCP', port: 8080 },
  { name: 'grpc', protocol: 'TCP', port: 9443, appProtocol: 'kubernetes.io/h2c' },
];
const live = [
  web,
  slice('web', addresses(3), { ports }),
  slice('web', ['2001:db8::2'], { name: 'web-v6', addressType: 'IPv6', ports }),
];

const modes: Readonly<Record<string, object>> = {
  endpointslice: { labels: ['team'], createNamespace: true },
  externalname: { host: '{service}.{namespace}.example.com' },
  mcs: {},
  cilium: {},
  linkerd: {},
};

describe('what is rendered', () => {
  for (const [mode, more] of Object.entries(modes)) {
    test(`in mode ${mode}`, async () => {
      const world: MirrorsWorld = { live, rule: { mode, ...more } };
      const { merged } = await planMirrors(world);
      const files = Object.entries(merged).sort(([a], [b]) => (a < b ? -1 : 1));
      await assertGolden(`mirror-${mode}.yaml`, files.map(([path, text]) => `--- # ${path}\n${text}`).join(''));
    });
  }
});

test('a file gives a Service only where it holds one, for whoever records what was merged', async () => {
  const { merged, paths } = await planMirrors({ live });
  const given = paths.map((path) => {
    const parsed = parseMirror(Buffer.from(merged[`mirrors/${path}.yaml`] ?? ''));
    return [path, parsed.kind === 'rendered' ? mirrors.given?.(parsed.state).size : undefined];
  });
  assert.deepEqual(given, [
    ['prod/default/endpointslice.web-eu1-ipv4-0', 0],
    ['prod/default/endpointslice.web-eu1-ipv6-0', 0],
    ['prod/default/service.web', 1],
  ]);
});
