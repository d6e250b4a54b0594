import { isDeepStrictEqual } from 'node:util';
import type { ProvisionResult } from '../../src/provision/result.ts';
import type { Fault } from '../../src/sandbox/fault.ts';
import type { SandboxState } from '../../src/sandbox/state.ts';
import { hasten, unhasten } from './faults.ts';
import { nameOf, openProvisionFixture, type ProvisionFixture } from './provision-fixture.ts';
import { partsOf, provision, provisionState } from './provision-state.ts';
import type { Ran } from './run.ts';
import { fakeClock } from './zms.ts';

/** A fixture in which provisioning has something of everything to do, and in which requests go wrong. */
export interface ProvisionFaultFixture extends ProvisionFixture {
  /** What there is in the beginning, and once all is done. */
  readonly before: SandboxState;
  readonly after: SandboxState;
  /** The calls of a run without faults, each once: `PUT /domain/acme.eks.kept/role/k8s_ns_viewers`. */
  readonly calls: readonly string[];
  /** Whether all is done. */
  isComplete(): boolean;
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

export async function openProvisionFaults(): Promise<ProvisionFaultFixture> {
  const fixture = await openProvisionFixture({
    namespaces: ['fresh', 'kept', 'whole'],
    provision,
    state: provisionState,
  });
  const { sandbox } = fixture;
  const before = sandbox.state();
  const clock = fakeClock();
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
    if (slow) await fixture.editConfig(hasten);
    const ran = await fixture.run(['provision', '--apply', '--update', '--json', ...args], { clock });
    if (slow) await fixture.editConfig(unhasten);
    return { ...ran, result: ran.out === '' ? undefined : (JSON.parse(ran.out) as ProvisionResult) };
  };
  fixture.asked();
  const { code, err } = await apply();
  if (code !== 0) throw new Error(err);
  const calls = [...new Set(fixture.asked())];
  const after = sandbox.state();
  return {
    ...fixture,
    before,
    after,
    calls,
    isComplete: () => isDeepStrictEqual(sortedParts(sandbox.state()), sortedParts(after)),
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
      fixture.asked();
    },
  };
}

function sortedParts(state: SandboxState): readonly (readonly [string, string])[] {
  return [...partsOf(state)].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Whether a call writes the whole of a role, group or policy that is there. */
function isThere({ domains }: SandboxState, call: string): boolean {
  const [, name = '', kind, short = ''] = /^PUT \/domain\/([^/]+)\/(role|group|policy)\/([^/]+)$/.exec(call) ?? [];
  const domain = domains[name];
  if (domain === undefined || kind === undefined) return false;
  const parts = { role: domain.roles, group: domain.groups, policy: domain.policies ?? {} };
  return short in parts[kind as keyof typeof parts];
}
