import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readExpanded, serverExpansion } from '../../support/expanded.ts';
import {
  oracleSubjects,
  type RecordedDomain,
  type RecordedMember,
  type RecordedRole,
  type Recording,
  readRecording,
} from '../../support/oracle.ts';

const recording = readRecording(join(import.meta.dirname, '../../data/acme'));
const at = recording.takenAt;
const roles = ['k8s_ns_admins', 'k8s_ns_viewers', 'oncall'];
const domainOf = (namespace: string) => `acme.eks.${namespace}`;

/** Around each expiry in the recording: 2025-03-01 and 2027-06-30 noon. */
const instants = [
  '2025-02-28T23:59:59.999Z',
  '2025-03-01T00:00:00.000Z',
  at.toISOString(),
  '2027-06-30T11:59:59.999Z',
  '2027-06-30T12:00:00.000Z',
  '2027-06-30T12:00:00.001Z',
];

describe('oracle and server expansion', () => {
  for (const instant of instants) {
    test(`agree on every recorded role at ${instant}`, () => {
      let compared = 0;
      for (const role of roles) {
        const oracle = oracleSubjects(recording, { at: new Date(instant), domainOf, role, services: 'skip' });
        assert.deepEqual([...oracle.keys()], recording.namespaces);
        for (const namespace of recording.namespaces) {
          if (!existsSync(join(recording.dir, 'expanded', `${domainOf(namespace)}.${role}.json`))) continue;
          const server = serverExpansion(recording, namespace, role, new Date(instant));
          assert.deepEqual(oracle.get(namespace), server ?? [], `${namespace} ${role}`);
          compared += 1;
        }
      }
      assert.equal(compared, 120);
    });
  }

  test('the oracle drops ineffective oncall members', () => {
    const oncall = oracleSubjects(recording, { at, domainOf, role: 'oncall', services: 'skip' });
    assert.deepEqual(oncall.get('ml-report'), ['user.dara_2', 'user.june_1'], 'user.dara is suspended');
    assert.deepEqual(oncall.get('mobile-ledger'), ['user.omar_3'], 'the other two have expired');
    assert.deepEqual(oncall.get('growth-chat'), [], 'no such role');
    assert.deepEqual(oncall.get('search-core'), [], 'disabled domain');
    assert.deepEqual(oncall.get('ml-web-2'), ['user.eva_2', 'user.hana_5', 'user.pia_6']);
  });

  test('user.mallory is recorded but never resolved', () => {
    const domains = [...recording.domains.values()].filter((domain) =>
      JSON.stringify(domain).includes('"user.mallory"'),
    );
    assert.deepEqual(domains.map((domain) => domain.name).sort(), [
      'acme.eks.payments-web.ml-api',
      'acme.eks2.identity-batch',
    ]);
    for (const role of roles) {
      for (const users of oracleSubjects(recording, { at, domainOf, role, services: 'User' }).values()) {
        assert.ok(!users.includes('user.mallory'));
      }
    }
  });

  test('services are resolved with services: User', () => {
    const options = { at, domainOf, role: 'k8s_ns_viewers' };
    const skipped = oracleSubjects(recording, { ...options, services: 'skip' });
    const counted = oracleSubjects(recording, { ...options, services: 'User' });
    const added = new Map<string, string[]>();
    for (const [namespace, users] of counted) {
      const more = users.filter((name) => !skipped.get(namespace)?.includes(name));
      if (more.length > 0) added.set(namespace, more);
    }
    assert.deepEqual(Object.fromEntries(added), {
      'growth-api-2': ['acme.platform.monitor'],
      'growth-chat': ['acme.platform.deployer'],
      'growth-geo': ['acme.platform.deployer'],
      'growth-geo-1': ['acme.platform.monitor'],
      'ml-index': ['acme.platform.deployer'],
      'payments-chat-1': ['acme.platform.deployer'],
      'payments-geo-2': ['acme.platform.monitor'],
      'payments-mail': ['acme.platform.deployer'],
    });
  });
});

describe('the recording covers every special case', () => {
  const rows: { readonly domain: RecordedDomain; readonly role: RecordedRole; readonly member: RecordedMember }[] = [];
  const delegated: RecordedRole[] = [];
  let missing = 0;
  for (const namespace of recording.namespaces) {
    const domain = recording.domains.get(domainOf(namespace));
    assert.ok(domain, namespace);
    for (const name of ['k8s_ns_admins', 'k8s_ns_viewers']) {
      const role = domain.roles?.find((candidate) => candidate.name === `${domain.name}:role.${name}`);
      if (!role) missing += 1;
      if (role?.trust) delegated.push(role);
      if (role) for (const member of role.roleMembers ?? []) rows.push({ domain, role, member });
    }
  }
  const groups = new Map([...recording.domains.values()].flatMap((d) => d.groups ?? []).map((g) => [g.name, g]));
  const platform = recording.domains.get('acme.platform');
  const assumable = (platform?.policies?.contents.policies ?? []).flatMap((policy) => policy.assertions ?? []);
  const isGroup = ({ memberName }: RecordedMember) => groups.has(memberName);
  const expired = (member: RecordedMember) => Boolean(member.expiration && new Date(member.expiration) <= at);
  const assertionsFor = (role: RecordedRole) => assumable.filter((assertion) => assertion.resource === role.name);
  const rowsOf = (name: string) => groups.get(name)?.groupMembers ?? [];
  const disabled = recording.list.filter((entry) => entry.enabled === false).map((entry) => entry.name);

  const counts: Record<string, number> = {
    'expired direct member': rows.filter(({ member }) => !isGroup(member) && expired(member)).length,
    'suspended direct member': rows.filter(({ member }) => member.systemDisabled).length,
    'membership that expires later': rows.filter(({ member }) => member.expiration && !expired(member)).length,
    'effective group in a role': rows.filter(({ member }) => isGroup(member) && !expired(member)).length,
    'expired group in a role': rows.filter(({ member }) => isGroup(member) && expired(member)).length,
    'expired member of a group': [...groups.keys()].flatMap(rowsOf).filter(expired).length,
    'suspended member of a group': [...groups.keys()].flatMap(rowsOf).filter((row) => row.systemDisabled).length,
    'empty group in a role': rows.filter(({ member }) => isGroup(member) && rowsOf(member.memberName).length === 0)
      .length,
    'delegated role with a policy': delegated.filter((role) => assertionsFor(role).length > 0).length,
    'delegated role without a policy': delegated.filter((role) => assertionsFor(role).length === 0).length,
    'delegated role with two assertions': delegated.filter((role) => assertionsFor(role).length > 1).length,
    'group in a trusted role': delegated.filter((role) =>
      assertionsFor(role).some(({ role: assuming }) =>
        platform?.roles
          ?.find(({ name }) => name === assuming)
          ?.roleMembers?.some((member) => rowsOf(member.memberName)[0]),
      ),
    ).length,
    'missing role': missing,
    'disabled domain with unexpired members': disabled.filter((name) =>
      rows.some(({ domain, member }) => domain.name === name && !expired(member)),
    ).length,
    'wildcard member': rows.filter(({ member }) => member.memberName.includes('*')).length,
    'service member': rows.filter(({ member }) => member.memberName.startsWith('acme.platform.')).length,
  };
  for (const [what, count] of Object.entries(counts)) {
    test(`${what}: ${count}`, () => assert.ok(count >= 1));
  }

  test('the server expansion has duplicate members', () => {
    let twice = 0;
    for (const namespace of recording.namespaces) {
      const names =
        readExpanded(recording, namespace, 'k8s_ns_admins').body.roleMembers?.map((m) => m.memberName) ?? [];
      if (new Set(names).size < names.length) twice += 1;
    }
    assert.ok(twice >= 1);
  });

  test('the domain list and signed domains agree on disabled domains', () => {
    assert.deepEqual(disabled, ['acme.eks.search-core']);
    const signed = [...recording.domains.values()].filter((domain) => domain.enabled === false);
    assert.deepEqual(
      signed.map((domain) => domain.name),
      disabled,
    );
  });
});

/** Each test resolves the role `r` of the domain `d.ns`. */
describe('rules the recording does not cover', () => {
  const home: RecordedDomain = { name: 'org', groups: [{ name: 'org:group.g', groupMembers: [row('user.g')] }] };

  function row(memberName: string, more: Omit<RecordedMember, 'memberName'> = {}): RecordedMember {
    return { memberName, ...more };
  }

  function resolve(
    role: Omit<RecordedRole, 'name'>,
    others: RecordedDomain[] = [home],
    services: 'skip' | 'User' = 'skip',
  ) {
    const domains = [{ name: 'd.ns', roles: [{ name: 'd.ns:role.r', ...role }] }, ...others];
    const small: Recording = {
      dir: '',
      takenAt: at,
      domains: new Map(domains.map((domain) => [domain.name, domain])),
      list: [],
      namespaces: ['ns'],
    };
    return oracleSubjects(small, { at, domainOf: (namespace) => `d.${namespace}`, role: 'r', services }).get('ns');
  }

  /** The trusted domain `t` with one policy; its role `lent` has user.l and org:group.g. */
  function trustedDomain(assertion: { role?: string; resource?: string; action?: string; effect?: string }, more = {}) {
    const roles = [{ name: 't:role.lent', roleMembers: [row('user.l'), row('org:group.g')] }];
    const all = { role: 't:role.lent', resource: 'd.ns:role.r', action: 'assume_role', effect: 'ALLOW', ...assertion };
    return {
      name: 't',
      roles,
      policies: { contents: { policies: [{ name: 't:policy.p', assertions: [all] }] } },
      ...more,
    };
  }

  test('only effective memberships count, in roles and groups', () => {
    const soon = new Date(at.getTime() + 1).toISOString();
    const members = [
      row('user.ok', { systemDisabled: 0, approved: true, expiration: soon }),
      row('user.now', { expiration: at.toISOString() }),
      row('user.unreadable', { expiration: 'tomorrow' }),
      row('user.pending', { approved: false, active: false, pendingState: 'ADD' }),
      row('user.unapproved', { approved: false }),
      row('user.inactive', { active: false }),
      row('user.asked', { pendingState: 'ADD' }),
      row('user.suspended', { systemDisabled: 1 }),
    ];
    assert.deepEqual(resolve({ roleMembers: members }), ['user.ok']);
    const group = { name: 'org:group.g', groupMembers: [...members, row('org:group.g')] };
    assert.deepEqual(resolve({ roleMembers: [row('org:group.g')] }, [{ name: 'org', groups: [group] }]), ['user.ok']);
    for (const member of members.slice(1)) {
      assert.deepEqual(resolve({ roleMembers: [{ ...member, memberName: 'org:group.g' }] }), []);
    }
  });

  test('an expired membership does not override an effective one', () => {
    const expired = row('user.g', { expiration: '2020-01-01T00:00:00.000Z' });
    assert.deepEqual(resolve({ roleMembers: [expired, row('org:group.g')] }), ['user.g']);
  });

  test('wildcards, external names and missing groups resolve to nothing', () => {
    const names = [
      '*',
      'user.*',
      'user.al*',
      'd.*',
      'user',
      'user.',
      'd:ext.mail@x',
      'org:group.none',
      'no:group.g',
      '',
    ];
    assert.deepEqual(resolve({ roleMembers: names.map((name) => row(name)) }, [home], 'User'), []);
  });

  test('only direct children of the user domain are users, others are services', () => {
    const members = ['user.jane', 'user.jane.svc', 'home.jane.svc', 'd.svc'].map((name) => row(name));
    assert.deepEqual(resolve({ roleMembers: members }), ['user.jane']);
    assert.deepEqual(resolve({ roleMembers: members }, [], 'User'), [
      'd.svc',
      'home.jane.svc',
      'user.jane',
      'user.jane.svc',
    ]);
  });

  test('a disabled or absent group domain or trusted domain grants nothing', () => {
    assert.deepEqual(resolve({ roleMembers: [row('org:group.g')] }, [{ ...home, enabled: false }]), []);
    assert.deepEqual(resolve({ roleMembers: [row('org:group.g')] }, []), []);
    assert.deepEqual(resolve({ trust: 't' }, [home]), []);
    assert.deepEqual(resolve({ trust: 't' }, [home, trustedDomain({}, { enabled: false })]), []);
    assert.deepEqual(resolve({ trust: 't' }, [{ ...home, enabled: false }, trustedDomain({})]), ['user.l']);
  });

  test('only matching ALLOW assertions for assume_role delegate a role', () => {
    const delegates = (assertion: Parameters<typeof trustedDomain>[0]) => {
      const users = resolve({ trust: 't' }, [home, trustedDomain(assertion)]);
      if (users?.length !== 0) assert.deepEqual(users, ['user.g', 'user.l']);
      return users?.length !== 0;
    };
    for (const resource of ['d.ns:role.r', '*', 'd.*:role.r', 'd.ns:role.?', '*:role.*', 'd?ns:role.r']) {
      assert.ok(delegates({ resource }), resource);
    }
    for (const resource of [
      'd.ns:role',
      'ns:role.r',
      'd.ns:role.r2',
      'x.d.ns:role.r',
      'dxns:role.r',
      'd.ns:role.r?',
      '(d.ns:role.r',
    ]) {
      assert.ok(!delegates({ resource }), resource);
    }
    assert.ok(!delegates({ effect: 'DENY' }));
    assert.ok(!delegates({ action: '*' }));
    assert.ok(!delegates({ action: 'assume_aws_role' }));
    for (const role of ['t:role.*', 't:role.lent2', 'lent', 'x:role.lent']) assert.ok(!delegates({ role }), role);
  });

  test('a DENY does not override an ALLOW', () => {
    const { policies, ...rest } = trustedDomain({});
    const both = [trustedDomain({ effect: 'DENY' }), { policies }, trustedDomain({ effect: 'DENY' })];
    const contents = { policies: both.flatMap((domain) => domain.policies.contents.policies) };
    assert.deepEqual(resolve({ trust: 't' }, [home, { ...rest, policies: { contents } }]), ['user.g', 'user.l']);
  });

  test('an inactive policy version delegates nothing', () => {
    const policies = trustedDomain({}).policies.contents.policies.map((policy) => ({ ...policy, active: false }));
    assert.deepEqual(resolve({ trust: 't' }, [home, trustedDomain({}, { policies: { contents: { policies } } })]), []);
  });

  test('trust is followed one level only', () => {
    const lentOn = { roles: [{ name: 't:role.lent', trust: 'far' }] };
    const far = { ...trustedDomain({ role: 'far:role.x', resource: '*' }), name: 'far' };
    const farRole = { roles: [{ name: 'far:role.x', roleMembers: [row('user.far')] }] };
    assert.deepEqual(resolve({ trust: 't' }, [trustedDomain({}, lentOn), { ...far, ...farRole }]), []);
  });

  test('a policy delegates nothing if the role has no trust', () => {
    assert.deepEqual(resolve({}, [home, trustedDomain({})]), []);
  });
});
