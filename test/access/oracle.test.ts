import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readExpanded, serverExpansion } from '../support/expanded.ts';
import {
  oracleSubjects,
  type RecordedDomain,
  type RecordedMember,
  type RecordedRole,
  type Recording,
  readRecording,
} from '../support/oracle.ts';

const recording = readRecording(join(import.meta.dirname, '../data/acme'));
const at = recording.takenAt;
const roles = ['k8s_ns_admins', 'k8s_ns_viewers', 'oncall'];
const domainOf = (namespace: string) => `acme.eks.${namespace}`;

/** Ways to look at the same recording: each expiry in it, 2025-03-01 and 2027-06-30 noon, is passed. */
const instants = [
  '2025-02-28T23:59:59.999Z',
  '2025-03-01T00:00:00.000Z',
  at.toISOString(),
  '2027-06-30T11:59:59.999Z',
  '2027-06-30T12:00:00.000Z',
  '2027-06-30T12:00:00.001Z',
];

describe('the oracle against the server’s own expansion', () => {
  for (const instant of instants) {
    test(`every recorded role at ${instant}`, () => {
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

  test('oncall, which the server was not asked for, where a row does not count', () => {
    const oncall = oracleSubjects(recording, { at, domainOf, role: 'oncall', services: 'skip' });
    assert.deepEqual(oncall.get('ml-report'), ['user.dara_2', 'user.june_1'], 'user.dara is suspended');
    assert.deepEqual(oncall.get('mobile-ledger'), ['user.omar_3'], 'the other two have expired');
    assert.deepEqual(oncall.get('growth-chat'), [], 'no such role');
    assert.deepEqual(oncall.get('search-core'), [], 'a disabled domain');
    assert.deepEqual(oncall.get('ml-web-2'), ['user.eva_2', 'user.hana_5', 'user.pia_6']);
  });

  test('user.mallory is in the recording and nowhere in the answer', () => {
    const held = [...recording.domains.values()].filter((domain) => JSON.stringify(domain).includes('"user.mallory"'));
    assert.deepEqual(held.map((domain) => domain.name).sort(), [
      'acme.eks.payments-web.ml-api',
      'acme.eks2.identity-batch',
    ]);
    for (const role of roles) {
      for (const users of oracleSubjects(recording, { at, domainOf, role, services: 'User' }).values()) {
        assert.ok(!users.includes('user.mallory'));
      }
    }
  });

  test('services count when asked for, wherever a user would', () => {
    const question = { at, domainOf, role: 'k8s_ns_viewers' };
    const skipped = oracleSubjects(recording, { ...question, services: 'skip' });
    const counted = oracleSubjects(recording, { ...question, services: 'User' });
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

describe('the recording holds every special case', () => {
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
  const lends = (role: RecordedRole) => assumable.filter((assertion) => assertion.resource === role.name);
  const rowsOf = (name: string) => groups.get(name)?.groupMembers ?? [];
  const disabled = recording.list.filter((entry) => entry.enabled === false).map((entry) => entry.name);

  const counts: Record<string, number> = {
    'expired direct member': rows.filter(({ member }) => !isGroup(member) && expired(member)).length,
    'suspended direct member': rows.filter(({ member }) => member.systemDisabled).length,
    'later expiry': rows.filter(({ member }) => member.expiration && !expired(member)).length,
    'live group member': rows.filter(({ member }) => isGroup(member) && !expired(member)).length,
    'expired membership of a group in a role': rows.filter(({ member }) => isGroup(member) && expired(member)).length,
    'expired row in a group': [...groups.keys()].flatMap(rowsOf).filter(expired).length,
    'suspended row in a group': [...groups.keys()].flatMap(rowsOf).filter((row) => row.systemDisabled).length,
    'empty group in a role': rows.filter(({ member }) => isGroup(member) && rowsOf(member.memberName).length === 0)
      .length,
    'delegated role with a policy': delegated.filter((role) => lends(role).length > 0).length,
    'delegated role without a policy': delegated.filter((role) => lends(role).length === 0).length,
    'delegated role lent by two': delegated.filter((role) => lends(role).length > 1).length,
    'group in a trusted role': delegated.filter((role) =>
      lends(role).some(({ role: lent }) =>
        platform?.roles?.find(({ name }) => name === lent)?.roleMembers?.some((member) => rowsOf(member.memberName)[0]),
      ),
    ).length,
    'missing role': missing,
    'disabled domain with live members': disabled.filter((name) =>
      rows.some(({ domain, member }) => domain.name === name && !expired(member)),
    ).length,
    'wildcard member': rows.filter(({ member }) => member.memberName.includes('*')).length,
    'service member': rows.filter(({ member }) => member.memberName.startsWith('acme.platform.')).length,
  };
  for (const [what, count] of Object.entries(counts)) {
    test(`${what}: ${count}`, () => assert.ok(count >= 1));
  }

  test('a user both directly and through a group is in the answer once, and in the server’s twice', () => {
    let twice = 0;
    for (const namespace of recording.namespaces) {
      const names =
        readExpanded(recording, namespace, 'k8s_ns_admins').body.roleMembers?.map((m) => m.memberName) ?? [];
      if (new Set(names).size < names.length) twice += 1;
    }
    assert.ok(twice >= 1);
  });

  test('the list and the signed domains agree on what is disabled', () => {
    assert.deepEqual(disabled, ['acme.eks.search-core']);
    const signed = [...recording.domains.values()].filter((domain) => domain.enabled === false);
    assert.deepEqual(
      signed.map((domain) => domain.name),
      disabled,
    );
  });
});

/** Rules that no company's recording happens to exercise: one domain `d.ns`, one role, and what it gives. */
describe('rules the recording does not hold', () => {
  const home: RecordedDomain = { name: 'org', groups: [{ name: 'org:group.g', groupMembers: [row('user.g')] }] };

  function row(memberName: string, more: Omit<RecordedMember, 'memberName'> = {}): RecordedMember {
    return { memberName, ...more };
  }

  function ask(
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

  /** The trusted domain `t`, whose role `lent` holds user.l and org:group.g, with one policy. */
  function lender(assertion: { role?: string; resource?: string; action?: string; effect?: string }, more = {}) {
    const roles = [{ name: 't:role.lent', roleMembers: [row('user.l'), row('org:group.g')] }];
    const all = { role: 't:role.lent', resource: 'd.ns:role.r', action: 'assume_role', effect: 'ALLOW', ...assertion };
    return {
      name: 't',
      roles,
      policies: { contents: { policies: [{ name: 't:policy.p', assertions: [all] }] } },
      ...more,
    };
  }

  test('only effective rows, at both levels', () => {
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
    assert.deepEqual(ask({ roleMembers: members }), ['user.ok']);
    const group = { name: 'org:group.g', groupMembers: [...members, row('org:group.g')] };
    assert.deepEqual(ask({ roleMembers: [row('org:group.g')] }, [{ name: 'org', groups: [group] }]), ['user.ok']);
    for (const member of members.slice(1)) {
      assert.deepEqual(ask({ roleMembers: [{ ...member, memberName: 'org:group.g' }] }), []);
    }
  });

  test('a membership that counts is not undone by another that does not', () => {
    const gone = row('user.g', { expiration: '2020-01-01T00:00:00.000Z' });
    assert.deepEqual(ask({ roleMembers: [gone, row('org:group.g')] }), ['user.g']);
  });

  test('names that are nobody', () => {
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
    assert.deepEqual(ask({ roleMembers: names.map((name) => row(name)) }, [home], 'User'), []);
  });

  test('a user has one label; more is a service', () => {
    const members = ['user.jane', 'user.jane.svc', 'home.jane.svc', 'd.svc'].map((name) => row(name));
    assert.deepEqual(ask({ roleMembers: members }), ['user.jane']);
    assert.deepEqual(ask({ roleMembers: members }, [], 'User'), [
      'd.svc',
      'home.jane.svc',
      'user.jane',
      'user.jane.svc',
    ]);
  });

  test('a disabled or absent domain as the home of a group, or as the trusted domain', () => {
    assert.deepEqual(ask({ roleMembers: [row('org:group.g')] }, [{ ...home, enabled: false }]), []);
    assert.deepEqual(ask({ roleMembers: [row('org:group.g')] }, []), []);
    assert.deepEqual(ask({ trust: 't' }, [home]), []);
    assert.deepEqual(ask({ trust: 't' }, [home, lender({}, { enabled: false })]), []);
    assert.deepEqual(ask({ trust: 't' }, [{ ...home, enabled: false }, lender({})]), ['user.l']);
  });

  test('which assertions lend a role', () => {
    const lends = (assertion: Parameters<typeof lender>[0]) =>
      ask({ trust: 't' }, [home, lender(assertion)])?.length === 2;
    for (const resource of ['d.ns:role.r', '*', 'd.*:role.r', 'd.ns:role.?', '*:role.*', 'd?ns:role.r']) {
      assert.ok(lends({ resource }), resource);
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
      assert.ok(!lends({ resource }), resource);
    }
    assert.ok(!lends({ effect: 'DENY' }));
    assert.ok(!lends({ action: '*' }));
    assert.ok(!lends({ action: 'assume_aws_role' }));
    for (const role of ['t:role.*', 't:role.lent2', 'lent', 'x:role.lent']) assert.ok(!lends({ role }), role);
  });

  test('a DENY takes nothing away from an ALLOW beside it', () => {
    const { policies, ...rest } = lender({});
    const both = [lender({ effect: 'DENY' }), { policies }, lender({ effect: 'DENY' })];
    const contents = { policies: both.flatMap((domain) => domain.policies.contents.policies) };
    assert.deepEqual(ask({ trust: 't' }, [home, { ...rest, policies: { contents } }]), ['user.g', 'user.l']);
  });

  test('a policy version that is not in force lends nothing', () => {
    const policies = lender({}).policies.contents.policies.map((policy) => ({ ...policy, active: false }));
    assert.deepEqual(ask({ trust: 't' }, [home, lender({}, { policies: { contents: { policies } } })]), []);
  });

  test('trust is followed one level', () => {
    const lentOn = { roles: [{ name: 't:role.lent', trust: 'far' }] };
    const far = { ...lender({ role: 'far:role.x', resource: '*' }), name: 'far' };
    const farRole = { roles: [{ name: 'far:role.x', roleMembers: [row('user.far')] }] };
    assert.deepEqual(ask({ trust: 't' }, [lender({}, lentOn), { ...far, ...farRole }]), []);
  });

  test('without trust a policy lends nothing', () => {
    assert.deepEqual(ask({}, [home, lender({})]), []);
  });
});
