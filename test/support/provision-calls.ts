import type { ErrorCode } from '../../src/model/error.ts';
import type { Fault } from '../../src/sandbox/fault.ts';
import { answer, documentFaults, faults, type NamedFault, zmsError } from './faults.ts';

/** What can go wrong with a call of provisioning, with how that is told. */
export interface CallFault extends NamedFault {
  /** What it may be told as. */
  readonly codes: readonly ErrorCode[];
}

const passingWrites: readonly ErrorCode[] = ['ZMS_UNREACHABLE', 'ZMS_TIMEOUT', 'ZMS_UNAVAILABLE', 'ZMS_BAD_RESPONSE'];

/** Everything at all; a write goes wrong before it is carried out, and after it. */
export function callFaults(call: string): readonly CallFault[] {
  // Others are slow to wait for, and end as `hang` does.
  const all = (call.endsWith('/signed') ? documentFaults : faults).filter(
    ({ fault }) => fault.kind !== 'stall' && fault.kind !== 'drip',
  );
  const polled = call.endsWith('/signed') || call === 'GET /sys/modified_domains';
  const write = !call.startsWith('GET ');
  const conflict: NamedFault = {
    name: '409',
    fault: zmsError(409, 'Invalid resource owner'),
    code: write ? 'ZMS_OWNED' : 'ZMS_BAD_RESPONSE',
    passing: !write,
  };
  const strange: NamedFault = {
    name: 'something else with 200',
    fault: answer(200, '{"name":"acme.eks:role.other","modified":"2026-01-01T00:00:00.000Z"}'),
    code: 'ZMS_BAD_RESPONSE',
    passing: true,
  };
  return [...all, conflict, strange].flatMap((it): readonly CallFault[] => {
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
