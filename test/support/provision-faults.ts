import { readFile } from 'node:fs/promises';
import type { ErrorCode } from '../../src/model/error.ts';
import type { ProvisionResult, StepResult } from '../../src/model/provision.ts';
import { mark } from '../../src/model/provision.ts';
import type { Fault } from '../../src/sandbox/fault.ts';
import type { SandboxState, StateInput } from '../../src/sandbox/state.ts';
import { faults, type NamedFault, zmsError } from './faults.ts';
import { allowed, nameOf, openProvisionStage, type ProvisionStage } from './provision-stage.ts';
import type { Ran } from './run.ts';
import { fakeClock } from './zms.ts';

export const service = 'acme.platform.gitops';
export const kept = 'acme.eks.kept';
export const fresh = 'acme.eks.fresh';
export const whole = 'acme.eks.whole';
export const platform = 'acme.platform';

const ours = { [mark.key]: [mark.value] };

/** One domain lacks a role, one is missing, one has everything; people have been at work in those that are there. */
export const scene: StateInput = {
  domains: {
    ...allowed.domains,
    [platform]: {
      roles: { admin: [service, 'user.chen'], sre: ['user.chen', 'user.dan'] },
      assumes: [kept, whole].map((domain) => ({ role: 'sre', resource: `${domain}:role.oncall` })),
    },
    [kept]: {
      description: 'Ours by hand',
      tags: { ...ours, team: ['a', 'b'] },
      roles: {
        admin: [service, 'user.lead', 'user.own'],
        k8s_ns_admins: {
          members: ['user.ada', { name: 'user.bob', expires: '2099-01-01T00:00:00.000Z' }],
          tags: { ...ours, ticket: ['1'] },
          selfServe: true,
        },
        oncall: { trust: platform },
        by_hand: ['user.eve'],
      },
      groups: { crew: ['user.kim', 'user.own'] },
    },
    [whole]: {
      org: 'shop',
      roles: {
        admin: [service, 'user.lead'],
        k8s_ns_admins: ['user.fay'],
        k8s_ns_viewers: { trust: 'acme.eks' },
        oncall: { members: ['user.gus'], memberExpiryDays: 30, reviewEnabled: true },
      },
      groups: { crew: ['user.hal'] },
    },
  },
};

const provision = `
  adminUsers: [user.lead, ${service}]
  org: shop
  groups: {crew: {members: [user.kim]}}
  roles:
    k8s_ns_admins: {description: May do all, members: [user.ida]}
    k8s_ns_viewers: {members: [user.jon, user.kim]}
    oncall: {trust: {domain: ${platform}, role: sre, policy: true}}`;

/** A scene in which provisioning has something of everything to do, and in which requests go wrong. */
export interface ProvisionFaultStage extends ProvisionStage {
  /** What there is in the beginning, and once all is done. */
  readonly before: SandboxState;
  readonly after: SandboxState;
  /** The calls of a run without faults, each once: `PUT /domain/acme.eks.kept/role/k8s_ns_viewers`. */
  readonly calls: readonly string[];
  /** Everything as in the beginning, and nothing goes wrong. */
  restore(): void;
  /** Lets a call go wrong, always or the first few times. */
  fail(call: string, fault: Fault, times?: number): void;
  /** Told of each request before it is answered. */
  watch(look: (call: string) => void): void;
  /** Nothing goes wrong any more. */
  heal(): void;
  /** Applies, whatever comes of it; without waiting, and with a short wait where a fault is waited for. */
  apply(...args: readonly string[]): Promise<Applied>;
  /** Whole writes since `restore` of what was there already, which would replace what is in it. */
  readonly overwritten: readonly string[];
}

export interface Applied extends Ran {
  /** Not set where there was none. */
  readonly result: ProvisionResult | undefined;
}

export async function openProvisionFaults(): Promise<ProvisionFaultStage> {
  const stage = await openProvisionStage({ namespaces: ['fresh', 'kept', 'whole'], provision, state: scene });
  const { sandbox } = stage;
  const before = sandbox.state();
  const clock = fakeClock();
  const config = await readFile(stage.paths.config, 'utf8');
  await stage.write({ 'hasty.yaml': config.replace('athenz:\n', 'athenz:\n  requestTimeout: 500ms\n') });
  const wrong = new Map<string, { readonly fault: Fault; left: number }>();
  const overwritten: string[] = [];
  let watcher: (call: string) => void = () => {};
  sandbox.intercept((request) => {
    const call = nameOf(request);
    watcher(call);
    if (isThere(sandbox.state(), call)) overwritten.push(call);
    const found = wrong.get(call);
    if (found === undefined || found.left <= 0) return undefined;
    found.left--;
    // As long as all tries may take: waiting for each of them would show nothing more.
    if (found.left === Number.POSITIVE_INFINITY && found.fault.kind === 'hang') clock.advance(30_000);
    return found.fault;
  });
  const apply = async (...args: readonly string[]): Promise<Applied> => {
    const slow = [...wrong.values()].some(({ fault }) => fault.kind === 'hang');
    const flags = slow ? ['--config', 'hasty.yaml', ...args] : args;
    const ran = await stage.run(['provision', '--apply', '--update', '--json', ...flags], { clock });
    return { ...ran, result: ran.out === '' ? undefined : (JSON.parse(ran.out) as ProvisionResult) };
  };
  stage.asked();
  const { code, err } = await apply();
  if (code !== 0) throw new Error(err);
  const calls = [...new Set(stage.asked())];
  return {
    ...stage,
    before,
    after: sandbox.state(),
    calls,
    overwritten,
    apply,
    fail: (call, fault, times = Number.POSITIVE_INFINITY) => wrong.set(call, { fault, left: times }),
    watch: (look) => {
      watcher = look;
    },
    heal() {
      wrong.clear();
      watcher = () => {};
    },
    restore() {
      wrong.clear();
      watcher = () => {};
      sandbox.update(() => before);
      overwritten.length = 0;
      stage.asked();
    },
  };
}

/** Whether a call writes the whole of a role, group or policy that is there. */
function isThere({ domains }: SandboxState, call: string): boolean {
  const [, name = '', kind, short = ''] = /^PUT \/domain\/([^/]+)\/(role|group|policy)\/([^/]+)$/.exec(call) ?? [];
  const domain = domains[name];
  if (domain === undefined || kind === undefined) return false;
  const parts = { role: domain.roles, group: domain.groups, policy: domain.policies ?? {} };
  return short in parts[kind as keyof typeof parts];
}

/** What did not come to a good end, with why. */
export function failuresIn({ steps, plan }: ProvisionResult): readonly Pick<StepResult, 'domain' | 'outcome'>[] {
  const refused = plan.problems.map(({ domain = '', problem }) => ({
    domain,
    outcome: { kind: 'failed', problem } as const,
  }));
  return [...refused, ...steps.filter(({ outcome }) => 'problem' in outcome)];
}

/** What is in a state, one line for each part of each domain. */
export function partsOf({ domains }: SandboxState): ReadonlyMap<string, string> {
  const parts = Object.entries(domains).flatMap(([name, { roles, groups, policies, ...rest }]) => [
    [name, spelled(rest)] as const,
    ...Object.entries({ roles, groups, policies: policies ?? {} }).flatMap(([kind, all]) =>
      Object.entries(all).map(([short, part]) => [`${name} ${kind} ${short}`, spelled(part)] as const),
    ),
  ]);
  return new Map(parts);
}

/** The same text for the same content: the order of members says nothing, nor does the order of keys. */
function spelled(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (Array.isArray(inner)) return inner.map((it) => JSON.stringify(it)).sort();
    if (typeof inner !== 'object' || inner === null) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** What can go wrong with a call of provisioning, with how that is told. */
export interface CallFault extends NamedFault {
  /** What it may be told as. */
  readonly codes: readonly ErrorCode[];
}

const passingWrites: readonly ErrorCode[] = ['ZMS_UNREACHABLE', 'ZMS_TIMEOUT', 'ZMS_UNAVAILABLE', 'ZMS_BAD_RESPONSE'];

/** Everything at all; a write goes wrong before it is carried out, and after it. */
export function callFaults(call: string): readonly CallFault[] {
  // Others are slow to wait for, and end as `hang` does.
  const all = faults.filter(({ fault }) => fault.kind !== 'stall' && fault.kind !== 'drip');
  const polled = call.endsWith('/signed') || call === 'GET /sys/modified_domains';
  const write = !call.startsWith('GET ');
  const conflict: NamedFault = {
    name: '409',
    fault: zmsError(409, 'Invalid resource owner'),
    code: write ? 'ZMS_OWNED' : 'ZMS_BAD_RESPONSE',
    passing: !write,
  };
  return [...all, conflict].flatMap((it): readonly CallFault[] => {
    // Half of an answer that has no body is all of it; half of an error is one that proves nothing, and stays one.
    const cut = it.fault.kind === 'truncate' || it.fault.kind === 'reset-mid-body';
    const passes = passingWrites.includes(it.code) && (write || it.fault.kind !== 'truncate');
    const aliases = cut ? (['ZMS_NOT_FOUND', 'ZMS_REFUSED'] as const) : [];
    const known: CallFault = { ...it, passing: it.passing && (polled || passes), codes: [it.code, ...aliases] };
    if (!write || !('carriedOut' in lost(it.fault))) return [known];
    return [known, { ...known, name: `${it.name}, carried out`, fault: lost(it.fault) }];
  });
}

function lost(fault: Fault): Fault {
  const { kind } = fault;
  return kind === 'status' || kind === 'hang' || kind === 'reset' ? { ...fault, carriedOut: true } : fault;
}
