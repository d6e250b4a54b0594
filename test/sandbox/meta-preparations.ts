import type { Domains, Step } from './exchange.ts';
import type { Preparation } from './preparations.ts';

type Domain = NonNullable<Domains[string]>;
type Roles = NonNullable<Domain['roles']>;

/** The recorded domain, which has no organization. */
function recsA(roles: Roles = {}, more: Domain = {}): Domains {
  return { 'recs.a': { org: '', roles: { admin: ['user.athenz_admin'], ...roles }, ...more } };
}

/** The domain at a time, and then the recorded writes. */
function before(time: string, domains: Domains, ...writes: readonly string[]): Preparation {
  const earlier: Domains = { 'recs.a': { org: '', enabled: false } };
  return {
    steps: [['2026-11-27T06:25:00.000Z', earlier], ['2026-11-27T06:25:10.000Z', domains], ...at(time, ...writes)],
  };
}

function at(time: string, ...writes: readonly string[]): readonly Step[] {
  return writes.map((write) => [time, write]);
}

const later = '2026-11-27T06:25:30.000Z';
const flagged = { selfServe: true, reviewEnabled: true, deleteProtection: true, description: 'hand', members: [] };
const viewers: Roles = { viewers: { ...flagged, memberExpiryDays: 30, tags: { team: ['x'] } } };
const flagOn: Domain = {
  description: 'hand',
  memberPurgeExpiryDays: 90,
  autoDeleteTenantAssumeRoleAssertions: true,
};
const afterMeta: Roles = { viewers: { ...flagged, memberExpiryDays: 6, tags: { team: ['y'] } } };

/** For each recording of a write of settings, and of what could be read after it. */
export const metaPreparations: Readonly<Record<string, Preparation>> = {
  'meta/role-flags-before': { steps: [['2026-11-27T06:25:34.539Z', recsA(viewers)]] },
  'meta/role-put-meta-expiry-only': before(later, recsA(viewers)),
  'meta/role-flags-after': before('2026-11-27T06:25:34.620Z', recsA(viewers), 'meta/role-put-meta-expiry-only'),
  'meta/role-put-meta-with-flags': before(later, recsA(viewers)),
  'meta/role-flags-kept': before('2026-11-27T06:25:21.259Z', recsA(viewers), 'meta/role-put-meta-with-flags'),
  'meta/role-put-meta-tags': before(later, recsA(viewers)),
  'meta/role-flags-after-tags': before(
    '2026-11-27T06:25:21.464Z',
    recsA(viewers),
    'meta/role-put-meta-with-flags',
    'meta/role-put-meta-tags',
  ),
  'meta/role-put-tag-bad-value': before(later, recsA(viewers)),
  'meta/role-put-tag-quota': before(later, recsA(viewers)),
  'meta/role-put-unknown-member-domain': before(later, recsA(viewers)),
  'meta/role-race-0': before(later, recsA()),
  'meta/role-race-1': before(later, recsA(), 'meta/role-race-0'),
  'meta/role-race-3': before(later, recsA(), 'meta/role-race-0'),
  'meta/group-put': before(later, recsA()),
  'meta/group-put-meta-expiry-only': before('2026-11-27T06:25:23.400Z', recsA(), 'meta/group-put'),
  'meta/group-flags-after': before(
    '2026-11-27T06:25:23.543Z',
    recsA(),
    'meta/group-put',
    'meta/group-put-meta-expiry-only',
  ),
  'meta/domain-before': { steps: [['2026-11-27T06:25:21.485Z', recsA()]] },
  'meta/domain-flag-on': { steps: [['2026-11-27T06:25:22.037Z', recsA({}, flagOn)]] },
  'meta/domain-put-meta-tags-only': before(later, recsA({}, flagOn)),
  'meta/domain-after': before('2026-11-27T06:25:22.221Z', recsA({}, flagOn), 'meta/domain-put-meta-tags-only'),
  'meta/domain-signed': before('2026-11-27T06:25:22.221Z', recsA(afterMeta, flagOn), 'meta/domain-put-meta-tags-only'),
};
