import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import {
  addresses,
  type LiveObject,
  type MirrorsWorld,
  type PlannedMirrors,
  planMirrors,
  service,
  slice,
} from '../../support/mirrors.ts';

const web = 'prod/default/service.web';
const webSlice = 'prod/default/endpointslice.web-eu1-ipv4-0';

/** An object of the merged tree. */
// biome-ignore lint/suspicious/noExplicitAny: whatever the file has
function read({ merged }: PlannedMirrors, path: string): any {
  return parse(merged[`mirrors/${path}.yaml`] ?? assert.fail(`there is no ${path}`));
}

function addressesIn(planned: PlannedMirrors, path = webSlice): readonly string[] {
  return read(planned, path).endpoints.flatMap((it: { addresses: readonly string[] }) => it.addresses);
}

interface Case {
  readonly what: string;
  readonly given: MirrorsWorld;
  readonly paths: readonly string[];
  /** By path: what is in the object, and maybe more. */
  readonly has?: Readonly<Record<string, object>>;
  readonly codes?: readonly string[];
  /** In what is held, kept or left out. */
  readonly message?: RegExp;
}

const unready = (address: string) => ({ addresses: [address], conditions: { ready: false } });
const dns = [
  { name: 'dns-udp', protocol: 'UDP', port: 53, targetPort: 'dns-udp' },
  { name: 'dns', protocol: 'TCP', port: 53, targetPort: 'dns' },
  { name: 'sig', protocol: 'SCTP', port: 132 },
];
const world = (spec: object, slices: readonly LiveObject[], more: Partial<MirrorsWorld> = {}): MirrorsWorld => ({
  live: [service('web', spec), ...slices],
  ...more,
});
const two = [slice('web', ['10.0.0.1', '10.0.0.2'])];

const cases: readonly Case[] = [
  {
    what: 'S1: endpoints listen on the port that the source resolved, not on that of the Service',
    given: world({}, two),
    paths: [webSlice, web],
    has: {
      [web]: { spec: { ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }], type: 'ClusterIP' } },
      [webSlice]: { ports: [{ name: 'http', port: 8080, protocol: 'TCP' }], endpoints: ready('10.0.0.1', '10.0.0.2') },
    },
  },
  {
    what: 'S2: only an endpoint that is ready',
    given: world({}, [slice('web', ['10.0.0.1', unready('10.0.0.2')])]),
    paths: [webSlice, web],
    has: { [webSlice]: { endpoints: ready('10.0.0.1') } },
  },
  {
    what: 'S3: all endpoints of a Service that publishes those that are not ready',
    given: world({ publishNotReadyAddresses: true }, [slice('web', ['10.0.0.1', unready('10.0.0.2')])]),
    paths: [webSlice, web],
    has: { [webSlice]: { endpoints: ready('10.0.0.1', '10.0.0.2') } },
  },
  {
    what: 'S4: an endpoint that does not say so is ready, one that terminates is not',
    given: world({}, [
      slice('web', [
        { addresses: ['10.0.0.1'] },
        { addresses: ['10.0.0.2'], conditions: { ready: null } },
        { addresses: ['10.0.0.3'], conditions: { ready: true, serving: true, terminating: true } },
      ]),
    ]),
    paths: [webSlice, web],
    has: { [webSlice]: { endpoints: ready('10.0.0.1', '10.0.0.2') } },
  },
  {
    what: 'S5: several ports, each by its name; one that the Service does not have is left out',
    given: world(
      {
        ports: [
          { name: 'metrics', port: 9090 },
          { name: 'http', port: 80, targetPort: 'web' },
        ],
      },
      [
        slice('web', ['10.0.0.1'], {
          ports: [
            { name: 'metrics', protocol: 'TCP', port: 9100 },
            { name: 'admin', protocol: 'TCP', port: 1 },
            { name: 'http', protocol: 'TCP', port: 8080, appProtocol: 'h2c' },
          ],
        }),
      ],
    ),
    paths: [webSlice, web],
    has: {
      [webSlice]: {
        ports: [
          { appProtocol: 'h2c', name: 'http', port: 8080, protocol: 'TCP' },
          { name: 'metrics', port: 9100, protocol: 'TCP' },
        ],
      },
    },
  },
  {
    what: 'S6: TCP and UDP of one number, and SCTP',
    given: world({ ports: dns }, [
      slice('web', ['10.0.0.1'], {
        ports: dns.map(({ name, protocol, port }) => ({ name, protocol, port: port + 1000 })),
      }),
    ]),
    paths: [webSlice, web],
    has: {
      [web]: {
        spec: {
          ports: [
            { name: 'dns-udp', port: 53, protocol: 'UDP', targetPort: 'dns-udp' },
            { name: 'dns', port: 53, protocol: 'TCP', targetPort: 'dns' },
            { name: 'sig', port: 132, protocol: 'SCTP' },
          ],
          type: 'ClusterIP',
        },
      },
      [webSlice]: {
        ports: [
          { name: 'dns', port: 1053, protocol: 'TCP' },
          { name: 'dns-udp', port: 1053, protocol: 'UDP' },
          { name: 'sig', port: 1132, protocol: 'SCTP' },
        ],
      },
    },
  },
  {
    what: 'S7: a named port that Pods resolve differently is a slice for each',
    given: world({}, [
      slice('web', ['10.0.0.1'], { name: 'a' }),
      slice('web', ['10.0.0.2'], { name: 'b', ports: [{ name: 'http', protocol: 'TCP', port: 9090 }] }),
    ]),
    paths: [webSlice, 'prod/default/endpointslice.web-eu1-ipv4-b1242efc9242b743-0', web],
    has: {
      [webSlice]: { ports: [{ name: 'http', port: 8080, protocol: 'TCP' }], endpoints: ready('10.0.0.1') },
    },
  },
  {
    what: 'S8: a headless Service, with host names',
    given: world({ clusterIP: 'None' }, [slice('web', [{ addresses: ['10.0.0.1'], hostname: 'web-0' }])]),
    paths: [webSlice, web],
    has: {
      [web]: {
        spec: {
          clusterIP: 'None',
          ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }],
          type: 'ClusterIP',
        },
      },
      [webSlice]: { endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true }, hostname: 'web-0' }] },
    },
  },
  {
    what: 'S9: an ExternalName Service, without slices',
    given: world({ type: 'ExternalName', externalName: 'db.example.com', ports: undefined, clusterIP: undefined }, []),
    paths: [web],
    has: { [web]: { spec: { externalName: 'db.example.com', type: 'ExternalName' } } },
  },
  {
    what: 'S9: an ExternalName of the cluster itself is held',
    given: world({ type: 'ExternalName', externalName: 'x.default.svc.cluster.local', ports: undefined }, []),
    paths: [],
    codes: ['MIRROR_EXTERNAL_NAME'],
    message: /default\/web of eu1 has an externalName .* it must not be a name of the cluster itself/,
  },
  {
    what: 'S10: a LoadBalancer becomes a ClusterIP',
    given: world(
      {
        type: 'LoadBalancer',
        ports: [{ name: 'http', port: 80, nodePort: 30080, targetPort: 8080 }],
        externalTrafficPolicy: 'Local',
        healthCheckNodePort: 30090,
        loadBalancerIP: '192.0.2.1',
        allocateLoadBalancerNodePorts: true,
        sessionAffinity: 'ClientIP',
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 600 } },
      },
      two,
    ),
    paths: [webSlice, web],
    has: {
      [web]: {
        spec: {
          ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }],
          sessionAffinity: 'ClientIP',
          sessionAffinityConfig: { clientIP: { timeoutSeconds: 600 } },
          type: 'ClusterIP',
        },
      },
    },
  },
  {
    what: 'S13: no ready endpoint is a slice without any',
    given: world({}, [slice('web', [unready('10.0.0.1')])]),
    paths: [webSlice, web],
    has: { [webSlice]: { endpoints: [], ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] } },
  },
  {
    what: 'S14: a Service of others in the destination is not touched',
    given: world({}, two, { there: [service('web', {}, { labels: {} })] }),
    paths: [],
    codes: ['MIRROR_FOREIGN'],
    message: /default\/web of eu1: prod has a Service default\/web of others$/,
  },
  {
    what: 'S14: one that a selector fills is of others, whatever its labels say',
    given: world({}, two, { there: [service('web', {}, { labels: { sync: 'true-external' } })] }),
    paths: [],
    codes: ['MIRROR_FOREIGN'],
  },
  {
    what: 'S14: what k8s-svc-sync made is handed over',
    given: world({}, two, { there: [service('web', { selector: undefined }, { labels: { sync: 'true-external' } })] }),
    paths: [webSlice, web],
  },
  {
    what: 'S15: both families are slices of their own',
    given: world({ ipFamilies: ['IPv6', 'IPv4'], ipFamilyPolicy: 'RequireDualStack' }, [
      ...two,
      slice('web', ['2001:DB8:0:0::1'], { name: 'v6', addressType: 'IPv6' }),
    ]),
    paths: [webSlice, 'prod/default/endpointslice.web-eu1-ipv6-0', web],
    has: {
      'prod/default/endpointslice.web-eu1-ipv6-0': { addressType: 'IPv6', endpoints: ready('2001:db8::1') },
      [web]: {
        spec: {
          ipFamilyPolicy: 'PreferDualStack',
          ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }],
          type: 'ClusterIP',
        },
      },
    },
  },
  {
    what: 'S15: one family is that one alone',
    given: world({ ipFamilies: ['IPv4'] }, two),
    paths: [webSlice, web],
    has: {
      [web]: {
        spec: {
          ipFamilies: ['IPv4'],
          ipFamilyPolicy: 'SingleStack',
          ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }],
          type: 'ClusterIP',
        },
      },
    },
  },
  {
    what: 'S21: a Service without ports, with a default',
    given: world({ ports: [], clusterIP: 'None' }, [slice('web', ['10.0.0.1'], { ports: [] })], {
      rule: { ports: { default: 8080 } },
    }),
    paths: [webSlice, web],
    has: { [webSlice]: { ports: [{ port: 8080, protocol: 'TCP' }], endpoints: ready('10.0.0.1') } },
  },
  {
    what: 'S21: a Service without ports, and no default',
    given: world({ ports: [], clusterIP: 'None' }, [slice('web', ['10.0.0.1'], { ports: [] })]),
    paths: [],
    message: /default\/web of eu1 has no port, and ports\.default is not set$/,
  },
  {
    what: 'S22: another selector throughout',
    given: {
      live: [
        service('web', {}, { labels: { sync: 'true' } }),
        service('api', {}, { labels: { team: 'a' } }),
        slice('api', ['10.0.0.1']),
        slice('web', ['10.0.0.2']),
      ],
      rule: { selector: 'team in (a, b), !legacy' },
    },
    paths: ['prod/default/endpointslice.api-eu1-ipv4-0', 'prod/default/service.api'],
  },
  ...['127.0.0.1', '169.254.1.1', '224.0.0.1', '0.0.0.0', '10.96.3.4'].map((address) => ({
    what: `S23: the endpoint ${address} is refused`,
    given: world({}, [slice('web', ['10.0.0.1', address])], { rule: { refuseCidrs: ['10.96.0.0/16'] } }),
    paths: [],
    codes: ['MIRROR_ADDRESS_REFUSED'],
  })),
  ...['::1', 'fe80::1', 'ff02::1', '::ffff:7f00:1'].map((address) => ({
    what: `S23: the endpoint ${address} is refused`,
    given: world({}, [slice('web', [address], { addressType: 'IPv6' })]),
    paths: [],
    codes: ['MIRROR_ADDRESS_REFUSED'],
  })),
  {
    what: 'S23: a slice of names is refused',
    given: world({}, [slice('web', ['a.example.com'], { addressType: 'FQDN' })]),
    paths: [],
    codes: ['MIRROR_ADDRESS_REFUSED'],
  },
  {
    what: 'S25: mode mcs exports in the source and imports in the destination, without addresses',
    given: world({}, two, { rule: { mode: 'mcs' } }),
    paths: ['eu1/default/serviceexport.web', 'prod/default/serviceimport.web'],
    has: {
      'prod/default/serviceimport.web': {
        spec: { ports: [{ name: 'http', port: 80, protocol: 'TCP' }], type: 'ClusterSetIP' },
      },
    },
  },
  {
    what: 'S25: mode mcs does not export an ExternalName',
    given: world({ type: 'ExternalName', externalName: 'db.example.com', ports: undefined }, [], {
      rule: { mode: 'mcs' },
    }),
    paths: [],
    codes: ['MIRROR_EXPORT_INVALID', 'MIRROR_EXPORT_INVALID'],
    message: /InvalidServiceType/,
  },
  {
    what: 'S25: mode cilium annotates a Service, without addresses',
    given: world({}, two, { rule: { mode: 'cilium' } }),
    paths: [web],
    message: /lacks the annotation service\.cilium\.io\/global/,
  },
  {
    what: 'S25: mode linkerd labels the Service of the source, without addresses',
    given: world({}, two, { rule: { mode: 'linkerd' } }),
    paths: ['eu1/default/service.web'],
    has: {
      'eu1/default/service.web': {
        metadata: {
          annotations: {
            'argocd.argoproj.io/sync-options': 'Prune=false,ServerSideApply=true',
            'kustomize.toolkit.fluxcd.io/prune': 'disabled',
            'kustomize.toolkit.fluxcd.io/ssa': 'Merge',
          },
          labels: { 'mirror.linkerd.io/exported': 'true' },
          name: 'web',
          namespace: 'default',
        },
      },
    },
  },
  {
    what: 'mode externalname leads to a host',
    given: world({}, two, { rule: { mode: 'externalname', host: '{service}.{namespace}.{source}.example.com' } }),
    paths: [web],
    has: {
      [web]: {
        spec: {
          externalName: 'web.default.eu1.example.com',
          ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }],
          type: 'ExternalName',
        },
      },
    },
  },
  {
    what: 'another namespace, which is created and never pruned',
    given: world({}, two, {
      rule: { destination: { cluster: 'prod', namespace: 'imported' }, createNamespace: true },
    }),
    paths: [
      'prod/imported/endpointslice.web-eu1-ipv4-0',
      'prod/imported/namespace.imported',
      'prod/imported/service.web',
    ],
    has: {
      'prod/imported/namespace.imported': {
        metadata: {
          annotations: {
            'argocd.argoproj.io/sync-options': 'Prune=false',
            'kustomize.toolkit.fluxcd.io/prune': 'disabled',
          },
          labels: { 'app.kubernetes.io/managed-by': 'athenz-gitops' },
          name: 'imported',
        },
      },
    },
  },
  {
    what: 'a namespace that the destination does not have holds its Services',
    given: world({}, two, { rule: { destination: { cluster: 'prod', namespace: 'nope' } } }),
    paths: [],
    codes: ['MIRROR_NAMESPACE_UNKNOWN'],
  },
  {
    what: 'two rules that claim one Service are both held, and named',
    given: {
      live: [service('web'), service('web', {}, { namespace: 'team' }), ...two],
      rules: [
        { source: { cluster: 'eu1', namespaces: ['default'] }, destination: { cluster: 'prod' } },
        {
          source: { cluster: 'eu1', namespaces: ['team'] },
          destination: { cluster: 'prod', namespace: 'default' },
        },
      ],
    },
    paths: [],
    codes: ['MIRROR_CONFLICT'],
    message:
      /^mirrors\.services\[0\] \(default\/web of eu1\) and mirrors\.services\[1\] \(team\/web of eu1\) would both be service\/web in default of prod$/,
  },
  {
    what: 'what is a mirror itself is not mirrored back',
    given: {
      live: [service('web', {}, { annotations: { 'athenz-gitops.io/source-object': 'default/web' } }), ...two],
    },
    paths: [],
    message: /is a mirror itself$/,
  },
  {
    what: 'from files, where no cluster is asked',
    given: {
      files: { 'dump/a.yaml': JSON.stringify({ kind: 'List', apiVersion: 'v1', items: [service('web'), ...two] }) },
      fails: () => assert.fail('a cluster was asked'),
      rule: {
        source: { name: 'eu1', files: ['dump/*.yaml'] },
        destination: { cluster: 'prod', verify: false },
      },
    },
    paths: [webSlice, web],
  },
  {
    what: 'from Endpoints, where the API server has no EndpointSlices',
    given: {
      live: [
        service('web'),
        {
          kind: 'Endpoints',
          apiVersion: 'v1',
          metadata: { name: 'web', namespace: 'default' },
          subsets: [
            {
              addresses: [{ ip: '10.0.0.1' }, { ip: '2001:db8::1' }],
              notReadyAddresses: [{ ip: '10.0.0.2' }],
              ports: [{ name: 'http', port: 8080 }],
            },
          ],
        },
      ],
      fails: (_, { kind }) => (kind === 'EndpointSlice' ? 'CLUSTER_KIND_MISSING' : undefined),
    },
    paths: [webSlice, 'prod/default/endpointslice.web-eu1-ipv6-0', web],
    has: { [webSlice]: { endpoints: ready('10.0.0.1') } },
  },
];

function ready(...list: readonly string[]): readonly object[] {
  return list.map((address) => ({ addresses: [address], conditions: { ready: true } }));
}

describe('a mirrored Service', () => {
  for (const { what, given, paths, has = {}, codes = [], message } of cases) {
    test(what, async () => {
      const planned = await planMirrors(given);
      assert.deepEqual(planned.paths, [...paths].sort());
      assert.deepEqual(planned.codes, codes);
      for (const [path, fields] of Object.entries(has)) {
        const object = read(planned, path);
        for (const [key, value] of Object.entries(fields)) assert.deepEqual(object[key], value, `${path}: ${key}`);
      }
      if (message !== undefined)
        assert.ok(
          planned.messages.some((it) => message.test(it)),
          planned.messages.join('\n'),
        );
      assert.deepEqual((await planMirrors({ ...given, files: planned.merged })).plan.files, []);
    });
  }
});

const both = [service('web'), service('api'), ...two, slice('api', ['10.0.1.1'])];
const forbidden = (kind: string): Partial<MirrorsWorld> => ({
  fails: (cluster, query) => (cluster === 'eu1' && query.kind === kind ? 'CLUSTER_FORBIDDEN' : undefined),
});

/** What a run changes, by path; with what happened to each. */
function changedFiles({ plan }: PlannedMirrors): readonly string[] {
  return plan.files.map(({ path, before, after }) => `${before ? (after ? '~' : '-') : '+'} ${path.slice(8, -5)}`);
}

describe('a mirrored Service, once it is merged', () => {
  for (const [what, live] of [
    ['S11: whose label is removed', [both[0], service('api', {}, { labels: {} }), ...both.slice(2)]],
    ['S11: that is deleted', [both[0], ...both.slice(2)]],
  ] as const) {
    test(`${what} goes with its slices, at once`, async () => {
      const { merged } = await planMirrors({ live: both });
      const after = await planMirrors({ live: live as readonly LiveObject[], files: merged });
      assert.deepEqual(changedFiles(after), [
        '- prod/default/endpointslice.api-eu1-ipv4-0',
        '- prod/default/service.api',
      ]);
      const addresses = { added: 0, removed: 1, total: 0 };
      assert.partialDeepStrictEqual(after.plan.changes, [
        { effect: 'remove', detail: { object: 'service/api', reason: 'not-selected', addresses } },
      ]);
      assert.equal(after.plan.changes.length, 1);
    });
  }

  test('S12: goes as the last one too, when an empty list says so', async () => {
    const { merged } = await planMirrors(world({}, two));
    const after = await planMirrors({ files: merged });
    assert.deepEqual(after.paths, []);
    assert.ok(after.merged['mirrors/prod/athenz-gitops-mirrors.yaml']);
  });

  for (const kind of ['Service', 'EndpointSlice']) {
    for (const code of ['CLUSTER_UNAVAILABLE', 'CLUSTER_FORBIDDEN', 'CLUSTER_EXPIRED'] as const) {
      test(`S12: stays as it is while ${kind}s cannot be listed: ${code}`, async () => {
        const { merged } = await planMirrors(world({}, two));
        const after = await planMirrors({
          files: merged,
          live: [service('web', { ports: [{ name: 'http', port: 81 }] })],
          fails: (cluster, query) => (cluster === 'eu1' && query.kind === kind ? code : undefined),
        });
        assert.deepEqual([after.plan.files, after.plan.changes], [[], []]);
        assert.deepEqual(after.codes, [code]);
      });
    }
  }

  test('S12: a new one waits for its slices', async () => {
    const { paths, codes } = await planMirrors({ live: both, ...forbidden('EndpointSlice') });
    assert.deepEqual([paths, new Set(codes)], [[], new Set(['CLUSTER_FORBIDDEN'])]);
  });

  test('S13: without a ready endpoint has none, or keeps what it has', async () => {
    const { merged } = await planMirrors(world({}, two));
    const none = world({}, [slice('web', [unready('10.0.0.1')])], { files: merged });
    assert.deepEqual(addressesIn(await planMirrors(none)), []);
    const kept = await planMirrors({ ...none, rule: { onZeroReady: 'keep' } });
    assert.deepEqual([kept.plan.files, kept.codes], [[], []]);
    assert.match(kept.messages.join('\n'), /has no ready endpoint: the addresses that are there stay/);
    const moved = world({ sessionAffinity: 'ClientIP' }, [], { files: merged, rule: { onZeroReady: 'keep' } });
    assert.deepEqual(changedFiles(await planMirrors(moved)), [`~ ${web}`]);
  });

  test('S14: goes on while the destination cannot be read; a new one waits', async () => {
    const { merged } = await planMirrors(world({}, two));
    const after = await planMirrors({
      files: merged,
      live: [service('web'), slice('web', ['10.0.0.3']), service('api'), slice('api', ['10.0.1.1'])],
      fails: (cluster) => (cluster === 'prod' ? 'CLUSTER_TIMEOUT' : undefined),
    });
    assert.deepEqual(changedFiles(after), [`~ ${webSlice}`]);
    assert.deepEqual(after.codes, ['CLUSTER_TIMEOUT']);
  });

  test('S14: stays where others took its place in the destination', async () => {
    const { merged } = await planMirrors(world({}, two));
    const there = [service('web', {}, { labels: {} })];
    const after = await planMirrors(world({}, [slice('web', ['10.0.0.3'])], { files: merged, there }));
    assert.deepEqual([after.plan.files, after.codes], [[], ['MIRROR_FOREIGN']]);
  });

  test('S16: has 250 endpoints in four sorted slices, and one in place of another changes two at most', async () => {
    const list = addresses(250);
    const planned = await planMirrors(world({}, [slice('web', list)]));
    const slices = planned.paths.filter((path) => path.includes('endpointslice'));
    assert.equal(slices.length, 4);
    const numberOf = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    for (const path of slices) {
      const found = addressesIn(planned, path);
      assert.ok(found.length > 0 && found.length <= 100);
      assert.deepEqual(
        found,
        found.toSorted((a, b) => numberOf(a) - numberOf(b)),
      );
    }
    const replaced = [...list.slice(1), '10.9.9.9'];
    const after = await planMirrors(world({}, [slice('web', replaced)], { files: planned.merged }));
    assert.ok(after.plan.files.length <= 2);
    assert.partialDeepStrictEqual(after.plan.changes, [
      { detail: { addresses: { added: 1, removed: 1, total: 250 } } },
    ]);
  });

  test('S17: does not change with the order of slices and endpoints', async () => {
    const list = addresses(30);
    const first = [slice('web', list.slice(0, 20), { name: 'a' }), slice('web', list.slice(10), { name: 'b' })];
    const { merged } = await planMirrors(world({}, first));
    const second = [slice('web', list.slice(5).toReversed(), { name: 'c' }), slice('web', list.slice(0, 9))];
    assert.deepEqual((await planMirrors(world({}, second, { files: merged }))).plan.files, []);
  });

  test('S19: changes with a port, though its addresses are the same', async () => {
    const { merged } = await planMirrors(world({}, two));
    const ports = [{ name: 'web', protocol: 'TCP', port: 8080 }];
    const after = await planMirrors(
      world({ ports: [{ name: 'web', port: 80 }] }, [slice('web', ['10.0.0.1', '10.0.0.2'], { ports })], {
        files: merged,
      }),
    );
    assert.deepEqual(changedFiles(after), [`~ ${webSlice}`, `~ ${web}`]);
    assert.partialDeepStrictEqual(after.plan.changes, [
      {
        effect: 'modify',
        detail: {
          was: 'ClusterIP http 80/TCP',
          is: 'ClusterIP web 80/TCP',
          targets: { before: 'http 8080/TCP', after: 'web 8080/TCP' },
          addresses: { added: 0, removed: 0, total: 2 },
        },
      },
    ]);
  });

  test('S24: has nothing that is of its source alone', async () => {
    const annotations = { 'service.kubernetes.io/topology-mode': 'Auto', 'example.com/secret': 'x' };
    const labels = { sync: 'true', team: 'a', 'app.kubernetes.io/managed-by': 'Helm' };
    const endpoint = {
      addresses: ['10.0.0.1'],
      conditions: { ready: true },
      nodeName: 'node-1',
      zone: 'zone-a',
      hints: { forZones: [{ name: 'zone-a' }] },
      targetRef: { kind: 'Pod', name: 'web-0', uid: 'u' },
      deprecatedTopology: { rack: 'r' },
      hostname: 'web-0',
    };
    const spec = { internalTrafficPolicy: 'Local', trafficDistribution: 'PreferClose', externalIPs: ['192.0.2.7'] };
    const planned = await planMirrors({
      live: [
        { ...service('web', spec, { labels, annotations }), status: { loadBalancer: {} } },
        slice('web', [endpoint]),
      ],
      rule: { labels: ['team', 'absent', 'app.kubernetes.io/managed-by'] },
    });
    assert.deepEqual(read(planned, web), {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        annotations: { 'athenz-gitops.io/source-object': 'default/web' },
        labels: {
          'app.kubernetes.io/managed-by': 'athenz-gitops',
          'multicluster.kubernetes.io/source-cluster': 'eu1',
          sync: 'true-external',
          team: 'a',
        },
        name: 'web',
        namespace: 'default',
      },
      spec: { ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }], type: 'ClusterIP' },
    });
    assert.deepEqual(read(planned, webSlice).endpoints, ready('10.0.0.1'));
  });

  for (const mode of ['mcs', 'cilium', 'linkerd', 'externalname']) {
    test(`S25: has no address in git in mode ${mode}`, async () => {
      const host = mode === 'externalname' ? { host: 'x.example.com' } : {};
      const { merged } = await planMirrors(world({}, two, { rule: { mode, ...host } }));
      assert.doesNotMatch(Object.values(merged).join('\n'), /10\.0\.0|10\.96/);
    });
  }

  test('goes when its rule goes, and its folder stays', async () => {
    const { merged } = await planMirrors(world({}, two));
    const after = await planMirrors({ files: merged, rules: [] });
    assert.deepEqual(after.paths, []);
    assert.ok(after.merged['mirrors/prod/athenz-gitops-mirrors.yaml']);
    assert.partialDeepStrictEqual(after.plan.changes, [{ detail: { reason: 'rule-removed' } }]);
  });

  test('goes with many others only within the limits', async () => {
    const live = Array.from({ length: 20 }, (_, index) => service(`web-${index}`));
    const { merged } = await planMirrors({ live });
    const after = await planMirrors({ files: merged });
    assert.deepEqual([after.plan.files, new Set(after.codes)], [[], new Set(['LIMIT_REMOVED'])]);
    assert.equal(
      (await planMirrors({ files: merged, config: { limits: { maxRemovedServices: null } } })).paths.length,
      0,
    );
  });

  test('without its Service any more, leaves slices that no limit holds; and is new when it comes again', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `web${index}`);
    const live = names.flatMap((name) => [service(name), slice(name, addresses(2))]);
    const { merged } = await planMirrors({ live });
    const files = Object.fromEntries(Object.entries(merged).filter(([path]) => !path.includes('/service.')));
    const gone = await planMirrors({ files });
    assert.deepEqual([gone.codes, gone.paths], [[], []]);
    assert.deepEqual(
      gone.plan.totals.find(({ cluster }) => cluster === 'prod'),
      { cluster: 'prod', units: 0, before: 0, after: 0 },
    );
    const limits = { maxAddedServices: { percent: 20, floor: 10 } };
    const many = await planMirrors({ files, live, config: { limits } });
    assert.deepEqual(new Set(many.codes), new Set(['LIMIT_ADDED']));
    const other = names.flatMap((name) => [
      service(name),
      slice(name, ['192.0.2.1'], { ports: [{ name: 'http', port: 81 }] }),
    ]);
    const again = await planMirrors({ files, live: other });
    assert.equal(again.plan.changes.filter(({ effect }) => effect === 'add').length, 12);
    assert.doesNotMatch(Object.values(again.merged).join(), /10\.0\.0/);
  });

  test('is not taken from a source that may still have it', async () => {
    const rules = (cluster: string) => [
      { source: { cluster: 'eu1', namespaces: ['default'] }, destination: { cluster: 'prod' } },
      { source: { name: 'dump', files: [`${cluster}/*.yaml`] }, destination: { cluster: 'prod' } },
    ];
    const dump = { 'dump/web.yaml': JSON.stringify(service('web')), 'none/x.yaml': '{}' };
    const { merged } = await planMirrors({ ...world({}, two), rules: rules('none'), files: dump });
    const after = await planMirrors({ rules: rules('dump'), files: merged, ...forbidden('Service') });
    assert.deepEqual([after.plan.files, after.codes.toSorted()], [[], ['CLUSTER_FORBIDDEN', 'MIRROR_CONFLICT']]);
  });

  test('stays while a file of its source cannot be read, or is not there', async () => {
    const rule = { source: { name: 'dump', files: ['dump/*.yaml'] }, destination: { cluster: 'prod', verify: false } };
    const { merged } = await planMirrors({ rule, files: { 'dump/web.yaml': JSON.stringify(service('web')) } });
    const { 'dump/web.yaml': _, ...removed } = merged;
    for (const files of [removed, { ...merged, 'dump/web.yaml': '{' }, { ...removed, 'dump/other.yaml': ': :' }]) {
      const after = await planMirrors({ rule, files });
      assert.deepEqual([after.plan.files, after.codes], [[], ['MIRROR_SOURCE_UNREADABLE']]);
    }
  });

  test('leaves a file of others at its path alone', async () => {
    const files = { [`mirrors/${web}.yaml`]: 'mine: true\n' };
    const { plan, codes } = await planMirrors(world({}, two, { files }));
    assert.deepEqual(codes, ['OUTPUT_FOREIGN']);
    assert.ok(plan.files.every(({ path }) => path.endsWith('athenz-gitops-mirrors.yaml')));
  });

  test('is not removed while the inventory of its cluster is incomplete', async () => {
    const { merged } = await planMirrors(world({}, two));
    assert.deepEqual((await planMirrors({ files: merged, incomplete: true })).plan.files, []);
  });
});
