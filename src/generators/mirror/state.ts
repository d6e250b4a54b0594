import type { CurrentFile, Differing } from '../../core/decision.ts';
import { type Held, parseMirror } from './parse.ts';

type Parsed = CurrentFile<Held>['parsed'];

/** What is in git of a unit. */
export interface State {
  readonly source?: string;
  readonly from: string;
  readonly is?: string;
  readonly slices: number;
  readonly ports: string;
  readonly addresses: ReadonlySet<string>;
}

/** Every file of the unit that is there: those that differ, and those that are as desired. */
export function textsOf({ current, desired, same }: Differing<Held, unknown>): readonly Parsed[] {
  const asDesired = (desired?.files ?? []).flatMap(({ path, rendered }) =>
    same.has(path) && rendered !== undefined ? [parseMirror(Buffer.from(rendered.text))] : [],
  );
  return [...current.map(({ parsed }) => parsed), ...asDesired];
}

export function isSlice(parsed: Parsed): boolean {
  return parsed.kind === 'rendered' && parsed.state.kind === 'slice';
}

/** What some files hold; undefined where none of them is about a Service. */
export function stateIn(files: readonly Parsed[]): State | undefined {
  const states = files.flatMap((it) => (it.kind === 'rendered' ? [it.state] : []));
  const slices = states.filter((it) => it.kind === 'slice');
  const head = states.find((it) => it.kind === 'head');
  const { source, from } = head ?? slices[0] ?? {};
  if (from === undefined) return undefined;
  return {
    ...(source === undefined ? {} : { source }),
    from,
    ...(head === undefined ? {} : { is: head.is }),
    slices: slices.length,
    ports: [...new Set(slices.map(({ ports }) => ports))].sort().join(' or '),
    addresses: new Set(slices.flatMap((it) => it.addresses)),
  };
}
