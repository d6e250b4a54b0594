import { classify } from '../../src/drift/classify.ts';
import type { BoundAccess, DriftedBinding, DriftResult } from '../../src/drift/result.ts';
import type { ComparedBinding } from '../../src/drift/sides.ts';
import type { Permission } from '../../src/model/access.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { compared, now, type Side, version, type Written } from './drift.ts';

interface Example extends Written {
  readonly namespace: string;
  readonly name: string;
  readonly sides: readonly [Side, Side, Side];
  /** Newest first, minutes ago. */
  readonly history?: readonly (readonly [number, 'ours' | 'theirs', Side])[];
  /** In the cluster it lets them do this instead. */
  readonly live?: Permission;
}

const day = 24 * 60;
const admin: Permission = { roleRef: { kind: 'ClusterRole', name: 'cluster-admin' } };
const secrets: Permission = {
  roleRef: { kind: 'Role', name: 'athenz-admins' },
  rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] }],
};

/** Each state, alone and with others, as classification gives it. */
const examples: readonly Example[] = [
  { namespace: 'checkout', name: 'athenz-admins-1', sides: ['ada', 'ada', 'ada eve'], written: 90 },
  { namespace: 'checkout', name: 'athenz-oncall-2', sides: ['bo', 'bo', 'bo'], roleWritten: 60, live: secrets },
  { namespace: 'checkout', name: 'athenz-view-3', sides: ['bo', 'bo', 'bo'], written: 30, live: admin },
  {
    namespace: 'labs',
    name: 'acme.eks.labs:role.old:members',
    sides: ['-', '-', 'gus hana'],
    owner: 'operator',
    written: 9 * day,
  },
  {
    namespace: 'labs',
    name: 'athenz-old-4',
    sides: ['-', '-', 'ivo'],
    history: [
      [day, 'ours', '-'],
      [9 * day, 'ours', 'ivo'],
    ],
  },
  {
    namespace: 'payments',
    name: 'athenz-admins-5',
    sides: ['ada', 'ada', '-'],
    history: [
      [day, 'ours', 'ada'],
      [2 * day, 'ours', '-'],
    ],
  },
  { namespace: 'payments', name: 'athenz-view-6', sides: ['ada', 'ada', '-'], namespaceAbsent: true },
  {
    namespace: 'search',
    name: 'athenz-admins-7',
    sides: ['dara', 'dara eve', 'dara eve'],
    history: [[day, 'theirs', 'dara eve']],
  },
  {
    namespace: 'search',
    name: 'athenz-oncall-8',
    sides: ['dara', 'dara', 'dara old'],
    history: [
      [5, 'ours', 'dara'],
      [day, 'ours', 'dara old'],
    ],
  },
  {
    namespace: 'search',
    name: 'athenz-view-9',
    sides: ['dara nell', 'dara', 'dara'],
    history: [[day, 'ours', 'dara']],
  },
  {
    namespace: 'search',
    name: 'athenz-work-10',
    sides: ['ada bob', 'ada', 'ada eve'],
    history: [[day, 'ours', 'ada']],
    written: 5,
  },
  {
    namespace: 'web',
    name: 'athenz-admins-11',
    sides: ['?', 'ada', 'ada eve'],
    history: [[day, 'ours', 'ada']],
    written: 5,
  },
  { namespace: 'web', name: 'athenz-view-12', sides: ['ada', '?', 'eve'], written: 5 },
  { namespace: 'web', name: 'athenz-work-13', sides: ['ada bob', 'ada', '?'], history: [[day, 'ours', 'ada']] },
];

function drifted({ namespace, name, sides, history = [], live, ...more }: Example): DriftedBinding {
  const binding = compared(...sides, more);
  const changed: ComparedBinding = live === undefined ? binding : { ...binding, live: permitting(binding.live, live) };
  return { ...classify(changed, new Map([['f.yaml', history.map(version)]]), now), namespace, name };
}

function permitting(side: Outcome<BoundAccess>, permission: Permission): Outcome<BoundAccess> {
  return side.kind === 'value' ? { kind: 'value', value: { ...side.value, permission } } : side;
}

/** What a run of drift may find on a bad day: every state, something unread and a probe that disagrees. */
export function busyDrift(): DriftResult {
  return {
    format: 'athenz-gitops drift 1',
    exitCode: 3,
    polledAt: new Date(now).toISOString(),
    base: { branch: 'main', commit: '41b548d33424c425e75416688f1a72d9a159b3d1' },
    requests: { zms: 8, cluster: 13 },
    clusters: [
      {
        cluster: 'prod',
        context: 'gke-prod',
        server: 'https://10.0.0.1:6443',
        uid: '6d3c1c62-9b6e-4a2f-8c63-0f6a4e1d2b3c',
        namespaces: 5,
        bindings: 40,
        inSync: 29,
      },
    ],
    bindings: examples.map(drifted),
    unread: [
      {
        cluster: 'prod',
        namespace: 'web',
        problem: { code: 'ZMS_UNAVAILABLE', message: 'reading the document of acme.eks.web: 503', next: 'try again' },
      },
      { cluster: 'stage', problem: { code: 'CLUSTER_UNREACHABLE', message: 'https://10.0.0.2: ECONNREFUSED' } },
    ],
    probe: {
      grants: 11,
      nonGrants: 12,
      skipped: 1,
      disagreements: [
        {
          cluster: 'prod',
          namespace: 'search',
          subject: { kind: 'User', name: 'user.lena' },
          request: 'get pods',
          expected: false,
          allowed: true,
          reason:
            'RBAC: allowed by ClusterRoleBinding "break-glass" of ClusterRole "cluster-admin" to User "user.lena"',
        },
        {
          cluster: 'prod',
          namespace: 'search',
          subject: { kind: 'ServiceAccount', namespace: 'tools', name: 'bot' },
          request: 'get secrets',
          expected: true,
          allowed: false,
          reason: '',
        },
      ],
    },
  };
}
